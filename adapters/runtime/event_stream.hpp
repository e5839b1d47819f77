// The events of all partitions straight from the log, by time, each partition up to an end: for
// looking at them, not for folding. One thread.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "adapters/runtime/envelope.hpp"
#include "events/log.hpp"
#include "projections/refold.hpp"

namespace pesan::runtime {

/// The events of one partition one after another.
class EventCursor {
 public:
  EventCursor(LogReader& log, Partition partition, const FoldEnd& end)
      : log_(log), source_{Topic::events, partition}, end_(end) {}

  Fallible<void> start();
  Fallible<void> next();

  bool at_end() const { return at_end_; }
  const Record& record() const { return records_[index_]; }
  const EventEnvelope& envelope() const { return envelope_; }
  Partition partition() const { return source_.partition; }
  /// Events without a readable time come as soon as it is their turn.
  Instant time() const { return envelope_.instant.value_or(Instant{}); }

 private:
  LogReader& log_;
  TopicPartition source_;
  FoldEnd end_;
  Offset next_offset_;
  Offset last_offset_;
  std::vector<Record> records_;
  std::size_t index_ = 0;
  EnvelopeReader reader_;
  EventEnvelope envelope_;
  bool at_end_ = false;
};

class EventStream {
 public:
  Fallible<void> start(LogReader& log, const FoldEnds& ends);
  /// The earliest that is left; null after the last.
  const EventCursor* event() const { return earliest_; }
  /// Only while there is one.
  Fallible<void> next();

 private:
  void find_earliest();

  std::vector<std::unique_ptr<EventCursor>> cursors_;
  EventCursor* earliest_ = nullptr;
};

}  // namespace pesan::runtime
