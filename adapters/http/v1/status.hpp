// How far a log and its rows are, as `GET /v1/status` says it (docs/http.md#status). Plain values;
// any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "events/ids.hpp"

namespace pesan::http::v1 {

/// Of one partition of events, or of the customer master.
struct RowsStatus {
  Sequence sequence{-1};        // of the last event in the rows
  std::int64_t lag_events = 0;  // in the log and not in the rows
  double lag_seconds = 0;       // age of the first of them
};

struct PartitionStatus {
  Partition partition;
  std::int64_t waiting_commands = 0;  // at most: marks of transactions count among them
  double waiting_seconds = 0;         // since the first of them
  RowsStatus rows{};
};

struct HouseStatus {
  std::string version{};  // of this program
  std::string log_id{};
  std::string clock{};
  std::vector<PartitionStatus> partitions{};
  RowsStatus customers{};
};

std::string json_of(const HouseStatus& status);

}  // namespace pesan::http::v1
