// A partition that somebody added to commands beyond those that the log was made with. Nothing is
// decided there: its records are moved home, each to the partition of its resource, in the round of
// a worker (docs/wire.md#inlets). What is wrong with an inlet is said, and harms no partition: it
// is tried again more and more seldom. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/log_writer.hpp"
#include "events/command_reader.hpp"

namespace pesan {

class Inlet {
 public:
  using Say = std::function<void(std::string_view)>;

  /// `partitions`: with how many the log was made. Its place is taken already.
  Inlet(TopicPartition source, std::int32_t partitions, Say say)
      : source_(source), partitions_(partitions), say_(std::move(say)) {}

  /// Adds what is there to `round`; how many records. It stands once `commit` is called.
  std::size_t move(LogReader& log, LogWriter& writer, Transaction& round);
  void commit() { committed_ = next_; }
  void rollback() { next_ = committed_; }

 private:
  Fallible<void> read(LogReader& log, LogWriter& writer);
  Fallible<Offset> beginning(LogReader& log, LogWriter& writer) const;
  OutgoingRecord moved(const Record& record);

  TopicPartition source_;
  std::int32_t partitions_;
  Say say_;
  std::optional<Offset> next_;  // nothing: not opened
  std::optional<Offset> committed_;
  std::vector<Record> records_;
  CommandReader reader_;
  int failures_ = 0;  // one after the other
  int passes_ = 0;    // rounds in which it is not tried
};

/// Those that belong to one partition: every `partitions`th of those beyond.
std::vector<TopicPartition> inlets_of(Partition partition, std::int32_t partitions,
                                      std::int32_t there);

}  // namespace pesan
