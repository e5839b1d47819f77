// What a gateway says of its log and its rows, measured from outside by the ends of the log and the
// checkpoints, whoever decides and folds. Measured when somebody asks, and once in a second at
// most. Any thread.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>

#include "adapters/http/v1/status.hpp"
#include "adapters/metrics/lag.hpp"
#include "adapters/metrics/waiting.hpp"
#include "events/log.hpp"
#include "projections/row_reader.hpp"

namespace pesan::cli {

class GatewayStatus {
 public:
  /// They outlive it.
  GatewayStatus(LogReader& log, RowReader& rows, const LogInfo& info);

  Fallible<http::v1::HouseStatus> now();

 private:
  Fallible<http::v1::HouseStatus> measure();
  Fallible<http::v1::RowsStatus> rows_of(TopicPartition source,
                                         const std::vector<Checkpoint>& stored);

  LogReader& log_;
  RowReader& rows_;
  const LogInfo info_;
  std::mutex mutex_;  // guards what follows
  std::map<Partition, metrics::WaitingMeasure> waiting_;
  std::map<TopicPartition, metrics::LagMeasure> lags_;
  std::optional<http::v1::HouseStatus> last_;
  std::chrono::steady_clock::time_point measured_at_{};
};

}  // namespace pesan::cli
