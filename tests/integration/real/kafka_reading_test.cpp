// How records come from a real Kafka where others write meanwhile, and where there are many.
#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "adapters/kafka/client.hpp"
#include "adapters/kafka/kafka_log.hpp"
#include "tests/support/must.hpp"
#include "tests/support/stack.hpp"

namespace pesan::kafka {
namespace {

using namespace std::chrono_literals;

constexpr TopicPartition commands{Topic::commands, Partition{0}};

/// A new log of one partition.
Place make_log() {
  Place place{.brokers = kafka_brokers(),
              .prefix = fmt::format("reading-{:08x}", std::random_device{}()),
              .properties = {}};
  must(KafkaLog::create(place, 1, {}));
  return place;
}

class KafkaReading : public ::testing::Test {
 protected:
  const Place place_ = make_log();
  const std::unique_ptr<KafkaLog> reader_ = must(KafkaLog::open(place_));
  const std::unique_ptr<KafkaLog> writer_ = must(KafkaLog::open(place_));
  std::vector<Record> records_;
};

// A read ended where the log had ended when its records were fetched: an engine that was behind
// went on taking a few commands at a time, and was never again in time.
TEST_F(KafkaReading, GoesOnBehindAnEndThatTheLogHadForAMoment) {
  const std::vector<OutgoingRecord> one{{.to = commands, .payload = {.value = "{}"}}};
  must(writer_->append(one));
  must(reader_->read(commands, {}, {.records = 100, .wait = 5s}, records_));
  ASSERT_EQ(records_.size(), 1U);

  for (int i = 0; i < 5; ++i) {  // each is fetched by itself, and an end behind it
    must(writer_->append(one));
    std::this_thread::sleep_for(150ms);
  }
  std::this_thread::sleep_for(500ms);

  must(reader_->read(commands, {1}, {.records = 100, .wait = 5s}, records_));
  EXPECT_EQ(records_.size(), 5U);
}

// Behind a full queue a cursor seeks to where it stands, which drops what is on its way.
TEST_F(KafkaReading, GivesEachRecordOnceAndInOrderThoughQueuesFillUp) {
  constexpr std::size_t many = 6 * most_records_ahead;
  std::vector<OutgoingRecord> outgoing;
  for (std::size_t i = 0; i < many; ++i) {
    outgoing.push_back({.to = commands, .payload = {.value = std::to_string(i)}});
  }
  must(writer_->append(outgoing));

  Offset from;
  std::size_t read = 0;
  while (read < many) {
    must(reader_->read(commands, from, {.records = 2000, .wait = 5s}, records_));
    ASSERT_FALSE(records_.empty());
    for (const Record& record : records_) ASSERT_EQ(record.payload.value, std::to_string(read++));
    from = records_.back().offset.next();
    if (read % most_records_ahead < 2000) std::this_thread::sleep_for(200ms);  // it fills up
  }
  must(reader_->read(commands, from, {.records = 2000}, records_));
  EXPECT_TRUE(records_.empty());
}

}  // namespace
}  // namespace pesan::kafka
