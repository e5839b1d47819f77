#include "adapters/kafka/group_offsets.hpp"

#include <thread>

#include <fmt/format.h>

namespace pesan::kafka {

Fallible<std::unique_ptr<GroupOffsets>> GroupOffsets::open(const Place& place,
                                                           const std::string& group) {
  auto client = Client::make(place, {.kind = Client::Kind::group, .id = group});
  if (!client) return std::unexpected(std::move(client.error()));
  return std::unique_ptr<GroupOffsets>(new GroupOffsets(place, group, std::move(*client)));
}

Fallible<std::optional<Offset>> GroupOffsets::committed(TopicPartition source) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    client_->serve();
    const OffsetsHandle offsets(rd_kafka_topic_partition_list_new(1));
    const auto* answer = rd_kafka_topic_partition_list_add(
        offsets.get(), place_.topic(source.topic).c_str(), source.partition.value);
    auto code =
        rd_kafka_committed(client_->get(), offsets.get(), static_cast<int>(patience.count()));
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      answer = &offsets->elems[0];
      code = answer->err;
    }
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      return answer->offset < 0 ? std::nullopt : std::optional(Offset{answer->offset});
    }
    const Refusal refusal{.code = code, .step = Step::ask};
    if (remedy_for(refusal) != Remedy::repeat || std::chrono::steady_clock::now() > deadline) {
      const auto what =
          fmt::format("what {} committed of {}-{} on {}", group_, place_.topic(source.topic),
                      source.partition.value, place_.url());
      return std::unexpected(describe({.doing = "ask", .what = what, .answer = {}}, refusal));
    }
    std::this_thread::sleep_for(milliseconds{10});
  }
}

}  // namespace pesan::kafka
