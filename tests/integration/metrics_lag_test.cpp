// How far rows are behind, by a log and a read model in memory that the test fills.
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/metrics/lag.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/memory_read_model.hpp"
#include "tests/support/must.hpp"
#include "tests/support/taken.hpp"

namespace pesan::metrics {
namespace {

using namespace std::chrono_literals;

constexpr TopicPartition events{Topic::events, {0}};
constexpr Instant noon{1'800'000'000'000};
using Stored = Fallible<std::optional<Checkpoint>>;

class MetricsLag : public ::testing::Test {
 protected:
  /// In a transaction of its own, which leaves a gap behind it.
  void write(std::int64_t sequence) {
    auto writer = open_taken(log_, "engine");
    must(writer->commit(
        {.records = {{events, {.value = fmt::format(R"({{"sequence":"{:020}"}})", sequence)}}},
         .consumed = {},
         .places = {{Topic::commands, {0}}}}));
  }
  static Checkpoint folded(std::int64_t sequence, std::int64_t next) {
    return {.topic = Topic::events, .next_offset = {next}, .sequence = {sequence}};
  }
  void look(const Stored& stored) { must(measure_.look(log_, stored, now_)); }
  /// `3 events, 1.5 s, measured 0 s ago`.
  std::string lag() const {
    const auto lag = measure_.at(now_);
    if (!lag) return "unknown";
    return fmt::format("{} events, {} s, measured {} s ago", lag->events, lag->seconds, lag->age);
  }

  Instant now_ = noon;
  MemoryLog log_{{.partitions = 1, .clock = [this] { return now_; }, .commit_markers = true}};
  LagMeasure measure_{events};
};

TEST_F(MetricsLag, AnEmptyLogAndNoRowsAreNoLag) {
  look(Stored(std::nullopt));
  EXPECT_EQ(lag(), "0 events, 0 s, measured 0 s ago");
}

TEST_F(MetricsLag, WithoutRowsAllEventsWaitAndTheFirstSaysHowLong) {
  write(0);
  now_.ms += 2000;
  write(1);
  now_.ms += 500;
  look(Stored(std::nullopt));
  EXPECT_EQ(lag(), "2 events, 2.5 s, measured 0 s ago");
}

TEST_F(MetricsLag, CountsEventsAndNotTheGapsBetweenTheirOffsets) {
  for (int i = 0; i < 5; ++i) write(i);
  const auto range = must(log_.range(events));
  EXPECT_EQ(range.end, Offset{10});
  now_.ms += 1000;
  look(folded(1, 3));
  EXPECT_EQ(lag(), "3 events, 1 s, measured 0 s ago");
  look(folded(4, 9));
  EXPECT_EQ(lag(), "0 events, 0 s, measured 0 s ago");
}

TEST_F(MetricsLag, WhereNothingIsFoldedTheLagGrowsOlder) {
  write(0);
  look(Stored(std::nullopt));
  for (const double seconds : {1, 60, 3600}) {
    now_.ms = noon.ms + static_cast<std::int64_t>(seconds) * 1000;
    look(Stored(std::nullopt));
    EXPECT_EQ(lag(), fmt::format("1 events, {} s, measured 0 s ago", seconds));
  }
}

TEST_F(MetricsLag, WhereTheStoreDoesNotAnswerTheRowsAreWhereTheyWere) {
  const auto down = fail(FailureKind::transient, "no database");
  write(0);
  EXPECT_FALSE(measure_.look(log_, down, now_));
  EXPECT_EQ(lag(), "unknown");
  look(folded(0, 1));
  EXPECT_EQ(lag(), "0 events, 0 s, measured 0 s ago");
  write(1);
  write(2);
  now_.ms += 3000;
  look(down);
  EXPECT_EQ(lag(), "2 events, 3 s, measured 0 s ago");
}

TEST_F(MetricsLag, SaysHowOldTheMeasureIs) {
  write(0);
  look(Stored(std::nullopt));
  now_.ms += 4000;
  EXPECT_EQ(lag(), "1 events, 4 s, measured 4 s ago");
}

TEST_F(MetricsLag, FindsTheLastEventBehindALongGap) {
  write(0);
  write(1);
  auto writer = open_taken(log_, "engine");
  for (int i = 0; i < 300; ++i) {  // records that are no events
    must(writer->commit({.records = {{events, {.value = "{}"}}},
                         .consumed = {},
                         .places = {{Topic::commands, {0}}}}));
  }
  look(folded(0, 1));
  EXPECT_EQ(lag(), "1 events, 0 s, measured 0 s ago");
}

TEST_F(MetricsLag, ReadsTheSequenceOfAnyEventAndAsksNothingElseOfIt) {
  EXPECT_EQ(sequence_of(R"({"type":"FromTheFuture","sequence":"00000000000000000042"})"),
            Sequence{42});
  for (const auto* text :
       {"", "no JSON", "[]", "{}", R"({"sequence":42})", R"({"sequence":"4x"})"}) {
    EXPECT_EQ(sequence_of(text), std::nullopt) << text;
  }
}

TEST_F(MetricsLag, TheWatchMeasuresWhatIsItsAndForgetsWhatIsNot) {
  write(0);
  std::atomic<bool> mine = true;
  LagWatch watch(
      {.sources = [&] { return mine ? std::vector{events} : std::vector<TopicPartition>{}; },
       .open_log = [this] { return std::shared_ptr<LogReader>(&log_, [](auto*) {}); },
       .open_store = []() -> Fallible<std::unique_ptr<ReadModel>> {
         return std::make_unique<MemoryReadModel>();
       },
       .now = [] { return Instant{noon.ms + 1000}; },
       .pause = 1ms});
  EXPECT_TRUE(watch.lags().empty());
  watch.start();
  const auto wait_for = [&](std::size_t count) {
    for (int i = 0; i < 5000 && watch.lags().size() != count; ++i) std::this_thread::sleep_for(1ms);
    return watch.lags();
  };
  const auto lags = wait_for(1);
  ASSERT_EQ(lags.size(), 1U);
  EXPECT_EQ(lags[0].source, events);
  EXPECT_EQ(lags[0].events, 1);
  EXPECT_EQ(lags[0].seconds, 1);
  mine = false;
  EXPECT_TRUE(wait_for(0).empty());
  watch.stop();
}

}  // namespace
}  // namespace pesan::metrics
