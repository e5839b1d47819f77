#include "adapters/runtime/result_tail.hpp"

namespace pesan::runtime {

void ResultTail::start(Offset from) {
  if (next_ && *next_ >= from) return;
  lose_track();
  next_ = from;
}

void ResultTail::lose_track() {
  next_.reset();
  records_.clear();
  taken_ = 0;
}

Fallible<void> ResultTail::read(LogReader& log) {
  if (front() != nullptr) return {};
  const ReadLimit limit{.records = 4000, .bytes = std::size_t{2} << 20};
  taken_ = 0;
  if (auto read = log.read({Topic::results, partition_}, *next_, limit, records_); !read) {
    records_.clear();
    return read;
  }
  if (!records_.empty()) next_ = records_.back().offset.next();
  return {};
}

}  // namespace pesan::runtime
