#include "adapters/sqlite/log_connections.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace pesan::sqlite {
namespace {

bool is_there(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

Failure no_log(const std::string& path) {
  return {
      FailureKind::fatal,
      fmt::format("there is no log at {}: check the path (--log); `pesan topics create` makes one",
                  path)};
}

struct Known {
  Database database;
  FileIdentity identity;  // empty, or a log
};

Fallible<Known> open_known(const OpenOptions& options) {
  auto database = Database::open(options);
  if (!database) return std::unexpected(std::move(database.error()));
  auto identity = identify(*database, log_file);
  if (!identity) return std::unexpected(std::move(identity.error()));
  return Known{std::move(*database), *identity};
}

/// In a folder where nothing can be made SQLite cannot set up the index that WAL readers share.
/// When there is no WAL either (nor the journal of a killed creation), the file is whole and at
/// rest, and can be read without one; `no_trace` does so wherever it can.
Fallible<Known> open_for_reading(OpenOptions& options, bool no_trace) {
  const bool at_rest = !is_there(options.path + "-wal") && !is_there(options.path + "-journal");
  OpenOptions without_index = options;
  without_index.access = Access::immutable;
  options.access = Access::read;
  if (at_rest && no_trace) {
    if (auto known = open_known(without_index)) {
      options = without_index;
      return known;
    }
  }
  auto known = open_known(options);
  if (known || !at_rest) return known;
  auto second = open_known(without_index);
  if (!second) return known;  // the first refusal says more
  options = without_index;
  return second;
}

}  // namespace

Fallible<std::unique_ptr<LogConnections>> open_log(const LogAccess& access) {
  if (!is_there(access.path)) return std::unexpected(no_log(access.path));
  OpenOptions options{
      .path = access.path, .access = Access::write, .busy_timeout = access.busy_timeout};
  auto first = access.read_only ? open_for_reading(options, access.no_trace) : open_known(options);
  if (!first) return std::unexpected(std::move(first.error()));
  if (first->identity.empty) return std::unexpected(no_log(access.path));
  auto info = read_info(first->database);
  if (!info) return std::unexpected(std::move(info.error()));

  const bool immutable = options.access == Access::immutable;
  if (!access.read_only) options.access = Access::read;  // for those that only read
  auto connections = std::make_unique<LogConnections>(options);
  connections->info = std::move(*info);
  connections->immutable = immutable;
  if (!access.read_only) {
    // Only now that it is known for ours: this changes the file (to WAL, where it is not).
    if (auto ready = prepare_for_writing(first->database); !ready) {
      return std::unexpected(std::move(ready.error()));
    }
    if (first->identity.version < log_file.version) {
      if (auto taken = take_newest_version(first->database); !taken) {
        return std::unexpected(std::move(taken.error()));
      }
    }
    connections->writing = std::make_unique<LogWriting>(std::move(first->database));
    if (auto ready = connections->writing->prepare(connections->info.partitions); !ready) {
      return std::unexpected(std::move(ready.error()));
    }
  }
  auto watch = ChangeWatch::open(options);
  if (!watch) return std::unexpected(std::move(watch.error()));
  connections->watch = std::move(*watch);
  return connections;
}

Fallible<bool> log_exists(const std::string& path) {
  if (!is_there(path)) return false;
  // For writing, where that is allowed: only so can SQLite undo what a killed creation left.
  OpenOptions options{.path = path, .access = Access::write};
  if (auto known = open_known(options); known) return !known->identity.empty;
  auto known = open_for_reading(options, /*no_trace=*/false);
  if (!known) return std::unexpected(std::move(known.error()));
  return !known->identity.empty;
}

}  // namespace pesan::sqlite
