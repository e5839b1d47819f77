#include "projections/refold.hpp"

#include <algorithm>

#include "events/assert.hpp"
#include "projections/row_renderer.hpp"

namespace pesan {
namespace {

/// What the rows of one record take, over all tables; measured on hotel bookings, rounded up.
constexpr std::int64_t bytes_a_record = 1024;

}  // namespace

std::uint32_t ranges_for(std::int64_t records, const RefoldOptions& options) {
  const auto memory = static_cast<std::int64_t>(std::max<std::size_t>(options.memory, 1));
  const std::int64_t ranges = (records * bytes_a_record + memory - 1) / memory;
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(ranges, 1, 1'000'000));
}

std::int32_t partitions_of(const LogReader& log, Topic topic) {
  PESAN_ASSERT(topic == Topic::events || topic == Topic::customers,
               "read models are folds of events and customers");
  return topic == Topic::customers ? 1 : log.partitions();
}

Fallible<std::int64_t> length_of(LogReader& log, Topic topic) {
  std::int64_t records = 0;
  for (std::int32_t p = 0; p < partitions_of(log, topic); ++p) {
    const auto range = log.range({topic, Partition{p}});
    if (!range) return std::unexpected(range.error());
    records += range->end.value - range->begin.value;
  }
  return records;
}

Refold::Refold(LogReader& log, Topic topic, const RowFilter& filter)
    : log_(log), topic_(topic), rows_(filter) {
  for (std::int32_t p = 0; p < partitions_of(log, topic); ++p) {
    folds_.push_back(std::make_unique<PartitionFold>(TopicPartition{topic, Partition{p}}));
    folds_.back()->start(std::nullopt);
  }
}

Fallible<void> Refold::advance(Partition partition, const FoldEnd& end,
                               const OnProgress& on_progress) {
  PartitionFold& fold = *folds_[static_cast<std::size_t>(partition.value)];
  const ReadLimit limit{.records = 4000};
  while (!end.offset || fold.next_read() < *end.offset) {
    auto read = log_.read({topic_, partition}, fold.next_read(), limit, records_);
    if (!read) return read;
    if (records_.empty()) return {};
    for (const Record& record : records_) {
      const auto more = fold.fold(record, end, rows_);
      if (!more) return std::unexpected(more.error());
      if (!*more) return {};
      ++progress.done;
    }
    if (on_progress) on_progress(progress);
  }
  return {};
}

Fallible<void> refold_table(LogReader& log, Table table, const FoldEnds& ends,
                            const RefoldOptions& options,
                            const std::function<void(const StoredRow&)>& on_row) {
  const Topic topic = describe(table).source;
  const auto length = length_of(log, topic);
  if (!length) return std::unexpected(length.error());
  const std::uint32_t ranges = ranges_for(*length, options);
  FoldProgress progress{0, *length * ranges};
  RowRenderer renderer;
  for (std::uint32_t range = 0; range < ranges; ++range) {
    Refold refold(log, topic, {TableSet(table), range, ranges});
    refold.progress = progress;
    for (std::size_t p = 0; p < ends.size(); ++p) {
      const Partition partition{static_cast<std::int32_t>(p)};
      auto folded = refold.advance(partition, ends[p], options.on_progress);
      if (!folded) return folded;
    }
    progress = refold.progress;
    for (const RowChange* row : refold.rows().in_key_order(table)) {
      on_row(renderer.render(table, *row));
    }
  }
  return {};
}

}  // namespace pesan
