// The past that `--as-of` names: a time, or a position in one or several partitions of a topic, as
// ends for a fold of that topic. Both are inclusive; a partition that is not named goes to the end
// of the log. One thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "events/failure.hpp"
#include "events/log.hpp"
#include "projections/refold.hpp"

namespace pesan::runtime {

struct AsOf {
  struct Position {
    std::int32_t partition = 0;
    std::int64_t sequence = 0;
  };
  std::optional<Instant> time;
  std::vector<Position> positions;
};

/// Of the option's values: one RFC 3339 time, or any number of PARTITION:SEQUENCE. A failure is a
/// sentence about wrong usage.
Fallible<AsOf> parse_as_of(const std::vector<std::string>& values);

/// Where a fold of the topic is to end, a partition each. `usage`: it names a position that the
/// log does not have.
Fallible<FoldEnds> fold_ends(LogReader& log, Topic topic, const AsOf& as_of);

}  // namespace pesan::runtime
