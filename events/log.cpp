#include "events/log.hpp"

#include <algorithm>
#include <utility>

namespace pesan {

std::size_t size_of(const Header& header) {
  constexpr std::size_t two_lengths = 10;
  return header.name.size() + header.value.size() + two_lengths;
}

std::size_t size_of(const Payload& payload) {
  std::size_t bytes = payload.value.size() + (payload.key ? payload.key->size() : 0);
  for (const Header& header : payload.headers) bytes += size_of(header);
  return bytes;
}

Fallible<bool> holds_records(LogReader& log, TopicPartition source, Offset from, Offset to) {
  if (from >= to) return false;
  std::vector<Record> records;
  if (auto read = log.read(source, from, {.records = 1, .bytes = 1}, records); !read) {
    return std::unexpected(std::move(read.error()));
  }
  return !records.empty() && records.front().offset < to;
}

Fallible<std::optional<Record>> last_record(LogReader& log, TopicPartition source) {
  const auto range = log.range(source);
  if (!range) return std::unexpected(range.error());
  std::vector<Record> records;
  for (std::int64_t back = 100;; back *= 100) {
    const Offset from{std::max(range->begin.value, range->end.value - back)};
    std::optional<Record> last;
    for (Offset next = from; next < range->end; next = last->offset.next()) {
      if (auto read = log.read(source, next, {.records = 1000}, records); !read) {
        return std::unexpected(std::move(read.error()));
      }
      if (records.empty()) break;
      last = std::move(records.back());
    }
    if (last || from == range->begin) return last;
  }
}

}  // namespace pesan
