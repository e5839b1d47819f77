// A partition that goes from one writer to the next on a real Kafka, with the older one stopped
// between any two of its calls and woken up afterwards (docs/adr/0006-exactly-once-on-kafka.md).
#include <chrono>
#include <future>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/kafka/group_claims.hpp"
#include "adapters/kafka/kafka_log.hpp"
#include "adapters/kafka/transactional_writer.hpp"
#include "tests/support/must.hpp"
#include "tests/support/stack.hpp"
#include "tests/support/taken.hpp"

namespace pesan::kafka {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr TopicPartition commands{Topic::commands, Partition{0}};
constexpr TopicPartition events{Topic::events, Partition{0}};
constexpr TopicPartition results{Topic::results, Partition{0}};

/// Stops whoever passes a point of a transaction, once it is told to, until it may go on.
class Gate {
 public:
  void close_at(TransactionPoint point) { at_ = point; }
  void pass(TransactionPoint point) {
    if (at_ != point) return;
    at_.reset();
    reached_.set_value();
    open_.get_future().wait();
  }
  void wait_until_reached() { reached_.get_future().wait(); }
  void open() { open_.set_value(); }

 private:
  std::optional<TransactionPoint> at_;
  std::promise<void> reached_;
  std::promise<void> open_;
};

class KafkaTakeover : public ::testing::TestWithParam<TransactionPoint> {
 protected:
  KafkaTakeover() {
    must(KafkaLog::create(place_, 1, {}));
    log_ = must(KafkaLog::open(place_));
  }

  /// By a static member, which takes the place of the one before at once.
  ClaimProof claim() {
    claims_ = std::make_unique<GroupClaims>(
        place_,
        GroupClaims::Options{.group = "engine", .instance = "one", .topics = {Topic::commands}});
    for (;;) {
      const Claim claim = must(claims_->begin(commands));
      if (claim == Claim::mine) {
        claims_->done(commands);
        return claim.proof;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  std::unique_ptr<KafkaLog> open_stopping() {
    Place stopping = place_;
    stopping.on_point = [this](TransactionPoint point) { gate_.pass(point); };
    return must(KafkaLog::open(stopping));
  }
  static Transaction round(const std::string& event, std::int64_t next) {
    return {.records = {{.to = events, .payload = {.value = event}},
                        {.to = results, .payload = {.value = "of " + event}}},
            .consumed = {{commands, Offset{next}}},
            .places = {commands}};
  }
  static std::vector<std::string> values(LogReader& log, TopicPartition place) {
    std::vector<Record> records;
    must(log.read(place, must(log.range(place)).begin, {}, records));
    std::vector<std::string> values;
    for (const Record& record : records) values.push_back(record.payload.value);
    return values;
  }

  Gate gate_;
  Place place_{.brokers = kafka_brokers(),
               .prefix = fmt::format("takeover-{:08x}", std::random_device{}()),
               .properties = {}};
  std::unique_ptr<GroupClaims> claims_;
  std::unique_ptr<KafkaLog> log_;
};

TEST_P(KafkaTakeover, WhoIsStoppedInARoundLosesItWholeAndWhoComesNextSeesNothingOfIt) {
  const auto its_log = open_stopping();
  const auto older = open_taken(*its_log, "engine", {}, claim());
  must(older->commit(round("first", 1)));
  gate_.close_at(GetParam());
  auto late = std::async(std::launch::async, [&] { return older->commit(round("late", 2)); });
  gate_.wait_until_reached();

  const auto newer = open_taken(*log_, "engine", {}, claim());
  EXPECT_EQ(must(newer->committed(commands)), Offset{1});
  EXPECT_THAT(values(*log_, events), ElementsAre("first"));
  EXPECT_THAT(values(*log_, results), ElementsAre("of first"));

  gate_.open();
  const auto refused = late.get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::conflict) << refused.error().what;
  must(newer->commit(round("second", 2)));
  EXPECT_THAT(values(*log_, events), ElementsAre("first", "second"));
}

INSTANTIATE_TEST_SUITE_P(AtEachPoint, KafkaTakeover,
                         ::testing::Values(TransactionPoint::begun, TransactionPoint::offsets_sent,
                                           TransactionPoint::records_sent,
                                           TransactionPoint::all_delivered));

TEST_F(KafkaTakeover, WhatWasCommittedBeforeIsSeenByWhoComesNextThoughItsWriterNeverHeardOfIt) {
  const auto its_log = open_stopping();
  const auto older = open_taken(*its_log, "engine", {}, claim());
  gate_.close_at(TransactionPoint::committed);
  auto done = std::async(std::launch::async, [&] { return older->commit(round("first", 1)); });
  gate_.wait_until_reached();
  const auto newer = open_taken(*log_, "engine", {}, claim());
  EXPECT_EQ(must(newer->committed(commands)), Offset{1});
  EXPECT_THAT(values(*log_, events), ElementsAre("first"));
  EXPECT_THAT(values(*log_, results), ElementsAre("of first"));
  gate_.open();
  must(done.get());
}

TEST_F(KafkaTakeover, AClaimThatWasLostIsRefusedBeforeAnythingIsWritten) {
  const ClaimProof lost = claim();
  const auto older = open_taken(*log_, "engine", {}, lost);
  must(older->commit(round("first", 1)));
  const ClaimProof now = claim();
  const auto refused = older->commit(round("late", 2));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::conflict);
  EXPECT_EQ(must(log_->written_end(events)), must(log_->range(events)).end);
  const auto another = open_taken(*log_, "engine", {}, lost);
  EXPECT_EQ(another->begin_at(round("late", 1)).error().kind, FailureKind::conflict);
  // The same writer goes on under a claim that stands.
  must(older->take(place_of(*log_, "engine", {}, now)));
  must(older->commit(round("second", 2)));
  EXPECT_THAT(values(*log_, events), ElementsAre("first", "second"));
}

// Until then a broker that is no longer the coordinator may have answered what it remembered.
TEST_F(KafkaTakeover, WhoBeginsSeesItsOwnNameOnTheOffset) {
  const auto older = open_taken(*log_, "engine", {}, claim());
  must(older->commit(round("first", 1)));
  const auto newer = open_taken(*log_, "engine", {}, claim());
  const Transaction where{.records = {}, .consumed = {{commands, Offset{1}}}, .places = {commands}};
  must(newer->begin_at(where));
  GroupOffsets offsets(place_, place_.prefix + "-engine");
  const auto first = must(offsets.last(commands));
  EXPECT_EQ(first.next, Offset{1});
  EXPECT_THAT(first.writer, ::testing::StartsWith(place_.prefix + "-engine-"));
  must(older->take(place_of(*log_, "engine", {}, claim())));
  must(older->begin_at(where));
  EXPECT_NE(must(offsets.last(commands)).writer, first.writer);
}

TEST_F(KafkaTakeover, WhoConsumesNothingIsFencedAsWell) {
  const auto older = open_taken(*log_, "engine", {}, claim());
  must(older->commit(round("first", 1)));
  const auto newer = open_taken(*log_, "engine", {}, claim());
  const auto refused = older->commit(
      {.records = {{.to = events, .payload = {.value = "late"}}}, .places = {commands}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::conflict);
  EXPECT_THAT(values(*log_, events), ElementsAre("first"));
}

// A program of before had one producer a partition, and its offsets say no writer.
TEST_F(KafkaTakeover, AnEngineOfAnOlderProgramIsFencedByItsName) {
  KnownEnds ends;
  Place stopping = place_;
  stopping.on_point = [this](TransactionPoint point) { gate_.pass(point); };
  const auto older = must(TransactionalWriter::open(
      {.place = stopping, .id = place_.prefix + "-engine-0", .ends = ends}));
  const GroupMetadataHandle no_member(
      rd_kafka_consumer_group_metadata_new((place_.prefix + "-engine").c_str()));
  gate_.close_at(TransactionPoint::all_delivered);
  auto late = std::async(std::launch::async,
                         [&] { return older->commit(round("late", 1), no_member.get()); });
  gate_.wait_until_reached();
  const auto newer = open_taken(*log_, "engine", {}, claim());
  EXPECT_EQ(must(newer->committed(commands)), std::nullopt);
  gate_.open();
  const auto refused = late.get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::conflict) << refused.error().what;
  EXPECT_THAT(values(*log_, events), IsEmpty());
  must(newer->commit(round("first", 1)));
}

}  // namespace
}  // namespace pesan::kafka
