#include "adapters/kafka/group_offsets.hpp"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

namespace pesan::kafka {
namespace {

constexpr milliseconds retry_pause{5};

}  // namespace

GroupOffsets::GroupOffsets(const Place& place, const std::string& group)
    : place_(place),
      group_(group),
      stable_(place, {.kind = Client::Kind::group, .id = group}),
      last_(place, {.kind = Client::Kind::group, .id = group, .uncommitted = true}) {}

Fallible<std::optional<GroupOffset>> GroupOffsets::stable(TopicPartition source,
                                                          milliseconds wait) {
  const auto client = stable_.get();
  if (!client) return std::unexpected(client.error());
  const auto begun = std::chrono::steady_clock::now();
  for (;;) {
    GroupOffset offset;
    const auto refusal = ask(**client, source, wait, offset);
    if (!refusal) return offset;
    if (remedy_for(*refusal) != Remedy::repeat) return std::unexpected(failure(source, *refusal));
    if (std::chrono::steady_clock::now() - begun >= wait) return std::nullopt;
    std::this_thread::sleep_for(retry_pause);
  }
}

Fallible<GroupOffset> GroupOffsets::last(TopicPartition source) {
  const auto client = last_.get();
  if (!client) return std::unexpected(client.error());
  GroupOffset offset;
  const auto refusal = ask(**client, source, patience, offset);
  if (refusal) return std::unexpected(failure(source, *refusal));
  return offset;
}

void GroupOffsets::rest() {
  stable_.rest();
  last_.rest();
}

std::optional<Refusal> GroupOffsets::ask(Client& client, TopicPartition source, milliseconds wait,
                                         GroupOffset& into) const {
  client.serve();
  const OffsetsHandle offsets(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(offsets.get(), place_.topic(source.topic).c_str(),
                                    source.partition.value);
  auto code = rd_kafka_committed(client.get(), offsets.get(),
                                 static_cast<int>(std::max(wait, milliseconds{1}).count()));
  const auto& answer = offsets->elems[0];
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) code = answer.err;
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return Refusal{.code = code, .step = Step::ask};
  if (answer.offset >= 0) into.next = Offset{answer.offset};
  if (answer.metadata != nullptr) {
    into.writer.assign(static_cast<const char*>(answer.metadata), answer.metadata_size);
  }
  return std::nullopt;
}

Failure GroupOffsets::failure(TopicPartition source, const Refusal& refusal) const {
  const auto what = fmt::format("what {} committed of {}-{} on {}", group_,
                                place_.topic(source.topic), source.partition.value, place_.url());
  return describe({.doing = "ask", .what = what, .answer = {}}, refusal);
}

}  // namespace pesan::kafka
