// What can be asked of any log by reading it; offsets have gaps, as transactions on Kafka leave.
#include "events/log.hpp"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/memory_log.hpp"
#include "tests/support/must.hpp"
#include "tests/support/taken.hpp"

namespace pesan {
namespace {

constexpr TopicPartition events{Topic::events, {0}};
constexpr TopicPartition commands{Topic::commands, {0}};

class LogTest : public ::testing::Test {
 protected:
  void commit(std::vector<std::string> values) {
    Transaction transaction{.consumed = {}, .places = {commands}};
    for (auto& value : values) {
      transaction.records.push_back(
          {.to = events, .payload = {.key = {}, .value = std::move(value), .headers = {}}});
    }
    must(writer->commit(transaction));
  }
  std::string last() {
    const auto found = must(last_record(log, events));
    return found ? found->payload.value : "none";
  }

  MemoryLog log{{.clock = [] { return Instant{0}; }, .commit_markers = true}};
  std::unique_ptr<LogWriter> writer = open_taken(log, "engine");
};

TEST_F(LogTest, TheLastRecordStandsBeforeTheMarkOfItsTransaction) {
  EXPECT_EQ(last(), "none");
  commit({"a", "b"});
  EXPECT_EQ(must(log.range(events)).end, Offset{3});
  EXPECT_EQ(last(), "b");
}

TEST_F(LogTest, TheLastRecordIsFoundBehindManyOthers) {
  for (int i = 0; i < 2500; ++i) commit({std::to_string(i)});
  EXPECT_EQ(last(), "2499");
}

/// One record, and behind it what transactions left that were undone.
class AbortedLog final : public LogReader {
 public:
  std::int32_t partitions() const override { return 1; }
  Fallible<void> read(TopicPartition, Offset from, const ReadLimit&,
                      std::vector<Record>& into) override {
    into.clear();
    if (from <= Offset{5}) into.push_back({.offset = {5}, .payload = {.value = "a"}});
    return {};
  }
  Fallible<OffsetRange> range(TopicPartition) override {
    return OffsetRange{.begin = {0}, .end = {3'000'000}};
  }
  std::uint64_t changes(Places) override { return 0; }
  Fallible<bool> wait_for_change(Places, std::uint64_t, std::chrono::milliseconds) override {
    return false;
  }
};

TEST_F(LogTest, TheLastRecordIsFoundBeforeAGapOfAnyLength) {
  AbortedLog aborted;
  EXPECT_EQ(must(last_record(aborted, events))->offset, Offset{5});
}

TEST_F(LogTest, ThereIsNoLastRecordWhereAllAreGone) {
  commit({"a"});
  log.drop_before(events, Offset{2});
  EXPECT_EQ(last(), "none");
}

TEST_F(LogTest, AnEndAheadOfAReaderDoesNotMeanThatARecordIsLeft) {
  commit({"a"});
  EXPECT_TRUE(must(holds_records(log, events, {0}, {2})));
  EXPECT_FALSE(must(holds_records(log, events, {1}, {2})));
}

}  // namespace
}  // namespace pesan
