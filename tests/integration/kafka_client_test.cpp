// How the clients of a log on Kafka are set up, as librdkafka says. No broker is asked.
#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "adapters/kafka/client.hpp"
#include "tests/support/must.hpp"

namespace pesan::kafka {
namespace {

std::string setting(Client::Kind kind, const std::vector<std::string>& properties) {
  const Place place = must(parse_place("kafka://127.0.0.1:1", properties));
  const auto client = must(Client::make(place, {.kind = kind, .id = "test"}));
  std::array<char, 100> value{};
  std::size_t size = value.size();
  EXPECT_EQ(
      rd_kafka_conf_get(rd_kafka_conf(client->get()), "compression.type", value.data(), &size),
      RD_KAFKA_CONF_OK);
  return value.data();
}

TEST(KafkaClient, WhatIsWrittenIsCompressedUnlessAPropertySaysOtherwise) {
  for (const auto kind : {Client::Kind::writer, Client::Kind::appender}) {
    EXPECT_EQ(setting(kind, {}), "zstd");
    EXPECT_EQ(setting(kind, {"compression.type=lz4"}), "lz4");
    EXPECT_EQ(setting(kind, {"compression.codec=none"}), "none");
  }
}

}  // namespace
}  // namespace pesan::kafka
