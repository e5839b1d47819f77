#include "adapters/cli/gateway_status.hpp"

#include <algorithm>
#include <utility>

#include "adapters/cli/version.hpp"
#include "adapters/runtime/clock.hpp"

namespace pesan::cli {

GatewayStatus::GatewayStatus(LogReader& log, RowReader& rows, const LogInfo& info)
    : log_(log), rows_(rows), info_(info) {}

Fallible<http::v1::HouseStatus> GatewayStatus::now() {
  constexpr std::chrono::seconds worth{1};
  const std::scoped_lock lock(mutex_);
  const auto asked_at = std::chrono::steady_clock::now();
  if (last_ && asked_at < measured_at_ + worth) return *last_;
  auto status = measure();
  if (!status) return status;
  last_ = *status;
  measured_at_ = asked_at;
  return status;
}

Fallible<http::v1::HouseStatus> GatewayStatus::measure() {
  http::v1::HouseStatus status{.version = version_number(),
                               .log_id = info_.log_id,
                               .clock = std::string(name_of(info_.clock))};
  const auto stored = rows_.positions();
  if (!stored) return std::unexpected(stored.error());
  for (std::int32_t p = 0; p < log_.partitions(); ++p) {
    auto& waiting = waiting_.try_emplace(Partition{p}, Partition{p}).first->second;
    if (auto looked = waiting.look(log_, runtime::system_now()); !looked) {
      return std::unexpected(looked.error());
    }
    const auto rows = rows_of({Topic::events, {p}}, *stored);
    if (!rows) return std::unexpected(rows.error());
    const auto waits = waiting.at(runtime::system_now()).value_or(metrics::Waiting{});
    status.partitions.push_back({.partition = {p},
                                 .waiting_commands = waits.commands,
                                 .waiting_seconds = waits.seconds,
                                 .rows = *rows});
  }
  const auto customers = rows_of({Topic::customers, {}}, *stored);
  if (!customers) return std::unexpected(customers.error());
  status.customers = *customers;
  return status;
}

Fallible<http::v1::RowsStatus> GatewayStatus::rows_of(TopicPartition source,
                                                      const std::vector<Checkpoint>& stored) {
  const auto found = std::ranges::find_if(stored, [&](const Checkpoint& one) {
    return TopicPartition{one.topic, one.partition} == source;
  });
  const auto checkpoint = found == stored.end() ? std::nullopt : std::optional(*found);
  auto& measure = lags_.try_emplace(source, source).first->second;
  if (auto looked = measure.look(log_, checkpoint, runtime::system_now()); !looked) {
    return std::unexpected(looked.error());
  }
  const auto lag = measure.at(runtime::system_now()).value_or(metrics::Lag{});
  return http::v1::RowsStatus{.sequence = checkpoint ? checkpoint->sequence : Sequence{-1},
                              .lag_events = lag.events,
                              .lag_seconds = lag.seconds};
}

}  // namespace pesan::cli
