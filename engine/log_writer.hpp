// The Log port, writing side: one atomic commit of {produced records + consumed offsets} by a
// writer that is fenced when a newer one takes its name, and the plain append that clients use for
// commands. A writer is used by one thread; the log that makes it may be shared.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "events/log.hpp"

namespace pesan {

struct OutgoingRecord {
  TopicPartition to;
  Payload payload;
};

/// All of it becomes visible, or none: to readers of the log that made the writer once `commit`
/// returns, to other processes soon after.
struct Transaction {
  std::vector<OutgoingRecord> records;
  TopicPartition source;           // what was consumed …
  std::optional<Offset> consumed;  // … up to here: the next offset to read; nullopt = not moved

  void clear() {
    records.clear();
    consumed.reset();
  }
};

/// Who writes: one live writer per role and partition.
struct WriterName {
  std::string role;  // "engine", "registry"
  Partition partition;
};

class LogWriter {
 public:
  LogWriter() = default;
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;
  virtual ~LogWriter() = default;

  /// The next offset to read of `source` as this role last committed it; nullopt when it never did
  /// (or the log forgot).
  virtual Fallible<std::optional<Offset>> committed(TopicPartition source) = 0;
  /// transient: nothing was written, the same call may be repeated. conflict: a newer writer has
  /// the name; this one is dead. unknown: the answer was lost; open a new writer and read what is
  /// there. A transaction of nothing only asks whether the name is still this writer's.
  virtual Fallible<void> commit(const Transaction& transaction) = 0;
  /// Now and then while there is nothing to commit: what came unasked is looked at.
  virtual void idle() {}
};

class Log : public LogReader {
 public:
  /// Takes the name: an older writer of it can no longer commit; what that committed is visible.
  virtual Fallible<std::unique_ptr<LogWriter>> open_writer(const WriterName& name) = 0;
  /// Appends a client's records, each durable once this returns; offsets in the order given.
  virtual Fallible<std::vector<Offset>> append(const std::vector<OutgoingRecord>& records) = 0;
};

}  // namespace pesan
