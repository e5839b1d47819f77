// `pesan migrate`: brings the store's schema to this program's version, and says what it did.
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "adapters/cli/commands.hpp"
#include "adapters/cli/exit_code.hpp"
#include "adapters/cli/places.hpp"
#include "adapters/sqlite/read_model_schema.hpp"

namespace pesan::cli {
namespace {

/// Nothing where there is no read model yet.
Fallible<std::optional<std::int32_t>> version_of(const std::string& path) {
  const auto there = SqliteReadModel::exists(path);
  if (!there) return std::unexpected(there.error());
  if (!*there) return std::nullopt;
  auto file = sqlite::Database::open({.path = path, .access = sqlite::Access::read});
  if (!file) return std::unexpected(file.error());
  const auto identity = sqlite::identify(*file, sqlite::read_model_file);
  if (!identity) return std::unexpected(identity.error());
  return identity->version;
}

Fallible<void> migrate(const Places& places) {
  const auto path = sqlite_path(places.store);
  if (!path) return std::unexpected(path.error());
  const auto before = version_of(*path);
  if (!before) return std::unexpected(before.error());
  // Opening to write does it, in one transaction.
  if (const auto store = open_store(places); !store) return std::unexpected(store.error());
  const auto after = version_of(*path);
  if (!after) return std::unexpected(after.error());
  const std::int32_t now = after->value_or(0);
  if (!*before) {
    fmt::print("{}: made, schema version {}\n", places.store, now);
  } else if (**before != now) {
    fmt::print("{}: schema version {} brought to {}\n", places.store, **before, now);
  } else {
    fmt::print("{}: schema version {}, which is this program's; nothing to do\n", places.store,
               now);
  }
  return {};
}

}  // namespace

void add_migrate(Program program) {
  auto places = std::make_shared<Places>();
  auto& command = *program.app.add_subcommand(
      "migrate",
      "Bring the store's schema to this program's version; make it where there is none. Projectors "
      "do the same when they start.");
  add_store_option(command, *places);
  command.footer(
      "Example:\n"
      "  pesan migrate --store sqlite:D/read.db\n"
      "Exit codes: 0 done or nothing to do, 2 wrong usage, 3 a file that is not a read model, is "
      "newer\nthan this program, or cannot be written.");
  command.callback([program, places] {
    program.run = [places] {
      const auto migrated = migrate(*places);
      return migrated ? done : report(migrated.error());
    };
  });
}

}  // namespace pesan::cli
