// How far the rows of a store are, for waiting for them. It looks at checkpoints and reads no
// row. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "events/log.hpp"
#include "projections/read_model.hpp"

namespace pesan::runtime {

class RowFollower {
 public:
  /// The store outlives it. `log_id`: whose rows they must be.
  RowFollower(ReadModel& store, std::string log_id) : store_(store), log_id_(std::move(log_id)) {}

  /// The store's. `fatal` where that was folded from another log.
  Fallible<std::optional<Checkpoint>> checkpoint(TopicPartition source);

 private:
  ReadModel& store_;
  const std::string log_id_;
};

/// Records of the topic that the read model has not folded yet.
Fallible<std::int64_t> unfolded(LogReader& log, ReadModel& store, Topic topic);

}  // namespace pesan::runtime
