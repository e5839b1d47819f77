#include "adapters/runtime/row_follower.hpp"

#include <fmt/format.h>

#include "projections/refold.hpp"

namespace pesan::runtime {

Fallible<std::optional<Checkpoint>> RowFollower::checkpoint(TopicPartition source) {
  auto checkpoint = store_.checkpoint(source);
  if (!checkpoint || !*checkpoint || (*checkpoint)->log_id == log_id_) return checkpoint;
  // Its rows would be waited for in vain: another process may project there.
  return fail(
      FailureKind::fatal,
      fmt::format("the read model was folded from log {}, and this is log {}. Point both at "
                  "the same log (--log, --store), or make the rows anew: pesan rebuild --replace",
                  (*checkpoint)->log_id, log_id_));
}

Fallible<std::int64_t> unfolded(LogReader& log, ReadModel& store, Topic topic) {
  std::int64_t records = 0;
  for (std::int32_t p = 0; p < partitions_of(log, topic); ++p) {
    const TopicPartition source{topic, Partition{p}};
    const auto range = log.range(source);
    if (!range) return std::unexpected(range.error());
    const auto checkpoint = store.checkpoint(source);
    if (!checkpoint) return std::unexpected(checkpoint.error());
    const Offset folded = *checkpoint ? (*checkpoint)->next_offset : range->begin;
    const auto left = holds_records(log, source, folded, range->end);
    if (!left) return std::unexpected(left.error());
    if (*left) records += range->end.value - folded.value;
  }
  return records;
}

}  // namespace pesan::runtime
