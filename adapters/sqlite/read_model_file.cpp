#include "adapters/sqlite/read_model_file.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "adapters/sqlite/read_model_migration.hpp"
#include "adapters/sqlite/read_model_schema.hpp"

namespace pesan::sqlite {
namespace {

bool is_there(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

std::unexpected<Failure> no_read_model(const std::string& path) {
  return fail(
      FailureKind::fatal,
      fmt::format("there is no read model at {}: check the path (--store); projectors make one",
                  path));
}

/// FULL: an answered commit survives a power cut. Bookings are changed all over their table, so a
/// batch touches many pages: a WAL of 64 MB, not SQLite's 4, writes each back once for many
/// batches.
Fallible<void> prepare_for_writing(Database& database) {
  if (auto set = database.use_wal(); !set) return set;
  return database.execute(
      "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 16000;"
      "PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY");
}

/// With write access an older file is brought forward; a reader leaves it as it is.
Fallible<void> accept(Database& database, const OpenOptions& options, const FileIdentity& found) {
  if (found.version < read_model_file.version) {
    if (options.access == Access::write || options.access == Access::create) {
      return bring_forward(database, read_model_file, read_model_steps());
    }
    return fail(FailureKind::fatal,
                fmt::format("{} has schema version {}, and this program reads {}; `pesan migrate "
                            "--store URL` brings it there",
                            options.path, found.version, read_model_file.version));
  }
  return check_read_model(database);
}

Fallible<Database> open_known(const OpenOptions& options) {
  if (!is_there(options.path)) return no_read_model(options.path);
  auto database = Database::open(options);
  if (!database) return database;
  const auto identity = identify(*database, read_model_file);
  if (!identity) return std::unexpected(identity.error());
  if (identity->empty) return no_read_model(options.path);
  auto accepted = accept(*database, options, *identity);
  if (!accepted) return std::unexpected(std::move(accepted.error()));
  return database;
}

/// In a folder where nothing can be made SQLite cannot set up the index that WAL readers share.
/// When there is no WAL either, the file is whole and at rest, and can be read without one.
Fallible<Database> open_for_reading(OpenOptions& options) {
  auto database = open_known(options);
  if (database || !is_there(options.path) || is_there(options.path + "-wal")) return database;
  OpenOptions at_rest = options;
  at_rest.access = Access::immutable;
  auto second = open_known(at_rest);
  if (!second) return database;  // the first refusal says more
  options = at_rest;
  return second;
}

Fallible<Database> open_or_create(const OpenOptions& options) {
  auto opened = open_to_migrate(options);
  if (!opened) return std::unexpected(std::move(opened.error()));
  auto& [database, identity] = *opened;
  auto ready = identity.empty ? create_schema(database) : accept(database, options, identity);
  if (!ready) return std::unexpected(std::move(ready.error()));
  return std::move(database);
}

}  // namespace

Fallible<void> create_schema(Database& database) {
  auto transaction = database.begin();
  if (!transaction) return std::unexpected(std::move(transaction.error()));
  const auto identity = identify(database, read_model_file);  // again: now nobody else can
  if (!identity) return std::unexpected(identity.error());
  if (!identity->empty) return {};
  if (auto made = database.execute(read_model_schema()); !made) return made;
  return transaction->commit();
}

Fallible<std::pair<Database, FileIdentity>> open_to_migrate(const OpenOptions& options) {
  const auto folder = std::filesystem::path(options.path).parent_path();
  std::error_code refused;
  if (!folder.empty()) std::filesystem::create_directories(folder, refused);
  if (refused) {
    return fail(FailureKind::fatal,
                fmt::format("cannot make the folder {}: {}", folder.string(), refused.message()));
  }
  auto database = Database::open(options);
  if (!database) return std::unexpected(std::move(database.error()));
  const auto identity = identify(*database, read_model_file);
  if (!identity) return std::unexpected(identity.error());
  return std::pair{*std::move(database), *identity};
}

Fallible<Database> open_read_model(OpenOptions& options) {
  if (options.access == Access::read) return open_for_reading(options);
  auto database = options.access == Access::create ? open_or_create(options) : open_known(options);
  if (!database) return database;
  // Only now that it is known for ours: this changes the file (to WAL, where it is not).
  if (auto ready = prepare_for_writing(*database); !ready) return std::unexpected(ready.error());
  return database;
}

}  // namespace pesan::sqlite
