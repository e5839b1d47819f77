// `pesan backup`: the files of an embedded log and its read models, copied while they are in use.
#include <filesystem>
#include <memory>
#include <system_error>

#include <fmt/format.h>

#include "adapters/cli/commands.hpp"
#include "adapters/cli/exit_code.hpp"
#include "adapters/cli/place_options.hpp"
#include "adapters/runtime/installation.hpp"
#include "adapters/runtime/same_timeline.hpp"

namespace pesan::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  runtime::Places places;
  std::string folder;
};

std::unexpected<Failure> asked_wrongly(std::string what) {
  return fail(FailureKind::usage, std::move(what));
}

/// Empty, or not there yet: a backup is never mixed with another one.
Fallible<void> make_folder(const std::string& folder) {
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_empty(folder, error)) {
    return asked_wrongly(
        fmt::format("{} holds something: name an empty folder, or one that is not "
                    "there yet",
                    folder));
  }
  fs::create_directories(folder, error);
  if (!error) return {};
  return fail(FailureKind::fatal, fmt::format("cannot make {}: {}", folder, error.message()));
}

void say(const std::string& file) {
  std::error_code ignored;
  fmt::print("{}: {} bytes\n", file, fs::file_size(file, ignored));
}

Fallible<void> back_up(const Options& options) {
  const auto installation = runtime::Installation::at(options.places);
  if (!installation) return std::unexpected(installation.error());
  if (!installation->has_embedded_log()) {
    return asked_wrongly(
        "pesan backup copies files: a log on Kafka is kept by its brokers' "
        "replication, and its rows can be made anew from it (`pesan rebuild`)");
  }
  if (auto made = make_folder(options.folder); !made) return made;
  const std::string log_copy = fs::path(options.folder) / "log.db";
  const std::string rows_copy = fs::path(options.folder) / "read.db";

  // Rows first: whatever stands in them stands in the log by then. The other way round they could
  // be ahead of it, and would be refused.
  bool has_rows = false;
  if (installation->has_server_store()) {
    fmt::print(stderr,
               "the rows in {} are not copied: CreateDatabaseBackup does that there, before "
               "this\n",
               options.places.store);
  } else {
    const auto there = installation->has_store_file();
    if (!there) return std::unexpected(there.error());
    has_rows = *there;
    if (!has_rows) fmt::print(stderr, "there are no rows at {}\n", installation->store_file());
    if (has_rows) {
      if (auto copied = installation->copy_store_file(rows_copy); !copied) return copied;
      say(rows_copy);
    }
  }
  if (auto copied = installation->copy_log_file(log_copy); !copied) return copied;
  say(log_copy);
  if (!has_rows) return {};
  // Of the copies, as they will be put back.
  const auto copies =
      runtime::Installation::at({.log = "sqlite:" + log_copy, .store = "sqlite:" + rows_copy});
  return copies ? runtime::check_same_timeline(*copies) : std::unexpected(copies.error());
}

/// What is no whole backup is not left where one is looked for.
int answer(const Fallible<void>& done_or_not, const Options& options) {
  if (done_or_not) return done;
  std::error_code ignored;
  if (done_or_not.error().kind != FailureKind::usage) {
    for (const char* file : {"log.db", "read.db"}) {
      fs::remove(fs::path(options.folder) / file, ignored);
    }
  }
  return report(done_or_not.error());
}

}  // namespace

void add_backup(Program program) {
  auto options = std::make_shared<Options>();
  auto& command = *program.app.add_subcommand(
      "backup",
      "Copy an embedded log and its read models into a folder of their own, while they are in use: "
      "read.db, then log.db, each as it is at one moment, compared with each other.");
  command.add_option("FOLDER", options->folder, "Where to: empty, or not there yet")->required();
  add_log_option(command, options->places);
  add_store_option(command, options->places);
  command.footer(
      "Example:\n"
      "  pesan backup backups/monday\n"
      "To put it back, stop what runs, remove log.db, read.db and every log.db-*, read.db-* "
      "beside\n"
      "them, copy both files there, and run `pesan verify`.\n"
      "Exit codes: 0 copied, 2 wrong usage, 3 a file that cannot be copied, or rows of another "
      "log.");
  command.callback([program, options] {
    program.run = [options] { return answer(back_up(*options), *options); };
  });
}

}  // namespace pesan::cli
