#include "adapters/kafka/appender.hpp"

#include <fmt/format.h>

namespace pesan::kafka {

Fallible<std::vector<Offset>> Appender::append(const std::vector<OutgoingRecord>& records) {
  if (records.empty()) return std::vector<Offset>{};
  const std::scoped_lock turn(turn_);
  if (client_ == nullptr) {
    auto client =
        Client::make(place_, {.kind = Client::Kind::appender, .id = place_.prefix + "-append"});
    if (!client) return std::unexpected(std::move(client.error()));
    client_ = std::move(*client);
  }
  auto refused = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::size_t handed_over = 0;
  for (const auto& [to, payload] : records) {
    refused = client_->produce(to, payload, handed_over);
    if (refused != RD_KAFKA_RESP_ERR_NO_ERROR) break;
    ++handed_over;
  }
  // Each message has its report after append_timeout at the latest.
  const bool all = client_->flush(append_timeout + socket_timeout);
  auto offsets = collect(records, handed_over, refused);
  // No report may come in when the next call is collecting its own.
  if (!all || !client_->fatal_error().empty()) client_.reset();
  return offsets;
}

Fallible<std::vector<Offset>> Appender::collect(const std::vector<OutgoingRecord>& records,
                                                std::size_t handed_over,
                                                rd_kafka_resp_err_t refused) {
  std::vector<Offset> offsets(records.size());
  std::size_t written = 0;
  std::size_t surely_not = records.size() - handed_over;
  for (const Delivery& delivery : client_->take_deliveries()) {
    const bool there = delivery.error == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (there && delivery.offset < Offset{}) continue;  // a repeat that was written before: where?
    if (there) {
      ++written;
      offsets[delivery.index] = delivery.offset;
      ends_.raise(records[delivery.index].to, delivery.offset.next());
      continue;
    }
    if (refused == RD_KAFKA_RESP_ERR_NO_ERROR) refused = delivery.error;
    surely_not += delivery.status == RD_KAFKA_MSG_STATUS_NOT_PERSISTED ? 1 : 0;
  }
  if (written == records.size()) return offsets;
  if (refused == RD_KAFKA_RESP_ERR_NO_ERROR) refused = RD_KAFKA_RESP_ERR__TIMED_OUT;
  const auto what = fmt::format("{} record(s) to {}", records.size(), place_.url());
  Failure failure = describe({.doing = "append", .what = what, .answer = {}},
                             {.code = refused, .step = Step::append});
  const bool none = written == 0 && surely_not == records.size();
  if (none && failure.kind == FailureKind::unknown) failure.kind = FailureKind::transient;
  // Whatever refused the others: somebody's record may stand in the log.
  if (!none) failure.kind = FailureKind::unknown;
  if (!none) failure.what += fmt::format(" {} of them were written.", written);
  return std::unexpected(std::move(failure));
}

}  // namespace pesan::kafka
