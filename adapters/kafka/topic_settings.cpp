#include "adapters/kafka/topic_settings.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <span>

#include <fmt/format.h>

#include "adapters/kafka/admin.hpp"

namespace pesan::kafka {
namespace {

constexpr std::chrono::days kept_at_least{30};  // commands and dead letters

using ConfigResourceHandle = Handle<rd_kafka_ConfigResource_t, rd_kafka_ConfigResource_destroy>;
using Entries = std::span<const rd_kafka_ConfigEntry_t* const>;

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

bool keeps(const TopicSetting& should, std::string_view is) {
  if (should.bound == Bound::free || is == should.value) return true;
  if (should.bound == Bound::equal) return false;
  const auto found = number_of(is);
  const auto least = number_of(should.value);
  return found && least && (*found == -1 || *found >= *least);
}

/// Each topic's resource of a request.
std::vector<ConfigResourceHandle> resources_of(const Place& place,
                                               const std::vector<Topic>& topics) {
  std::vector<ConfigResourceHandle> resources;
  for (const Topic topic : topics) {
    resources.emplace_back(
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, place.topic(topic).c_str()));
  }
  return resources;
}

std::vector<rd_kafka_ConfigResource_t*> pointers_of(
    const std::vector<ConfigResourceHandle>& resources) {
  std::vector<rd_kafka_ConfigResource_t*> pointers;
  for (const auto& resource : resources) pointers.push_back(resource.get());
  return pointers;
}

/// Of one topic, by name.
struct Described {
  std::map<std::string, std::string> values;
  std::map<std::string, std::string> own;  // set on the topic itself, not by the brokers
};

Described described(const rd_kafka_ConfigResource_t* resource) {
  Described found;
  std::size_t count = 0;
  const auto* entries = rd_kafka_ConfigResource_configs(resource, &count);
  for (const auto* entry : Entries(entries, count)) {
    const char* value = rd_kafka_ConfigEntry_value(entry);
    if (value == nullptr) continue;
    const char* name = rd_kafka_ConfigEntry_name(entry);
    found.values[name] = value;
    if (rd_kafka_ConfigEntry_source(entry) == RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG) {
      found.own[name] = value;
    }
  }
  return found;
}

/// By topic, in the order given.
Fallible<std::vector<Described>> describe_topics(Client& client, const Place& place,
                                                 const std::vector<Topic>& topics) {
  const auto resources = resources_of(place, topics);
  auto pointers = pointers_of(resources);
  const std::string what = fmt::format("the settings of the topics on {}", place.url());
  const auto answer = ask(client, {.operation = RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS,
                                   .doing = "look at",
                                   .what = what,
                                   .send = [&](auto* kafka, const auto* options, auto* queue) {
                                     rd_kafka_DescribeConfigs(kafka, pointers.data(),
                                                              pointers.size(), options, queue);
                                   }});
  if (!answer) return std::unexpected(answer.error());
  std::size_t count = 0;
  const auto* results = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(answer->get()), &count);
  std::vector<Described> all(topics.size());
  for (const auto* resource : std::span(results, count)) {
    if (const auto code = rd_kafka_ConfigResource_error(resource)) {
      return cannot("look at", what, code, rd_kafka_ConfigResource_error_string(resource));
    }
    const auto topic = std::ranges::find(topics, rd_kafka_ConfigResource_name(resource),
                                         [&](Topic t) { return place.topic(t); });
    if (topic == topics.end()) continue;
    all[static_cast<std::size_t>(topic - topics.begin())] = described(resource);
  }
  return all;
}

}  // namespace

std::vector<TopicSetting> settings_of(Topic topic, int replicas) {
  const bool passing = topic == Topic::commands || topic == Topic::dead_letters;
  const auto kept = std::chrono::duration_cast<milliseconds>(kept_at_least).count();
  const auto largest = topic == Topic::dead_letters ? max_letter_bytes : max_record_bytes;
  return {
      {"cleanup.policy", "delete", Bound::equal},
      {"retention.ms", passing ? std::to_string(kept) : "-1",
       passing ? Bound::at_least : Bound::equal},
      {"retention.bytes", "-1", Bound::equal},
      {"max.message.bytes", std::to_string(largest), Bound::at_least},
      // Commands are decided by this time, and no sender may choose it. Also on a log that follows
      // the commands' own `time`: it will follow this one when its backfill ends.
      {"message.timestamp.type", "LogAppendTime",
       topic == Topic::commands ? Bound::equal : Bound::free},
      {"min.insync.replicas", replicas >= 3 ? "2" : "1", Bound::free},
      {"unclean.leader.election.enable", "false", Bound::equal},
  };
}

std::string describe(const SettingFault& fault, const Place& place) {
  return fmt::format("{} of {} is {}, and must be {}{}", fault.should.name,
                     place.topic(fault.topic), fault.is, fault.should.value,
                     fault.should.bound == Bound::at_least ? " or more" : "");
}

Fallible<std::vector<SettingFault>> find_setting_faults(Client& client, const Place& place,
                                                        const std::vector<Topic>& topics) {
  const auto found = describe_topics(client, place, topics);
  if (!found) return std::unexpected(found.error());
  std::vector<SettingFault> faults;
  for (std::size_t i = 0; i < topics.size(); ++i) {
    for (const auto& should : settings_of(topics[i], 1)) {
      const auto is = (*found)[i].values.find(should.name);
      if (is == (*found)[i].values.end() || keeps(should, is->second)) continue;
      faults.push_back({.topic = topics[i], .should = should, .is = is->second});
    }
  }
  return faults;
}

Fallible<void> mend_settings(Client& client, const Place& place,
                             const std::vector<SettingFault>& faults) {
  std::vector<Topic> topics;
  for (const auto& fault : faults) {
    if (topics.empty() || topics.back() != fault.topic) topics.push_back(fault.topic);
  }
  if (topics.empty()) return {};
  auto found = describe_topics(client, place, topics);
  if (!found) return std::unexpected(found.error());
  const auto resources = resources_of(place, topics);
  for (std::size_t i = 0; i < topics.size(); ++i) {
    auto& own = (*found)[i].own;
    for (const auto& fault : faults) {
      if (fault.topic == topics[i]) own[fault.should.name] = fault.should.value;
    }
    // This request puts all settings that it does not name back to their defaults.
    for (const auto& [name, value] : own) {
      rd_kafka_ConfigResource_set_config(resources[i].get(), name.c_str(), value.c_str());
    }
  }
  auto pointers = pointers_of(resources);
  const std::string what = fmt::format("the settings of the topics on {}", place.url());
  const auto answer =
      ask(client, {.operation = RD_KAFKA_ADMIN_OP_ALTERCONFIGS,
                   .doing = "mend",
                   .what = what,
                   .send = [&](auto* kafka, const auto* options, auto* queue) {
                     rd_kafka_AlterConfigs(kafka, pointers.data(), pointers.size(), options, queue);
                   }});
  if (!answer) return std::unexpected(answer.error());
  std::size_t count = 0;
  const auto* results = rd_kafka_AlterConfigs_result_resources(
      rd_kafka_event_AlterConfigs_result(answer->get()), &count);
  for (const auto* resource : std::span(results, count)) {
    if (const auto code = rd_kafka_ConfigResource_error(resource)) {
      return cannot("mend", what, code, rd_kafka_ConfigResource_error_string(resource));
    }
  }
  return {};
}

}  // namespace pesan::kafka
