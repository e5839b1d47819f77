// The results of one partition as they come, from a place that is said. What was read and nobody
// has taken yet waits here: whose it is may not be known until an append is acknowledged. One
// thread.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "events/log.hpp"

namespace pesan::runtime {

class ResultTail {
 public:
  explicit ResultTail(Partition partition) : partition_(partition) {}

  /// Where to go on, if that is ahead: what stands before it concerns nobody.
  void start(Offset from);
  bool started() const { return next_.has_value(); }
  /// It has to be started again.
  void lose_track();

  /// Reads on where nothing that was read waits; what there is, without waiting.
  Fallible<void> read(LogReader& log);
  /// The next one; nothing where all that was read is taken.
  const Record* front() const { return taken_ < records_.size() ? &records_[taken_] : nullptr; }
  void pop() { ++taken_; }
  /// What was read concerns nobody.
  void skip() { taken_ = records_.size(); }

 private:
  const Partition partition_;
  std::optional<Offset> next_;  // after what was read
  std::vector<Record> records_;
  std::size_t taken_ = 0;
};

}  // namespace pesan::runtime
