// Reading that waits for a record which has yet to come. Any thread, as the log.
#pragma once

#include <chrono>
#include <vector>

#include "events/log.hpp"

namespace pesan {

/// As `read`, but where there is nothing it waits for it, at most for so long.
inline Fallible<void> read_or_wait(LogReader& log, TopicPartition source, Offset from,
                                   const ReadLimit& limit, std::chrono::milliseconds wait,
                                   std::vector<Record>& into) {
  const LogReader::Places places(&source, 1);
  const auto until = std::chrono::steady_clock::now() + wait;
  for (;;) {
    const auto since = log.changes(places);
    auto read = log.read(source, from, limit, into);
    if (!read || !into.empty()) return read;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left <= std::chrono::milliseconds{0}) return read;
    const auto changed = log.wait_for_change(places, since, left);
    if (!changed) return std::unexpected(changed.error());
  }
}

}  // namespace pesan
