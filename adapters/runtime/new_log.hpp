// What a new log begins with, and which names a log may have. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/log_writer.hpp"
#include "events/event_codec.hpp"
#include "events/events.hpp"
#include "events/vocabulary.hpp"

namespace pesan::runtime {

/// Of a new log, where nobody says how many.
inline constexpr std::int32_t embedded_partitions = 1;
inline constexpr std::int32_t kafka_partitions = 12;

/// How to make a log that is not there yet.
struct NewLog {
  std::int32_t partitions = embedded_partitions;
  Clock clock = Clock::append;
  std::string calling_code{default_calling_code};
};

/// Under an id of its own.
LogInfo new_log_info(const NewLog& options);
/// A LogOpened for every partition.
std::vector<OutgoingRecord> opening_records(const LogInfo& info, std::string_view calling_code);
/// A log's id comes from the log, which others may have written, and becomes a part of a path.
Fallible<void> check_log_id(std::string_view log_id);

}  // namespace pesan::runtime
