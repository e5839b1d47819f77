// How records come from a real Kafka where others write meanwhile, and where there are many.
#include <chrono>
#include <filesystem>
#include <fstream>
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
#include "tests/support/read_or_wait.hpp"
#include "tests/support/stack.hpp"
#include "tests/support/taken.hpp"

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

/// Of this process: each client of librdkafka has a thread of that name.
std::ptrdiff_t clients() {
  std::ptrdiff_t count = 0;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string name;
    std::getline(std::ifstream(thread.path() / "comm"), name);
    count += name == "rdk:main" ? 1 : 0;
  }
  return count;
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
  must(read_or_wait(*reader_, commands, {}, {.records = 100}, 5s, records_));
  ASSERT_EQ(records_.size(), 1U);

  for (int i = 0; i < 5; ++i) {  // each is fetched by itself, and an end behind it
    must(writer_->append(one));
    std::this_thread::sleep_for(150ms);
  }
  std::this_thread::sleep_for(500ms);

  must(read_or_wait(*reader_, commands, {1}, {.records = 100}, 5s, records_));
  EXPECT_EQ(records_.size(), 5U);
}

// Each client is threads, timers, connections and requests, and goes when nobody needs it: what
// looked at a record, asked for an end, or read beside another reader.
TEST_F(KafkaReading, HasOneClientWhereAllHasBeenReadAndNobodyAsks) {
  const OutgoingRecord one{.to = commands, .payload = {.value = "{}"}};
  must(must(KafkaLog::open(place_))->append({one, one, one}));
  for (const Offset from : {Offset{0}, Offset{0}, Offset{2}}) {
    must(read_or_wait(*reader_, commands, from, {.records = 1}, 5s, records_));
    ASSERT_EQ(records_.size(), 1U);
  }
  must(reader_->written_end(commands));
  EXPECT_GT(clients(), 1);

  const auto until = std::chrono::steady_clock::now() + 60s;
  while (clients() > 1 && std::chrono::steady_clock::now() < until) {
    const auto seen = reader_->changes({&commands, 1});
    must(reader_->read(commands, {3}, {}, records_));
    must(reader_->wait_for_change({&commands, 1}, seen, 100ms));
    reader_->idle();
    writer_->idle();
  }
  EXPECT_EQ(clients(), 1);

  must(writer_->append({one}));
  must(read_or_wait(*reader_, commands, {3}, {}, 5s, records_));
  EXPECT_EQ(records_.size(), 1U) << "it reads on";
}

// Behind a full queue a cursor seeks to where it stands: whether or not it knew of the records when
// it was made.
TEST_F(KafkaReading, GivesEachRecordOnceAndInOrderThoughQueuesFillUp) {
  constexpr std::size_t a_round = 3 * most_records_ahead;
  std::size_t written = 0;
  std::size_t read = 0;
  Offset from;
  for (int round = 0; round < 3; ++round) {
    std::vector<OutgoingRecord> outgoing;
    for (std::size_t i = 0; i < a_round; ++i) {
      outgoing.push_back({.to = commands, .payload = {.value = std::to_string(written++)}});
    }
    must(writer_->append(outgoing));
    while (read < written) {
      must(read_or_wait(*reader_, commands, from, {.records = 2000}, 5s, records_));
      ASSERT_FALSE(records_.empty());
      for (const Record& record : records_) ASSERT_EQ(record.payload.value, std::to_string(read++));
      from = records_.back().offset.next();
      if (read % most_records_ahead < 2000) std::this_thread::sleep_for(200ms);  // it fills up
    }
  }
  must(reader_->read(commands, from, {.records = 2000}, records_));
  EXPECT_TRUE(records_.empty());
}

TEST_F(KafkaReading, GivesEachRecordOfManySmallTransactionsOnceAndInOrder) {
  constexpr int transactions = 300;
  constexpr int records_each = 40;
  constexpr TopicPartition events{Topic::events, Partition{0}};
  const auto engine = open_taken(*writer_, "engine");
  int written = 0;
  Transaction transaction{.records = {}, .consumed = {}, .places = {commands}};
  for (int i = 0; i < transactions; ++i) {
    transaction.records.clear();
    for (int j = 0; j < records_each; ++j) {
      transaction.records.push_back(
          {.to = events, .payload = {.value = std::to_string(written++)}});
    }
    must(engine->commit(transaction));
  }

  Offset from = must(reader_->range(events)).begin;
  for (int read = 0; read < written;) {
    must(read_or_wait(*reader_, events, from, {.records = 500}, 5s, records_));
    ASSERT_FALSE(records_.empty());
    for (const Record& record : records_) ASSERT_EQ(record.payload.value, std::to_string(read++));
    from = records_.back().offset.next();
    if (read % 4000 == 0) std::this_thread::sleep_for(300ms);  // the queue fills up
  }
}

}  // namespace
}  // namespace pesan::kafka
