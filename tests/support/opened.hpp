// The first event of a partition, as `topics create` writes it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "events/event_codec.hpp"

namespace pesan {

inline std::string opened(std::string_view log_id = "log", std::int64_t partitions = 1,
                          Clock clock = Clock::append, std::int64_t partition = 0) {
  std::string text;
  append_event(text, {.log_id = log_id,
                      .sequence = {},
                      .time = {},
                      .what = LogOpened{.log_id = log_id,
                                        .partition = partition,
                                        .partitions = partitions,
                                        .partitioner = "murmur2",
                                        .clock = clock,
                                        .format = 1}});
  return text;
}

}  // namespace pesan
