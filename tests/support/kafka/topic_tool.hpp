// What an operator does to topics behind pesan's back, by the brokers' own requests. One thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/kafka/admin.hpp"
#include "tests/support/must.hpp"

namespace pesan::kafka {

class TopicTool {
 public:
  explicit TopicTool(const Place& place)
      : place_(place), client_(must(Client::make(place, {.id = "tool"}))) {}

  void remove(Topic topic) {
    const Handle<rd_kafka_DeleteTopic_t, rd_kafka_DeleteTopic_destroy> gone(
        rd_kafka_DeleteTopic_new(place_.topic(topic).c_str()));
    std::vector<rd_kafka_DeleteTopic_t*> all{gone.get()};
    must(ask(*client_, {.operation = RD_KAFKA_ADMIN_OP_DELETETOPICS,
                        .doing = "delete",
                        .what = "a topic",
                        .send = [&](auto* kafka, const auto* options, auto* queue) {
                          rd_kafka_DeleteTopics(kafka, all.data(), 1, options, queue);
                        }}));
  }

  void make(Topic topic, int partitions) {
    std::array<char, 512> text{};
    const NewTopicHandle made(rd_kafka_NewTopic_new(place_.topic(topic).c_str(), partitions, 1,
                                                    text.data(), text.size()));
    std::vector<rd_kafka_NewTopic_t*> all{made.get()};
    must(ask(*client_, {.operation = RD_KAFKA_ADMIN_OP_CREATETOPICS,
                        .doing = "make",
                        .what = "a topic",
                        .send = [&](auto* kafka, const auto* options, auto* queue) {
                          rd_kafka_CreateTopics(kafka, all.data(), 1, options, queue);
                        }}));
  }

  void add_partitions(Topic topic, std::size_t partitions) {
    std::array<char, 512> text{};
    const Handle<rd_kafka_NewPartitions_t, rd_kafka_NewPartitions_destroy> more(
        rd_kafka_NewPartitions_new(place_.topic(topic).c_str(), partitions, text.data(),
                                   text.size()));
    std::vector<rd_kafka_NewPartitions_t*> all{more.get()};
    must(ask(*client_, {.operation = RD_KAFKA_ADMIN_OP_CREATEPARTITIONS,
                        .doing = "add",
                        .what = "partitions",
                        .send = [&](auto* kafka, const auto* options, auto* queue) {
                          rd_kafka_CreatePartitions(kafka, all.data(), 1, options, queue);
                        }}));
  }

  /// Instead of all others that the topic has of its own.
  void set(Topic topic, const std::vector<std::pair<std::string, std::string>>& settings) {
    const Handle<rd_kafka_ConfigResource_t, rd_kafka_ConfigResource_destroy> resource(
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, place_.topic(topic).c_str()));
    for (const auto& [name, value] : settings) {
      rd_kafka_ConfigResource_set_config(resource.get(), name.c_str(), value.c_str());
    }
    std::vector<rd_kafka_ConfigResource_t*> all{resource.get()};
    must(ask(*client_, {.operation = RD_KAFKA_ADMIN_OP_ALTERCONFIGS,
                        .doing = "set",
                        .what = "settings",
                        .send = [&](auto* kafka, const auto* options, auto* queue) {
                          rd_kafka_AlterConfigs(kafka, all.data(), 1, options, queue);
                        }}));
  }

 private:
  const Place place_;
  std::unique_ptr<Client> client_;
};

}  // namespace pesan::kafka
