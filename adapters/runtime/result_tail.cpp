#include "adapters/runtime/result_tail.hpp"

#include <array>

namespace pesan::runtime {

Fallible<std::unique_ptr<ResultTail>> ResultTail::from_now(LogReader& log) {
  std::vector<Offset> next;
  for (std::int32_t p = 0; p < log.partitions(); ++p) {
    const auto range = log.range({Topic::results, Partition{p}});
    if (!range) return std::unexpected(range.error());
    next.push_back(range->end);
  }
  return std::unique_ptr<ResultTail>(new ResultTail(log, std::move(next)));
}

Fallible<std::size_t> ResultTail::read(Partition partition, std::chrono::milliseconds wait,
                                       const Take& take) {
  const ReadLimit limit{.records = 4000, .bytes = std::size_t{8} << 20};
  Offset& next = next_[static_cast<std::size_t>(partition.value)];
  const std::array places{TopicPartition{Topic::results, partition}};
  const auto since = log_.changes(places);
  auto read = log_.read(places[0], next, limit, records_);
  if (read && records_.empty() && wait.count() > 0) {
    const auto changed = log_.wait_for_change(places, since, wait);
    if (!changed) return std::unexpected(changed.error());
    read = log_.read(places[0], next, limit, records_);
  }
  if (!read) return std::unexpected(read.error());
  for (const Record& record : records_) {
    const auto result = decoder_.decode(record.payload.value);
    if (!result) return fail(FailureKind::fatal, result.error().what);
    take(partition, *result, record.payload.value);
    next = record.offset.next();
  }
  return records_.size();
}

}  // namespace pesan::runtime
