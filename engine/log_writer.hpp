// The Log port, writing side: one atomic commit of {produced records + consumed offsets} by a
// writer whose places are fenced when another one takes them, and the plain append that clients use
// for commands. A writer is used by one thread; the log that makes it may be shared.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "events/claims.hpp"
#include "events/log.hpp"

namespace pesan {

struct OutgoingRecord {
  TopicPartition to;
  Payload payload;
};

struct Consumed {
  TopicPartition source;
  Offset next;  // to be read
};

/// All of it becomes visible, or none: to readers of the log that made the writer once `commit`
/// returns, to other processes soon after.
struct Transaction {
  std::vector<OutgoingRecord> records;
  std::vector<Consumed> consumed;      // each source once
  std::vector<TopicPartition> places;  // in whose names: all of them must still be the writer's

  void clear() {
    records.clear();
    consumed.clear();
    places.clear();
  }
};

/// What a writer takes over: a place of its role, of which one writer at a time may commit.
struct Taking {
  TopicPartition place;
  std::vector<TopicPartition> sources;  // consumed in its name
  std::vector<TopicPartition> answers;  // written in its name
  ClaimProof proof{};
};

/// The writer of one worker: a thread of a role, which commits what it did on all of its places in
/// one transaction.
class LogWriter {
 public:
  LogWriter() = default;
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;
  virtual ~LogWriter() = default;

  /// From here on no older writer commits anything in the name of that place, and what such a one
  /// committed is visible in its answers. Also where this writer has it: under a new proof, or
  /// after a refusal. A claim that is no more may first be refused by `begin_at` or `commit`.
  virtual Fallible<void> take(const Taking& taking) = 0;
  /// The next offset to read of a source, as this role last committed it; nullopt when it never did
  /// (or the log forgot). It stands once the source's place is taken.
  virtual Fallible<std::optional<Offset>> committed(TopicPartition source) = 0;
  /// transient: nothing was written, the same call may be repeated. conflict: nothing was written,
  /// and one of the places is no longer this writer's. unknown: the answer was lost. After either
  /// the places are to be taken again, and what is committed says where to go on. A transaction of
  /// nothing only asks whether its places are still this writer's.
  virtual Fallible<void> commit(const Transaction& transaction) = 0;
  /// The first commit in the name of a place that was taken: from where on it goes on. It is seen
  /// to be the last one there; conflict: it is not, take the place again.
  virtual Fallible<void> begin_at(const Transaction& where) { return commit(where); }
  /// Now and then while there is nothing to commit: what came unasked is looked at.
  virtual void idle() {}
};

class Log : public LogReader {
 public:
  /// `role`: "engine", "registry". The writer has no place yet.
  virtual Fallible<std::unique_ptr<LogWriter>> open_writer(std::string_view role) = 0;
  /// Appends a client's records, each durable once this returns; offsets in the order given.
  virtual Fallible<std::vector<Offset>> append(const std::vector<OutgoingRecord>& records) = 0;
};

}  // namespace pesan
