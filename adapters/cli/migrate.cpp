// `pesan migrate`: brings the store's schema to this program's version, and says what it did.
#include <memory>

#include <fmt/format.h>

#include "adapters/cli/commands.hpp"
#include "adapters/cli/exit_code.hpp"
#include "adapters/cli/place_options.hpp"
#include "adapters/runtime/installation.hpp"

namespace pesan::cli {
namespace {

Fallible<void> migrate(const runtime::Places& places) {
  const auto installation = runtime::Installation::at(places);
  if (!installation) return std::unexpected(installation.error());
  const auto done = installation->migrate_store();
  if (!done) return std::unexpected(done.error());
  if (!done->before) {
    fmt::print("{}: made, schema version {}\n", places.store, done->now);
  } else if (*done->before != done->now) {
    fmt::print("{}: schema version {} brought to {}\n", places.store, *done->before, done->now);
  } else {
    fmt::print("{}: schema version {}, which is this program's; {}\n", places.store, done->now,
               done->said.empty() ? "nothing to do" : "mended:");
  }
  for (const std::string& sentence : done->said) fmt::print("  {}\n", sentence);
  return {};
}

}  // namespace

void add_migrate(Program program) {
  auto places = std::make_shared<runtime::Places>();
  auto& command = *program.app.add_subcommand(
      "migrate",
      "Bring the store's schema to this program's version; make it where there is none. With files "
      "projectors do the same when they start; on a server only this does, as it needs more rights "
      "than they should have, and it looks at what is there: tables, views and routines that are "
      "missing or were changed are made again, or named.");
  add_store_option(command, *places);
  command.footer(
      "Examples:\n"
      "  pesan migrate --store sqlite:D/read.db\n"
      "  pesan migrate --store mysql://migrator@db.example:3306/pesan\n"
      "Exit codes: 0 done or nothing to do, 2 wrong usage, 3 a store that is not a read model, is "
      "newer\nthan this program, or cannot be reached or written.");
  command.callback([program, places] {
    program.run = [places] {
      const auto migrated = migrate(*places);
      return migrated ? done : report(migrated.error());
    };
  });
}

}  // namespace pesan::cli
