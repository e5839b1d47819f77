#include "adapters/kafka/topics.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include <fmt/format.h>

namespace pesan::kafka {
namespace {

constexpr std::chrono::days kept_at_least{30};  // commands and dead letters

struct Setting {
  const char* name;
  std::string value;
};

std::vector<Setting> settings_of(Topic topic, int replicas) {
  const bool passing = topic == Topic::commands || topic == Topic::dead_letters;
  const auto kept = std::chrono::duration_cast<milliseconds>(kept_at_least).count();
  const auto largest = topic == Topic::dead_letters ? max_letter_bytes : max_record_bytes;
  return {
      {"cleanup.policy", "delete"},
      {"retention.ms", passing ? std::to_string(kept) : "-1"},
      {"retention.bytes", "-1"},
      {"max.message.bytes", std::to_string(largest)},
      // Commands are decided by this time, and no sender may choose it. Also on a log that follows
      // the commands' own `time`: it will follow this one when its backfill ends.
      {"message.timestamp.type", "LogAppendTime"},
      {"min.insync.replicas", replicas >= 3 ? "2" : "1"},
      {"unclean.leader.election.enable", "false"},
  };
}

MetadataHandle metadata_of(Client& client, Topic topic, rd_kafka_resp_err_t& code) {
  const rd_kafka_metadata_t* answer = nullptr;
  code = rd_kafka_metadata(client.get(), 0, client.topic(topic), &answer,
                           static_cast<int>(patience.count()));
  return MetadataHandle(answer);
}

std::unexpected<Failure> cannot(std::string_view doing, const std::string& what,
                                rd_kafka_resp_err_t code, const char* answer = nullptr) {
  return std::unexpected(
      describe({.doing = doing, .what = what, .answer = answer == nullptr ? "" : answer},
               {.code = code, .step = Step::ask}));
}

/// Three where there are three brokers, else one: two would stop with the loss of either.
Fallible<int> replicas_of(Client& client, const Place& place) {
  auto code = RD_KAFKA_RESP_ERR_NO_ERROR;
  const auto metadata = metadata_of(client, Topic::commands, code);
  if (metadata == nullptr) return cannot("look for the brokers of", place.url(), code);
  return metadata->broker_cnt >= 3 ? 3 : 1;
}

std::optional<NewTopicHandle> new_topic(const Place& place, Topic topic, std::int32_t partitions,
                                        int replicas, std::string& problem) {
  std::array<char, 512> text{};
  NewTopicHandle made(rd_kafka_NewTopic_new(place.topic(topic).c_str(), partitions, replicas,
                                            text.data(), text.size()));
  problem = text.data();
  if (made == nullptr) return std::nullopt;
  for (const auto& [name, value] : settings_of(topic, replicas)) {
    rd_kafka_NewTopic_set_config(made.get(), name, value.c_str());
  }
  return made;
}

Fallible<void> request(Client& client, const Place& place, std::vector<NewTopicHandle> topics) {
  const AdminOptionsHandle options(
      rd_kafka_AdminOptions_new(client.get(), RD_KAFKA_ADMIN_OP_CREATETOPICS));
  const int timeout = static_cast<int>(patience.count());
  rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout, nullptr, 0);
  rd_kafka_AdminOptions_set_operation_timeout(options.get(), timeout, nullptr, 0);
  const QueueHandle queue(rd_kafka_queue_new(client.get()));
  std::vector<rd_kafka_NewTopic_t*> all;
  all.reserve(topics.size());
  for (const auto& topic : topics) all.push_back(topic.get());
  rd_kafka_CreateTopics(client.get(), all.data(), all.size(), options.get(), queue.get());
  const EventHandle event(rd_kafka_queue_poll(queue.get(), 2 * timeout));
  const auto what = fmt::format("topics on {}", place.url());
  if (event == nullptr) return cannot("make", what, RD_KAFKA_RESP_ERR__TIMED_OUT);
  if (const auto code = rd_kafka_event_error(event.get())) {
    return cannot("make", what, code, rd_kafka_event_error_string(event.get()));
  }
  std::size_t count = 0;
  const auto* results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto code = rd_kafka_topic_result_error(results[i]);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
      continue;
    }
    return cannot("make", fmt::format("topic {}", rd_kafka_topic_result_name(results[i])), code,
                  rd_kafka_topic_result_error_string(results[i]));
  }
  return {};
}

}  // namespace

PartitionCounts wanted_counts(std::int32_t partitions) {
  PartitionCounts counts;
  counts.fill(partitions);
  count_of(counts, Topic::customers) = 1;
  count_of(counts, Topic::dead_letters) = 1;
  return counts;
}

Fallible<PartitionCounts> count_partitions(Client& client, const Place& place) {
  PartitionCounts counts{};
  for (std::size_t i = 0; i < topic_count; ++i) {
    const auto topic = static_cast<Topic>(i);
    auto code = RD_KAFKA_RESP_ERR_NO_ERROR;
    const auto metadata = metadata_of(client, topic, code);
    client.serve();
    if (metadata != nullptr && metadata->topic_cnt == 1) code = metadata->topics[0].err;
    if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
        code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC) {
      continue;
    }
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR || metadata == nullptr) {
      return cannot("look for", fmt::format("topic {} on {}", place.topic(topic), place.url()),
                    code);
    }
    counts[i] = metadata->topics[0].partition_cnt;
  }
  return counts;
}

Fallible<void> make_topics(Client& client, const Place& place, const PartitionCounts& wanted,
                           const PartitionCounts& there) {
  const auto replicas = replicas_of(client, place);
  if (!replicas) return std::unexpected(replicas.error());
  std::vector<NewTopicHandle> missing;
  for (std::size_t i = 0; i < topic_count; ++i) {
    if (there[i] > 0) continue;
    std::string problem;
    auto topic = new_topic(place, static_cast<Topic>(i), wanted[i], *replicas, problem);
    if (!topic) return fail(FailureKind::fatal, problem);
    missing.push_back(*std::move(topic));
  }
  if (missing.empty()) return {};
  if (auto made = request(client, place, std::move(missing)); !made) return made;
  for (const auto deadline = std::chrono::steady_clock::now() + patience;;) {
    const auto counts = count_partitions(client, place);
    if (!counts) return std::unexpected(counts.error());
    if (*counts == wanted) return {};
    if (std::ranges::none_of(*counts, [](auto count) { return count == 0; }) ||
        std::chrono::steady_clock::now() > deadline) {
      return fail(FailureKind::transient,
                  fmt::format("the topics on {} were made, but the brokers do not show them all as "
                              "they should be: try again",
                              place.url()));
    }
    std::this_thread::sleep_for(milliseconds{50});
  }
}

}  // namespace pesan::kafka
