// The Log port on one SQLite file: what pesan runs on when there is no Kafka. One commit is one
// transaction, synced to the disk before it is acknowledged; several processes may have the file
// open, and whichever opened a writer last owns its name. Any thread may use a SqliteLog; writers
// point to it and must go before it. See ServerLock for who runs the roles.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/sqlite/log_format.hpp"
#include "engine/log_writer.hpp"

namespace pesan {

namespace sqlite {
struct LogConnections;
}

/// The system's clock, in whole milliseconds.
Instant system_now();

class SqliteLog final : public Log {
 public:
  struct CreateOptions {
    std::string path;  // its folder is made when it is not there
    LogInfo info;
    std::function<Instant()> now = system_now;
  };
  struct OpenOptions {
    std::string path;
    bool read_only = false;  // never writes; works in a folder that is read-only
    bool no_trace = false;  // of a read: where nobody writes, not even the index that readers share
    std::function<Instant()> now = system_now;  // append time
    /// How long a call waits for other processes before it is `transient`.
    std::chrono::milliseconds busy_timeout{5000};
  };

  /// Makes a log with its first records (the LogOpened events) in one transaction: killed at any
  /// moment it leaves a whole log or none. `conflict` when a log is there already.
  static Fallible<void> create(const CreateOptions& options,
                               const std::vector<OutgoingRecord>& first_records);
  /// Whether there is a log at `path`; a file that is something else is a failure.
  static Fallible<bool> exists(const std::string& path);
  static Fallible<std::unique_ptr<SqliteLog>> open(OpenOptions options);
  ~SqliteLog() override;

  const LogInfo& info() const { return info_; }
  std::int32_t partitions() const override { return info_.partitions; }
  Fallible<void> read(TopicPartition source, Offset from, const ReadLimit& limit,
                      std::vector<Record>& into) override;
  Fallible<OffsetRange> range(TopicPartition source) override;
  std::uint64_t changes(Places places) override;  // of the file, whatever changed in it
  Fallible<bool> wait_for_change(Places places, std::uint64_t since,
                                 std::chrono::milliseconds wait) override;
  Fallible<std::unique_ptr<LogWriter>> open_writer(std::string_view role) override;
  Fallible<std::vector<Offset>> append(const std::vector<OutgoingRecord>& records) override;

 private:
  class Writer;

  SqliteLog(OpenOptions options, std::unique_ptr<sqlite::LogConnections> connections);
  Fallible<void> check(TopicPartition place) const;
  Fallible<void> check(const std::vector<OutgoingRecord>& records) const;
  Fallible<void> check_offset(TopicPartition source, Offset from);
  /// `immutable` reading is right only while nobody writes.
  Fallible<void> check_still_immutable() const;
  Fallible<void> check_writable() const;
  Failure no_such_partition(TopicPartition place) const;

  OpenOptions options_;
  LogInfo info_;
  std::unique_ptr<sqlite::LogConnections> connections_;
};

}  // namespace pesan
