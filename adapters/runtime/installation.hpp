// Where everything of an installation is: the log, the read models and the snapshots, resolved once
// from what was typed into a value that opens them. Nobody else asks what a URL begins with or
// which technology is behind it. A copy is cheap; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/runtime/new_log.hpp"
#include "adapters/runtime/opened_log.hpp"
#include "adapters/runtime/role.hpp"
#include "engine/snapshot_store.hpp"
#include "events/claims.hpp"
#include "projections/read_model.hpp"
#include "projections/rebuild.hpp"
#include "projections/row_reader.hpp"

namespace pesan::runtime {

/// As they were typed.
struct Places {
  std::string log = "sqlite:pesan-data/log.db";
  std::string store = "sqlite:pesan-data/read.db";
  std::string store_password_file{};
  std::vector<std::string> kafka_properties{};  // name=value
  std::string snapshots{};                      // empty: as fits the log
};

/// What is wrong with a URL, or with a place for snapshots, by itself.
Fallible<void> check_log_url(const std::string& url);
Fallible<void> check_store_url(const std::string& url);
Fallible<void> check_snapshot_place(const std::string& place);

enum class LogAccess : std::uint8_t {
  write,
  read,
  read_without_trace,  // alone: nothing is made beside an embedded one that is at rest
};

enum class StoreAccess : std::uint8_t {
  read,    // show, verify: it must be there and is not changed
  write,   // rebuild: it must be there
  create,  // projectors: a file is made where there is none; a server's tables are made by migrate
};

struct StoreMigration {
  std::optional<std::int64_t> before;  // schema version; nothing: there was no read model
  std::int64_t now = 0;
  std::vector<std::string> said{};  // what was amiss and is mended, a sentence each
};

/// The right to run the roles, as long as it lives.
using RolesRight = std::shared_ptr<const void>;

class Installation {
 public:
  /// Told by any thread; metrics are.
  struct Observers {
    std::function<void(TopicPartition, Offset)> foreign_record{};  // beside the warning
    std::function<void(std::string_view json)> kafka_statistics{};
  };
  /// A failure says what of the places does not fit.
  static Fallible<Installation> at(Places places);
  Installation observed_by(Observers observers) const;
  /// For looking at a record or a checkpoint here and there, beside roles that work: nothing is
  /// fetched ahead, nothing is told or counted twice, and a database that says nothing is waited
  /// for ten seconds.
  Installation for_looking() const;
  /// The same places; a store that says nothing for longer has failed.
  Installation store_answers_within(std::chrono::seconds most) const;
  /// For clients that rest most of the time: their statistics would heap up.
  Installation without_statistics() const;

  const Places& places() const;
  /// Whether the log is a file of this machine, on which one process runs the roles.
  bool has_embedded_log() const;
  /// Whether the rows are on a database server: other machines reach it too, and several processes
  /// write to it at a time.
  bool has_server_store() const;
  /// The files of this machine that hold the log and the rows; empty: they are elsewhere.
  std::string log_file() const;
  std::string store_file() const;

  /// A new log with all its LogOpened events, in one transaction; `conflict` where there is one.
  Fallible<void> create_log(const NewLog& options) const;
  /// A log on Kafka made whole again: what was done, a line each. Nothing is to be done for an
  /// embedded one.
  Fallible<std::vector<std::string>> mend_log() const;
  Fallible<OpenedLog> open_log(LogAccess access = LogAccess::write) const;
  /// Makes an embedded one first where there is none. Kafka's topics are made by `pesan topics
  /// create` alone, because that needs more rights.
  Fallible<OpenedLog> open_or_create_log(const NewLog& options) const;
  /// On an embedded log one process has it at a time: nothing when another one does. On Kafka every
  /// process may, and writers fence each other.
  Fallible<std::optional<RolesRight>> take_roles_right() const;
  /// Commands for a shell that give each role its rights; nothing where there are no access lists.
  std::optional<std::string> acl_commands() const;

  Fallible<std::unique_ptr<ReadModel>> open_store(StoreAccess access = StoreAccess::create) const;
  Fallible<std::unique_ptr<RebuildStore>> open_rebuild() const;
  /// For any thread, by at most so many connections, which are opened when they are needed: what is
  /// wrong with the rows' place the first read says.
  std::unique_ptr<RowReader> row_reader(std::size_t connections) const;
  /// Brings the schema to this program's version, makes it where there is none, and looks at what
  /// is there.
  Fallible<StoreMigration> migrate_store() const;

  /// Says which partitions of a role are this process's: embedded files settle it by locks, and
  /// Kafka by consumer groups, of which `instance` makes the membership a static one.
  std::unique_ptr<Claims> claims(RoleKind role, const std::string& instance) const;
  /// Where the engines' snapshots are; nullptr: nowhere. A failure where the place that was named
  /// is none that these read models have.
  Fallible<std::shared_ptr<SnapshotStore>> open_snapshots(const std::string& log_id) const;
  /// Those that stand in a folder, to be read; nullptr where they are elsewhere, or nowhere.
  std::shared_ptr<SnapshotStore> snapshots_in_a_folder(const std::string& log_id) const;

  /// A copy of the log's file, or of the rows' file, as it is at one moment, while it is in use.
  Fallible<void> copy_log_file(const std::string& to) const;
  Fallible<void> copy_store_file(const std::string& to) const;
  /// Whether there are rows in the file of the store.
  Fallible<bool> has_store_file() const;

 private:
  struct Resolved;
  explicit Installation(std::shared_ptr<const Resolved> resolved) : all_(std::move(resolved)) {}
  Fallible<OpenedLog> open_embedded(const std::string& file, LogAccess access) const;
  Fallible<OpenedLog> open_on_kafka() const;
  std::unique_ptr<Log> own_records(std::unique_ptr<Log> log, const std::string& log_id) const;
  std::string snapshot_place() const;

  std::shared_ptr<const Resolved> all_;
};

}  // namespace pesan::runtime
