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
  return {FailureKind::fatal, fmt::format("there is no log at {}", path)};
}

/// The first connection, to a file that was found to be a log.
Fallible<Database> open_known(const OpenOptions& options) {
  auto database = Database::open(options);
  if (!database) return database;
  auto identity = identify(*database, log_file);
  if (!identity) return std::unexpected(std::move(identity.error()));
  if (identity->empty) return std::unexpected(no_log(options.path));
  return database;
}

/// In a folder where nothing can be made SQLite cannot set up the index that WAL readers share.
/// When there is no WAL either, the file is whole and at rest, and can be read without one.
Fallible<Database> open_for_reading(OpenOptions& options) {
  options.access = Access::read;
  auto database = open_known(options);
  if (database || is_there(options.path + "-wal")) return database;
  OpenOptions at_rest = options;
  at_rest.access = Access::immutable;
  auto second = open_known(at_rest);
  if (!second) return database;  // the first refusal says more
  options = at_rest;
  return second;
}

}  // namespace

Fallible<std::unique_ptr<LogConnections>> open_log(const LogAccess& access) {
  if (!is_there(access.path)) return std::unexpected(no_log(access.path));
  OpenOptions options{
      .path = access.path, .access = Access::write, .busy_timeout = access.busy_timeout};
  auto first = access.read_only ? open_for_reading(options) : open_known(options);
  if (!first) return std::unexpected(std::move(first.error()));
  auto info = read_info(*first);
  if (!info) return std::unexpected(std::move(info.error()));

  const bool immutable = options.access == Access::immutable;
  if (!access.read_only) options.access = Access::read;  // for those that only read
  auto connections = std::make_unique<LogConnections>(options);
  connections->info = std::move(*info);
  connections->immutable = immutable;
  if (!access.read_only) {
    // Only now that it is known for ours: this changes the file (to WAL, where it is not).
    if (auto ready = prepare_for_writing(*first); !ready) {
      return std::unexpected(std::move(ready.error()));
    }
    connections->writing = std::make_unique<LogWriting>(std::move(*first));
    if (auto ready = connections->writing->prepare(connections->info.partitions); !ready) {
      return std::unexpected(std::move(ready.error()));
    }
  }
  auto watch = ChangeWatch::open(options);
  if (!watch) return std::unexpected(std::move(watch.error()));
  connections->watch = std::move(*watch);
  return connections;
}

}  // namespace pesan::sqlite
