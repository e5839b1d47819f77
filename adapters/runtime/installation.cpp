#include "adapters/runtime/installation.hpp"

#include <chrono>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "adapters/files/snapshot_folder.hpp"
#include "adapters/kafka/acls.hpp"
#include "adapters/kafka/group_claims.hpp"
#include "adapters/kafka/kafka_log.hpp"
#include "adapters/mysql/migration.hpp"
#include "adapters/mysql/mysql_read_model.hpp"
#include "adapters/mysql/mysql_rebuild.hpp"
#include "adapters/mysql/mysql_row_reader.hpp"
#include "adapters/mysql/snapshot_table.hpp"
#include "adapters/runtime/row_reader_pool.hpp"
#include "adapters/runtime/secrets.hpp"
#include "adapters/sqlite/backup.hpp"
#include "adapters/sqlite/lock_claims.hpp"
#include "adapters/sqlite/log_format.hpp"
#include "adapters/sqlite/read_model_migration.hpp"
#include "adapters/sqlite/read_model_schema.hpp"
#include "adapters/sqlite/sqlite_log.hpp"
#include "adapters/sqlite/sqlite_read_model.hpp"
#include "adapters/sqlite/sqlite_rebuild.hpp"
#include "adapters/sqlite/sqlite_row_reader.hpp"
#include "engine/own_records.hpp"
#include "engine/recovery.hpp"

namespace pesan::runtime {
namespace {

/// All that a place may begin with.
enum class Scheme : std::uint8_t { sqlite, kafka, mysql, file, none };
constexpr std::pair<std::string_view, Scheme> schemes[] = {{"sqlite:", Scheme::sqlite},
                                                           {kafka::url_scheme, Scheme::kafka},
                                                           {"mysql:", Scheme::mysql},
                                                           {"file:", Scheme::file}};
/// A place of snapshots without one.
constexpr std::string_view with_the_rows = "store";
constexpr std::string_view nowhere = "none";

constexpr const char* password_variable = "PESAN_STORE_PASSWORD";

struct File {
  std::string path;
};
using LogPlace = std::variant<File, kafka::Place>;
using StorePlace = std::variant<File, mysql::Address>;

struct Url {
  Scheme scheme = Scheme::none;
  std::string rest;
};

Url split(const std::string& url) {
  for (const auto& [begins, scheme] : schemes) {
    if (url.starts_with(begins)) return {scheme, url.substr(begins.size())};
  }
  return {};
}

Fallible<LogPlace> log_at(const std::string& url, const std::vector<std::string>& properties) {
  auto [scheme, rest] = split(url);
  if (scheme == Scheme::kafka) return kafka::parse_place(url, properties);
  if (scheme == Scheme::sqlite && !rest.empty()) return File{std::move(rest)};
  return fail(FailureKind::usage,
              fmt::format("{} is no place that this program knows: use sqlite:PATH or "
                          "kafka://HOST:PORT",
                          url));
}

Fallible<StorePlace> store_at(const std::string& url) {
  auto [scheme, rest] = split(url);
  if (scheme == Scheme::mysql) return mysql::parse_address(url);
  if (scheme == Scheme::sqlite && !rest.empty()) return File{std::move(rest)};
  return fail(FailureKind::usage,
              fmt::format("{} is no place that this program knows: use sqlite:PATH or "
                          "mysql://user@host:port/database",
                          url));
}

/// Where snapshots stand in a folder: which.
std::optional<std::string> snapshot_folder(const std::string& place) {
  auto [scheme, rest] = split(place);
  return scheme == Scheme::file && !rest.empty() ? std::optional(std::move(rest)) : std::nullopt;
}

void say_foreign_record(TopicPartition place, Offset offset) {
  spdlog::warn(
      "{} {}-{} is a foreign record: it does not name this log as its source, and is "
      "passed over",
      name_of(place.topic), place.partition.value, offset.value);
}

Fallible<std::vector<TopicFault>> faults_of(KafkaLog& log) {
  const auto found = log.find_faults();
  if (!found) return std::unexpected(found.error());
  std::vector<TopicFault> faults;
  for (const kafka::TopicFault& fault : *found) {
    faults.push_back(
        {.only_added = fault.kind == kafka::TopicFault::Kind::added, .what = fault.what});
  }
  return faults;
}

ReadModelOptions::Access sqlite_access(StoreAccess access) {
  switch (access) {
    case StoreAccess::read: return ReadModelOptions::Access::read;
    case StoreAccess::write: return ReadModelOptions::Access::write;
    case StoreAccess::create: return ReadModelOptions::Access::create;
  }
  return ReadModelOptions::Access::read;
}

/// Of either technology.
template <class Report>
Fallible<StoreMigration> migration_of(Fallible<Report> report) {
  if (!report) return std::unexpected(std::move(report.error()));
  return StoreMigration{
      .before = report->before, .now = report->now, .said = std::move(report->said)};
}

template <class Place>
const std::string& file_in(const Place& place) {
  static const std::string none;
  const auto* file = std::get_if<File>(&place);
  return file == nullptr ? none : file->path;
}

/// Projectors of one database are a group of their own: another database is another fold.
std::string projector_group(const StorePlace& store) {
  const auto* address = std::get_if<mysql::Address>(&store);
  return address == nullptr ? "projector" : "projector." + address->name();
}

}  // namespace

Fallible<void> check_log_url(const std::string& url) {
  const auto place = log_at(url, {});
  return place ? Fallible<void>{} : std::unexpected(place.error());
}

Fallible<void> check_store_url(const std::string& url) {
  const auto place = store_at(url);
  return place ? Fallible<void>{} : std::unexpected(place.error());
}

Fallible<void> check_snapshot_place(const std::string& place) {
  if (place == nowhere || place == with_the_rows || snapshot_folder(place)) return {};
  return fail(FailureKind::usage,
              fmt::format("{} is no place for snapshots: use file:FOLDER, store or none", place));
}

struct Installation::Resolved {
  Places places;
  LogPlace log;
  StorePlace store;
  OwnRecords::OnForeign on_foreign_record = say_foreign_record;
  std::chrono::seconds store_answers_within = mysql::Credentials{}.answers_within;

  kafka::Place* kafka() { return std::get_if<kafka::Place>(&log); }
  const kafka::Place* kafka() const { return std::get_if<kafka::Place>(&log); }
  const mysql::Address* server() const { return std::get_if<mysql::Address>(&store); }
  /// The password is read each time: it may be changed while this runs.
  Fallible<mysql::Credentials> credentials() const {
    auto secret = secret_in_or(places.store_password_file, password_variable);
    if (!secret) return std::unexpected(std::move(secret.error()));
    return mysql::Credentials{.address = *server(),
                              .password = *std::move(secret),
                              .answers_within = store_answers_within};
  }
};

Fallible<Installation> Installation::at(Places places) {
  auto log = log_at(places.log, places.kafka_properties);
  if (!log) return std::unexpected(std::move(log.error()));
  auto store = store_at(places.store);
  if (!store) return std::unexpected(std::move(store.error()));
  return Installation(std::make_shared<const Resolved>(
      Resolved{std::move(places), *std::move(log), *std::move(store)}));
}

Installation Installation::observed_by(Observers observers) const {
  Resolved own = *all_;
  own.on_foreign_record = [told = std::move(observers.foreign_record)](TopicPartition place,
                                                                       Offset offset) {
    say_foreign_record(place, offset);
    if (told) told(place, offset);
  };
  if (own.kafka()) own.kafka()->on_statistics = std::move(observers.kafka_statistics);
  return Installation(std::make_shared<const Resolved>(std::move(own)));
}

Installation Installation::for_looking() const {
  Resolved own = *without_statistics().all_;
  own.on_foreign_record = [](TopicPartition, Offset) {};
  own.store_answers_within = std::chrono::seconds{10};
  if (own.kafka()) {
    for (const auto& [name, value] : {std::pair{"queued.min.messages", "1"},
                                      {"queued.max.messages.kbytes", "256"},
                                      {"fetch.message.max.bytes", "65536"}}) {
      own.kafka()->properties.emplace_back(name, value);
    }
  }
  return Installation(std::make_shared<const Resolved>(std::move(own)));
}

Installation Installation::store_answers_within(std::chrono::seconds most) const {
  Resolved own = *all_;
  own.store_answers_within = most;
  return Installation(std::make_shared<const Resolved>(std::move(own)));
}

Installation Installation::without_statistics() const {
  Resolved own = *all_;
  if (own.kafka()) own.kafka()->on_statistics = nullptr;
  return Installation(std::make_shared<const Resolved>(std::move(own)));
}

const Places& Installation::places() const { return all_->places; }
bool Installation::has_embedded_log() const { return all_->kafka() == nullptr; }
bool Installation::has_server_store() const { return all_->server() != nullptr; }
std::string Installation::log_file() const { return file_in(all_->log); }
std::string Installation::store_file() const { return file_in(all_->store); }

Fallible<void> Installation::create_log(const NewLog& options) const {
  const LogInfo info = new_log_info(options);
  const auto opening = opening_records(info, options.calling_code);
  if (all_->kafka()) return KafkaLog::create(*all_->kafka(), info.partitions, opening);
  return SqliteLog::create({.path = log_file(), .info = info}, opening);
}

Fallible<std::vector<std::string>> Installation::mend_log() const {
  if (has_embedded_log()) return {};
  return KafkaLog::mend(*all_->kafka());
}

std::unique_ptr<Log> Installation::own_records(std::unique_ptr<Log> log,
                                               const std::string& log_id) const {
  return std::make_unique<OwnRecords>(std::move(log), log_id, all_->on_foreign_record);
}

Fallible<OpenedLog> Installation::open_on_kafka() const {
  auto log = KafkaLog::open(*all_->kafka());
  if (!log) return std::unexpected(log.error());
  auto info = read_log_info(**log, Partition{0});
  if (!info) return std::unexpected(info.error());
  if (auto good = check_log_id(info->log_id); !good) return std::unexpected(good.error());
  if (auto whole = (*log)->settle(info->partitions); !whole) {
    return std::unexpected(whole.error());
  }
  KafkaLog& kafka = **log;
  auto own = own_records(*std::move(log), info->log_id);
  return OpenedLog(std::move(own), *std::move(info), [&kafka] { return faults_of(kafka); });
}

Fallible<OpenedLog> Installation::open_embedded(const std::string& file, LogAccess access) const {
  auto log = SqliteLog::open({.path = file,
                              .read_only = access != LogAccess::write,
                              .no_trace = access == LogAccess::read_without_trace});
  if (!log) return std::unexpected(log.error());
  const LogInfo info = (*log)->info();
  if (auto good = check_log_id(info.log_id); !good) return std::unexpected(good.error());
  return OpenedLog(own_records(*std::move(log), info.log_id), info);
}

Fallible<OpenedLog> Installation::open_log(LogAccess access) const {
  return has_embedded_log() ? open_embedded(log_file(), access) : open_on_kafka();
}

Fallible<OpenedLog> Installation::open_or_create_log(const NewLog& options) const {
  if (!has_embedded_log()) return open_on_kafka();
  const auto there = SqliteLog::exists(log_file());
  if (!there) return std::unexpected(there.error());
  if (!*there) {
    const auto created = create_log(options);
    // Somebody else may have made it in between; then it is there, which is what was asked.
    if (!created && created.error().kind != FailureKind::conflict) {
      return std::unexpected(created.error());
    }
  }
  return open_log();
}

Fallible<std::optional<RolesRight>> Installation::take_roles_right() const {
  if (!has_embedded_log()) return RolesRight{};
  auto lock = sqlite::ServerLock::try_acquire(log_file());
  if (!lock) return std::unexpected(lock.error());
  if (!*lock) return std::nullopt;
  return std::make_shared<const sqlite::ServerLock>(**std::move(lock));
}

std::optional<std::string> Installation::acl_commands() const {
  if (has_embedded_log()) return std::nullopt;
  return kafka::acl_commands(*all_->kafka());
}

Fallible<std::unique_ptr<ReadModel>> Installation::open_store(StoreAccess access) const {
  if (!has_server_store()) {
    return SqliteReadModel::open({.path = store_file(), .access = sqlite_access(access)});
  }
  const auto credentials = all_->credentials();
  if (!credentials) return std::unexpected(credentials.error());
  return MysqlReadModel::open(*credentials, access == StoreAccess::read
                                                ? MysqlReadModel::Access::read
                                                : MysqlReadModel::Access::write);
}

Fallible<std::unique_ptr<RebuildStore>> Installation::open_rebuild() const {
  if (!has_server_store()) return SqliteRebuild::open({.path = store_file()});
  const auto credentials = all_->credentials();
  if (!credentials) return std::unexpected(credentials.error());
  return MysqlRebuild::open(*credentials);
}

std::unique_ptr<RowReader> Installation::row_reader(std::size_t connections) const {
  const auto open = [all = all_]() -> Fallible<std::unique_ptr<RowReader>> {
    if (all->server() == nullptr) return SqliteRowReader::open(file_in(all->store));
    const auto credentials = all->credentials();
    if (!credentials) return std::unexpected(credentials.error());
    return MysqlRowReader::open(*credentials);
  };
  return std::make_unique<RowReaderPool>(RowReaderPool::Bounds{.readers = connections}, open);
}

Fallible<StoreMigration> Installation::migrate_store() const {
  if (!has_server_store()) return migration_of(sqlite::migrate_read_model(store_file()));
  const auto credentials = all_->credentials();
  if (!credentials) return std::unexpected(credentials.error());
  return migration_of(mysql::migrate(*credentials));
}

std::unique_ptr<Claims> Installation::claims(RoleKind role, const std::string& instance) const {
  const bool projector = role == RoleKind::projector;
  if (projector && !has_server_store()) return std::make_unique<sqlite::LockClaims>(store_file());
  if (has_embedded_log()) {
    // Of each database that the rows are projected to, locks of its own beside the log.
    return std::make_unique<sqlite::LockClaims>(
        projector ? sqlite::lock_name(log_file(), projector_group(all_->store)) : log_file());
  }
  kafka::GroupClaims::Options group{.group = std::string(name_of(role)),
                                    .instance = instance,
                                    .topics = {},
                                    .commits_reached = projector};
  if (projector) {
    group.group = projector_group(all_->store);
    group.topics = {Topic::events, Topic::customers};
  } else {
    group.topics = {role == RoleKind::engine ? Topic::commands : Topic::customers};
  }
  return std::make_unique<kafka::GroupClaims>(*all_->kafka(), std::move(group));
}

std::string Installation::snapshot_place() const {
  if (!all_->places.snapshots.empty()) return all_->places.snapshots;
  if (has_embedded_log()) return fmt::format("file:{}.snapshots", log_file());
  return std::string(has_server_store() ? with_the_rows : nowhere);
}

std::shared_ptr<SnapshotStore> Installation::snapshots_in_a_folder(
    const std::string& log_id) const {
  const auto folder = snapshot_folder(snapshot_place());
  return folder ? std::make_shared<SnapshotFolder>(*folder, log_id) : nullptr;
}

Fallible<std::shared_ptr<SnapshotStore>> Installation::open_snapshots(
    const std::string& log_id) const {
  if (snapshot_place() != with_the_rows) return snapshots_in_a_folder(log_id);
  if (!has_server_store()) {
    return fail(FailureKind::usage,
                fmt::format("--snapshots store: there is no place for them in {}; use file:FOLDER",
                            all_->places.store));
  }
  const auto credentials = all_->credentials();
  if (!credentials) return std::unexpected(credentials.error());
  return std::make_shared<SnapshotTable>(*credentials, log_id);
}

Fallible<void> Installation::copy_log_file(const std::string& to) const {
  return sqlite::copy_file_in_use({.from = log_file(), .to = to, .format = sqlite::log_file});
}

Fallible<void> Installation::copy_store_file(const std::string& to) const {
  return sqlite::copy_file_in_use(
      {.from = store_file(), .to = to, .format = sqlite::read_model_file});
}

Fallible<bool> Installation::has_store_file() const {
  return SqliteReadModel::exists(store_file());
}

}  // namespace pesan::runtime
