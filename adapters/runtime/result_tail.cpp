#include "adapters/runtime/result_tail.hpp"

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
  const ReadLimit limit{.records = 4000, .bytes = std::size_t{8} << 20, .wait = wait};
  Offset& next = next_[static_cast<std::size_t>(partition.value)];
  const auto read = log_.read({Topic::results, partition}, next, limit, records_);
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
