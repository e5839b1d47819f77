#include "adapters/kafka/topics.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <thread>

#include <fmt/format.h>

#include "adapters/kafka/admin.hpp"
#include "adapters/kafka/topic_settings.hpp"

namespace pesan::kafka {
namespace {

MetadataHandle metadata_of(Client& client, Topic topic, rd_kafka_resp_err_t& code) {
  const rd_kafka_metadata_t* answer = nullptr;
  code = rd_kafka_metadata(client.get(), 0, client.topic(topic), &answer,
                           static_cast<int>(patience.count()));
  return MetadataHandle(answer);
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
  for (const auto& setting : settings_of(topic, replicas)) {
    rd_kafka_NewTopic_set_config(made.get(), setting.name, setting.value.c_str());
  }
  return made;
}

Fallible<void> request(Client& client, const Place& place, std::vector<NewTopicHandle> topics) {
  std::vector<rd_kafka_NewTopic_t*> all;
  all.reserve(topics.size());
  for (const auto& topic : topics) all.push_back(topic.get());
  const auto event =
      ask(client, {.operation = RD_KAFKA_ADMIN_OP_CREATETOPICS,
                   .doing = "make",
                   .what = fmt::format("topics on {}", place.url()),
                   .send = [&](auto* kafka, const auto* options, auto* queue) {
                     rd_kafka_CreateTopics(kafka, all.data(), all.size(), options, queue);
                   }});
  if (!event) return std::unexpected(event.error());
  std::size_t count = 0;
  const auto* results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event->get()), &count);
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
    const std::string turned_away = client.take_turned_away();
    if (metadata != nullptr && metadata->topic_cnt == 1) code = metadata->topics[0].err;
    if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
        code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC) {
      continue;
    }
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR || metadata == nullptr) {
      const auto what = fmt::format("topic {} on {}", place.topic(topic), place.url());
      return std::unexpected(
          describe({.doing = "look for", .what = what, .answer = turned_away},
                   {.code = code, .step = Step::ask, .turned_away = !turned_away.empty()}));
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
    // Others may have as many more as somebody added.
    if (std::ranges::equal(*counts, wanted, std::greater_equal<>{})) return {};
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

Fallible<std::vector<TopicFault>> find_faults(Client& client, const Place& place,
                                              std::int32_t partitions) {
  const auto counts = count_partitions(client, place);
  if (!counts) return std::unexpected(counts.error());
  const PartitionCounts wanted = wanted_counts(partitions);
  std::vector<TopicFault> faults;
  std::vector<Topic> there;
  for (std::size_t i = 0; i < topic_count; ++i) {
    const auto topic = static_cast<Topic>(i);
    const auto fault = [&](TopicFault::Kind kind, std::string what) {
      faults.push_back({.topic = topic, .kind = kind, .what = std::move(what)});
    };
    const std::string name = place.topic(topic);
    if ((*counts)[i] > 0) there.push_back(topic);
    if ((*counts)[i] == 0) {
      fault(TopicFault::Kind::missing, fmt::format("there is no topic {}", name));
    } else if ((*counts)[i] < wanted[i]) {
      fault(TopicFault::Kind::missing,
            fmt::format("{} has {} partition(s), and the log was made with {}", name, (*counts)[i],
                        wanted[i]));
    } else if ((*counts)[i] > wanted[i] && topic != Topic::commands) {  // those are inlets
      fault(TopicFault::Kind::added,
            fmt::format("{} has {} partition(s), and the log was made with {}: what lands in those "
                        "that were added is not read",
                        name, (*counts)[i], wanted[i]));
    }
  }
  const auto settings = find_setting_faults(client, place, there);
  if (!settings) return std::unexpected(settings.error());
  for (const auto& setting : *settings) {
    faults.push_back({.topic = setting.topic,
                      .kind = TopicFault::Kind::setting,
                      .what = describe(setting, place)});
  }
  return faults;
}

}  // namespace pesan::kafka
