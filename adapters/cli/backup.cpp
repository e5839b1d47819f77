// `pesan backup`: the files of an embedded log and its read models, copied while they are in use.
#include "adapters/sqlite/backup.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "adapters/cli/commands.hpp"
#include "adapters/cli/exit_code.hpp"
#include "adapters/runtime/places.hpp"
#include "adapters/runtime/stores.hpp"
#include "adapters/sqlite/log_format.hpp"
#include "adapters/sqlite/read_model_schema.hpp"
#include "adapters/sqlite/sqlite_log.hpp"
#include "adapters/sqlite/sqlite_read_model.hpp"
#include "events/digest.hpp"

namespace pesan::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  Places places;
  std::string folder;
};

std::unexpected<Failure> asked_wrongly(std::string what) {
  return fail(FailureKind::poison, std::move(what));
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

/// The rows of a backup are the fold of a prefix of its log, or this says why not.
Fallible<void> compare(LogReader& log, const std::string& log_id, const Checkpoint& rows) {
  const auto refuse = [&](std::string_view why) {
    return fail(
        FailureKind::fatal,
        fmt::format("the rows of {}-{} are not of this log: {}. Look at --log and --store, or "
                    "make them anew (`pesan rebuild`); then back up again",
                    name_of(rows.topic), rows.partition.value, why));
  };
  if (rows.log_id != log_id) return refuse(fmt::format("they are of log {}", rows.log_id));
  if (rows.next_offset <= Offset{}) return {};
  const TopicPartition place{rows.topic, rows.partition};
  const auto range = log.range(place);
  if (!range) return std::unexpected(range.error());
  if (rows.next_offset > range->end) return refuse("they are ahead of it");
  std::vector<Record> records;
  const Offset last{rows.next_offset.value - 1};
  auto read = log.read(place, last, {.records = 1, .bytes = 1, .wait = {}}, records);
  if (!read) return read;
  if (records.empty() || records.front().offset != last ||
      digest_of(records.front().payload.value) != rows.last_digest) {
    return refuse("it has another record where they end");
  }
  return {};
}

/// Of the copies, as they will be put back.
Fallible<void> compare_copies(const std::string& log_file, const std::string& rows_file) {
  const auto log = SqliteLog::open({.path = log_file, .read_only = true, .no_trace = true});
  if (!log) return std::unexpected(log.error());
  auto rows = SqliteReadModel::open({.path = rows_file, .access = ReadModelOptions::Access::read});
  if (!rows) return std::unexpected(rows.error());
  auto snapshot = (*rows)->snapshot();
  if (!snapshot) return std::unexpected(snapshot.error());
  const auto checkpoints = (*snapshot)->checkpoints();
  if (!checkpoints) return std::unexpected(checkpoints.error());
  for (const Checkpoint& checkpoint : *checkpoints) {
    if (auto same = compare(**log, (*log)->info().log_id, checkpoint); !same) return same;
  }
  return {};
}

void say(const std::string& file) {
  std::error_code ignored;
  fmt::print("{}: {} bytes\n", file, fs::file_size(file, ignored));
}

Fallible<void> back_up(const Options& options) {
  if (!is_embedded(options.places)) {
    return asked_wrongly(
        "pesan backup copies files: a log on Kafka is kept by its brokers' "
        "replication, and its rows can be made anew from it (`pesan rebuild`)");
  }
  const auto log = sqlite_path(options.places.log);
  if (!log) return asked_wrongly(log.error().what);
  if (auto made = make_folder(options.folder); !made) return made;
  const std::string log_copy = fs::path(options.folder) / "log.db";
  const std::string rows_copy = fs::path(options.folder) / "read.db";

  // Rows first: whatever stands in them stands in the log by then. The other way round they could
  // be ahead of it, and would be refused.
  bool has_rows = false;
  if (is_server(options.places.store)) {
    fmt::print(stderr,
               "the rows in {} are not copied: CreateDatabaseBackup does that there, before "
               "this\n",
               options.places.store);
  } else {
    const auto rows = sqlite_path(options.places.store);
    if (!rows) return asked_wrongly(rows.error().what);
    const auto there = SqliteReadModel::exists(*rows);
    if (!there) return std::unexpected(there.error());
    has_rows = *there;
    if (!has_rows) fmt::print(stderr, "there are no rows at {}\n", *rows);
    if (has_rows) {
      auto copied = sqlite::copy_file_in_use(
          {.from = *rows, .to = rows_copy, .format = sqlite::read_model_file});
      if (!copied) return copied;
      say(rows_copy);
    }
  }
  auto copied =
      sqlite::copy_file_in_use({.from = *log, .to = log_copy, .format = sqlite::log_file});
  if (!copied) return copied;
  say(log_copy);
  return has_rows ? compare_copies(log_copy, rows_copy) : Fallible<void>{};
}

/// What is no whole backup is not left where one is looked for.
int answer(const Fallible<void>& done_or_not, const Options& options) {
  if (done_or_not) return done;
  std::error_code ignored;
  if (done_or_not.error().kind != FailureKind::poison) {
    for (const char* file : {"log.db", "read.db"}) {
      fs::remove(fs::path(options.folder) / file, ignored);
    }
  }
  return report_asked(done_or_not.error());
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
