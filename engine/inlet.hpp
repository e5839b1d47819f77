// A partition that somebody added to commands beyond those that the log was made with. Nothing is
// decided there: its records are moved home, each to the partition of its resource, in the round of
// a worker (docs/wire.md#inlets). One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/log_writer.hpp"
#include "events/command_reader.hpp"

namespace pesan {

class Inlet {
 public:
  /// `next`: the record to go on with. `partitions`: with how many the log was made.
  Inlet(TopicPartition source, Offset next, std::int32_t partitions)
      : source_(source), next_(next), committed_(next), partitions_(partitions) {}

  /// Adds what is there to `round`; how many records. It stands once `commit` is called.
  Fallible<std::size_t> move(LogReader& log, const ReadLimit& limit, Transaction& round);
  void commit() { committed_ = next_; }
  void rollback() { next_ = committed_; }

 private:
  OutgoingRecord moved(const Record& record);

  TopicPartition source_;
  Offset next_;
  Offset committed_;
  std::int32_t partitions_;
  std::vector<Record> records_;
  CommandReader reader_;
};

/// Those that belong to one partition: every `partitions`th of those beyond.
std::vector<TopicPartition> inlets_of(Partition partition, std::int32_t partitions,
                                      std::int32_t there);

}  // namespace pesan
