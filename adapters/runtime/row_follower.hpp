// How far the rows of a store are, for waiting for them. It looks at checkpoints and reads no
// row. One thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "events/log.hpp"
#include "projections/read_model.hpp"

namespace pesan::runtime {

class RowFollower {
 public:
  /// The store outlives it. `log_id`: whose rows they must be.
  RowFollower(ReadModel& store, std::string log_id, std::int32_t partitions)
      : store_(store),
        log_id_(std::move(log_id)),
        reached_(static_cast<std::size_t>(partitions), Sequence{-1}) {}

  /// From now on a store that does not answer for a moment says nothing, and is asked again.
  void be_patient() { patient_ = true; }
  /// The store's. `fatal` where that was folded from another log.
  Fallible<std::optional<Checkpoint>> checkpoint(TopicPartition source);
  /// Whether the rows of a partition's event are there.
  Fallible<bool> reached(Partition partition, Sequence event);

 private:
  ReadModel& store_;
  const std::string log_id_;
  bool patient_ = false;
  std::optional<std::chrono::steady_clock::time_point> fails_since_;
  std::vector<Sequence> reached_;  // by partition, as far as is known
};

/// Records of the topic that the read model has not folded yet.
Fallible<std::int64_t> unfolded(LogReader& log, ReadModel& store, Topic topic);

}  // namespace pesan::runtime
