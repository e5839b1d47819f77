#include "adapters/runtime/stores.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "adapters/mysql/migration.hpp"
#include "adapters/mysql/mysql_read_model.hpp"
#include "adapters/mysql/mysql_rebuild.hpp"
#include "adapters/mysql/snapshot_table.hpp"
#include "adapters/sqlite/read_model_migration.hpp"
#include "adapters/sqlite/sqlite_read_model.hpp"
#include "adapters/sqlite/sqlite_rebuild.hpp"

namespace pesan::cli {

bool is_server(const std::string& url) { return url.starts_with("mysql:"); }

namespace {

constexpr std::string_view sqlite_scheme = "sqlite:";
constexpr const char* password_variable = "PESAN_STORE_PASSWORD";

Fallible<std::string> store_path(const std::string& url) {
  if (url.starts_with(sqlite_scheme) && url.size() > sqlite_scheme.size()) {
    return url.substr(sqlite_scheme.size());
  }
  return fail(FailureKind::fatal,
              fmt::format("{} is no place that this program knows: use sqlite:PATH or "
                          "mysql://user@host:port/database",
                          url));
}

/// CLI11's form of an answer: what is wrong, or nothing.
std::string is_known(const std::string& url) {
  const auto what = [](const auto& place) { return place ? std::string() : place.error().what; };
  return is_server(url) ? what(mysql::parse_address(url)) : what(store_path(url));
}

/// From the file, else from the environment, else empty. Its last newline is not part of it.
Fallible<std::string> password(const Places& places) {
  if (places.store_password_file.empty()) {
    const char* given = std::getenv(password_variable);
    return without_last_newline(given == nullptr ? "" : given);
  }
  return secret_in(places.store_password_file);
}

Fallible<mysql::Credentials> credentials_of(const Places& places) {
  auto address = mysql::parse_address(places.store);
  if (!address) return std::unexpected(std::move(address.error()));
  auto secret = password(places);
  if (!secret) return std::unexpected(std::move(secret.error()));
  return mysql::Credentials{.address = *std::move(address), .password = *std::move(secret)};
}

ReadModelOptions::Access sqlite_access(StoreAccess access) {
  switch (access) {
    case StoreAccess::read: return ReadModelOptions::Access::read;
    case StoreAccess::write: return ReadModelOptions::Access::write;
    case StoreAccess::create: return ReadModelOptions::Access::create;
  }
  return ReadModelOptions::Access::read;
}

Fallible<StoreMigration> migrate_sqlite(const std::string& path) {
  auto report = sqlite::migrate_read_model(path);
  if (!report) return std::unexpected(std::move(report.error()));
  return StoreMigration{
      .before = report->before, .now = report->now, .said = std::move(report->said)};
}

Fallible<StoreMigration> migrate_mysql(const mysql::Credentials& credentials) {
  auto report = mysql::migrate(credentials);
  if (!report) return std::unexpected(report.error());
  return StoreMigration{
      .before = report->before, .now = report->now, .said = std::move(report->said)};
}

}  // namespace

void add_store_option(CLI::App& command, Places& places) {
  command
      .add_option("--store", places.store,
                  "Where the read models are: sqlite:PATH or mysql://user@host:port/database")
      ->check(is_known)
      ->capture_default_str();
  command.add_option("--store-password-file", places.store_password_file,
                     "The file with the password of a mysql:// store (or set "
                     "PESAN_STORE_PASSWORD; never on the command line)");
}

Fallible<std::unique_ptr<ReadModel>> open_store(const Places& places, StoreAccess access) {
  if (is_server(places.store)) {
    const auto credentials = credentials_of(places);
    if (!credentials) return std::unexpected(credentials.error());
    return MysqlReadModel::open(*credentials, access == StoreAccess::read
                                                  ? MysqlReadModel::Access::read
                                                  : MysqlReadModel::Access::write);
  }
  auto path = store_path(places.store);
  if (!path) return std::unexpected(std::move(path.error()));
  return SqliteReadModel::open({.path = *std::move(path), .access = sqlite_access(access)});
}

Fallible<std::unique_ptr<RebuildStore>> open_rebuild(const Places& places) {
  if (is_server(places.store)) {
    const auto credentials = credentials_of(places);
    if (!credentials) return std::unexpected(credentials.error());
    return MysqlRebuild::open(*credentials);
  }
  auto path = store_path(places.store);
  if (!path) return std::unexpected(std::move(path.error()));
  return SqliteRebuild::open({.path = *std::move(path)});
}

Fallible<std::unique_ptr<SnapshotStore>> open_snapshots(const Places& places,
                                                        const std::string& log_id) {
  if (!is_server(places.store)) {
    return fail(FailureKind::fatal,
                fmt::format("--snapshots store: there is no place for them in {}; use file:FOLDER",
                            places.store));
  }
  const auto credentials = credentials_of(places);
  if (!credentials) return std::unexpected(credentials.error());
  return std::make_unique<SnapshotTable>(*credentials, log_id);
}

Fallible<StoreMigration> migrate_store(const Places& places) {
  if (is_server(places.store)) {
    const auto credentials = credentials_of(places);
    if (!credentials) return std::unexpected(credentials.error());
    return migrate_mysql(*credentials);
  }
  const auto path = store_path(places.store);
  if (!path) return std::unexpected(path.error());
  return migrate_sqlite(*path);
}

}  // namespace pesan::cli
