// How records come from a real Kafka where others write meanwhile.
#include <chrono>
#include <random>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "adapters/kafka/kafka_log.hpp"
#include "tests/support/must.hpp"
#include "tests/support/stack.hpp"

namespace pesan::kafka {
namespace {

constexpr TopicPartition commands{Topic::commands, Partition{0}};

// A read ended where the log had ended when its records were fetched: an engine that was behind
// went on taking a few commands at a time, and was never again in time.
TEST(KafkaReading, GoesOnBehindAnEndThatTheLogHadForAMoment) {
  const Place place{.brokers = kafka_brokers(),
                    .prefix = fmt::format("reading-{:08x}", std::random_device{}()),
                    .properties = {}};
  must(KafkaLog::create(place, 1, {}));
  const auto reader = must(KafkaLog::open(place));
  const auto writer = must(KafkaLog::open(place));
  const std::vector<OutgoingRecord> one{{.to = commands, .payload = {.value = "{}"}}};
  std::vector<Record> records;
  must(writer->append(one));
  must(reader->read(commands, {}, {.records = 100, .wait = std::chrono::seconds{5}}, records));
  ASSERT_EQ(records.size(), 1U);

  for (int i = 0; i < 5; ++i) {  // each is fetched by itself, and an end behind it
    must(writer->append(one));
    std::this_thread::sleep_for(std::chrono::milliseconds{150});
  }
  std::this_thread::sleep_for(std::chrono::milliseconds{500});

  must(reader->read(commands, {1}, {.records = 100, .wait = std::chrono::seconds{5}}, records));
  EXPECT_EQ(records.size(), 5U);
}

}  // namespace
}  // namespace pesan::kafka
