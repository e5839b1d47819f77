#include "tests/e2e/chaos/topics.hpp"

#include <array>
#include <chrono>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "adapters/kafka/record_codec.hpp"
#include "tests/e2e/chaos/servers.hpp"

namespace pesan::chaos {
namespace {

constexpr std::array all_topics{Topic::commands, Topic::events, Topic::results, Topic::customers,
                                Topic::dead_letters};

void set(rd_kafka_conf_t* conf, const char* name, const std::string& value) {
  std::array<char, 256> problem{};
  if (rd_kafka_conf_set(conf, name, value.c_str(), problem.data(), problem.size()) !=
      RD_KAFKA_CONF_OK) {
    throw Broken{problem.data()};
  }
}

}  // namespace

std::string topic_name(const std::string& prefix, Topic topic) {
  return fmt::format("{}.{}", prefix, name_of(topic));
}

Topics::Topics(Options options) : options_(std::move(options)) {
  kafka::ConfHandle conf(rd_kafka_conf_new());
  set(conf.get(), "bootstrap.servers", options_.brokers);
  set(conf.get(), "group.id", options_.prefix + "-auditor");
  set(conf.get(), "isolation.level", "read_committed");
  set(conf.get(), "enable.auto.commit", "false");
  set(conf.get(), "auto.offset.reset", "error");
  set(conf.get(), "enable.partition.eof", "true");
  set(conf.get(), "check.crcs", "true");
  set(conf.get(), "log_level", "2");  // brokers that come and go are what this is about
  std::array<char, 256> problem{};
  consumer_.reset(rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), problem.data(), problem.size()));
  if (consumer_ == nullptr) throw Broken{problem.data()};
  conf.release();  // NOLINT: rd_kafka_new has taken it over
  rd_kafka_poll_set_consumer(consumer_.get());
}

std::int32_t Topics::partitions_of(Topic topic) const {
  return topic == Topic::customers || topic == Topic::dead_letters ? 1 : options_.partitions;
}

void Topics::read_on() {
  const kafka::OffsetsHandle assigned(rd_kafka_topic_partition_list_new(16));
  std::set<std::pair<std::string, std::int32_t>> unread;
  for (const Topic topic : all_topics) {
    const std::string name = topic_name(options_.prefix, topic);
    for (std::int32_t p = 0; p < partitions_of(topic); ++p) {
      const auto& there = of(topic, p);
      rd_kafka_topic_partition_list_add(assigned.get(), name.c_str(), p)->offset =
          there.empty() ? 0 : there.back().offset.value + 1;
      unread.emplace(name, p);
    }
  }
  rd_kafka_assign(consumer_.get(), assigned.get());
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  while (!unread.empty()) {
    if (std::chrono::steady_clock::now() > deadline) {
      const auto& [name, partition] = *unread.begin();
      throw Broken{fmt::format("{}-{} cannot be read to its end", name, partition)};
    }
    const kafka::MessageHandle message(rd_kafka_consumer_poll(consumer_.get(), 100));
    if (message == nullptr || message->rkt == nullptr) continue;
    const std::string name = rd_kafka_topic_name(message->rkt);
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) unread.erase({name, message->partition});
    if (message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
      throw Broken{fmt::format("{}-{} lost records while it was read", name, message->partition)};
    }
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    for (const Topic topic : all_topics) {
      if (topic_name(options_.prefix, topic) != name) continue;
      kafka::decode(*message, records_[{topic, {message->partition}}].emplace_back());
    }
  }
  rd_kafka_assign(consumer_.get(), nullptr);
}

const std::vector<Record>& Topics::of(Topic topic, std::int32_t partition) const {
  static const std::vector<Record> none;
  const auto found = records_.find({topic, Partition{partition}});
  return found == records_.end() ? none : found->second;
}

}  // namespace pesan::chaos
