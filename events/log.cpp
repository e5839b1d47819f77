#include "events/log.hpp"

namespace pesan {

Fallible<bool> holds_records(LogReader& log, TopicPartition source, Offset from, Offset to) {
  if (from >= to) return false;
  std::vector<Record> records;
  if (auto read = log.read(source, from, {.records = 1, .bytes = 1, .wait = {}}, records); !read) {
    return std::unexpected(std::move(read.error()));
  }
  return !records.empty() && records.front().offset < to;
}

}  // namespace pesan
