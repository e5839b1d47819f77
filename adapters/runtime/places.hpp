// Where the log is: `--log` as a URL, and opening what it names: `sqlite:PATH`, embedded in the
// processes that use it, or `kafka://HOST:PORT`; other schemes are refused with a sentence. Read
// models are the affair of stores.hpp.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/App.hpp>

#include "adapters/kafka/place.hpp"
#include "adapters/sqlite/server_lock.hpp"
#include "adapters/sqlite/sqlite_log.hpp"
#include "engine/own_records.hpp"
#include "events/vocabulary.hpp"

namespace pesan {
class KafkaLog;
}

namespace pesan::cli {

void say_foreign_record(TopicPartition place, Offset offset);

struct Places {
  std::string log = "sqlite:pesan-data/log.db";
  std::string store = "sqlite:pesan-data/read.db";
  std::string store_password_file{};
  std::vector<std::string> kafka_properties{};  // name=value
  // No options: metrics set them.
  kafka::OnStatistics on_kafka_statistics{};
  OwnRecords::OnForeign on_foreign_record = say_foreign_record;
};

void add_log_option(CLI::App& command, Places& places);

/// For looking at a record here and there, beside roles that work: nothing is fetched ahead,
/// and nothing is counted twice.
Places without_fetching_ahead(const Places& places);
/// What a file holds, without its last newline.
Fallible<std::string> secret_in(const std::string& path);
std::string without_last_newline(std::string text);

/// Whether the log is a file of this machine, on which one process runs the roles.
bool is_embedded(const Places& places);
/// A failure where `--log` names no log that this program could know: wrong usage.
Fallible<void> check_log_url(const Places& places);
/// Where a `--log kafka:` is, with its properties.
Fallible<kafka::Place> kafka_place(const Places& places);
/// The file of a `sqlite:` URL.
Fallible<std::string> sqlite_path(const std::string& url);

/// A log with what is fixed about it.
class OpenedLog {
 public:
  /// `embedded`, or `kafka`, is what `log` is made of.
  OpenedLog(std::unique_ptr<Log> log, SqliteLog* embedded)
      : embedded_(embedded), log_(std::move(log)), info_(embedded->info()) {}
  OpenedLog(std::unique_ptr<Log> log, KafkaLog* kafka, LogInfo info)
      : kafka_(kafka), log_(std::move(log)), info_(std::move(info)) {}
  Log& operator*() const { return *log_; }
  Log* operator->() const { return log_.get(); }
  const LogInfo& info() const { return info_; }
  /// The log where it is a file of this machine, else nullptr.
  SqliteLog* embedded() const { return embedded_; }
  /// The log where it is on Kafka, else nullptr.
  KafkaLog* kafka() const { return kafka_; }

 private:
  SqliteLog* embedded_ = nullptr;
  KafkaLog* kafka_ = nullptr;
  std::unique_ptr<Log> log_;
  LogInfo info_;
};

/// Of a new log, where nobody says how many.
inline constexpr std::int32_t embedded_partitions = 1;
inline constexpr std::int32_t kafka_partitions = 12;

/// How to make a log that is not there yet.
struct NewLog {
  std::int32_t partitions = embedded_partitions;
  Clock clock = Clock::append;
};

/// `--partitions` of subcommands that make a log where there is none.
void add_partitions_option(CLI::App& command, std::optional<std::int32_t>& partitions);
/// Wrong usage where a log has other than were asked for: the number is fixed when a log is made.
Fallible<void> check_partitions(std::int32_t of_the_log, std::optional<std::int32_t> asked);

/// A log on Kafka made whole again (KafkaLog::mend): what was done, a line each. Nothing is to be
/// done for an embedded one.
Fallible<std::vector<std::string>> mend_log(const Places& places);

/// A new log with all its LogOpened events, in one transaction; `conflict` where there is one.
Fallible<void> create_log(const Places& places, const NewLog& options);

Fallible<OpenedLog> open_log(const Places& places, bool read_only = false);
/// To read it alone: nothing is made beside an embedded one that is at rest.
Fallible<OpenedLog> open_log_without_trace(const Places& places);
/// Makes an embedded one first where there is none. Kafka's topics are made by `pesan topics
/// create` alone, because that needs more rights.
Fallible<OpenedLog> open_or_create_log(const Places& places, const NewLog& options);

/// The right to run the roles here. On an embedded log one process has it at a time: nothing when
/// another one does. On Kafka every process may, and writers fence each other.
struct RolesRight {
  std::optional<sqlite::ServerLock> lock;
};
Fallible<std::optional<RolesRight>> take_roles_right(const Places& places);

}  // namespace pesan::cli
