// What the log in memory can do beside the contract: the things that time does to a real one.

#include "tests/support/memory_log.hpp"

#include <gtest/gtest.h>

#include "tests/support/must.hpp"
#include "tests/support/taken.hpp"

namespace pesan {
namespace {

constexpr TopicPartition events{Topic::events, {0}};
constexpr TopicPartition commands{Topic::commands, {0}};

OutgoingRecord event(std::string value) {
  return {.to = events, .payload = {.key = "villa", .value = std::move(value), .headers = {}}};
}

TEST(MemoryLog, ACommitLeavesAGapWhereKafkaWouldPutAMarker) {
  MemoryLog log({.clock = [] { return Instant{0}; }, .commit_markers = true});
  auto writer = open_taken(log, "engine");
  must(writer->commit({.records = {event("a"), event("b")}, .consumed = {}, .places = {commands}}));
  must(log.append({event("c")}));
  ASSERT_EQ(log.records(events).size(), 3U);
  EXPECT_EQ(log.records(events)[1].offset, Offset{1});
  EXPECT_EQ(log.records(events)[2].offset, Offset{3});
  std::vector<Record> records;
  must(log.read(events, {2}, {}, records));
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].payload.value, "c");
}

TEST(MemoryLog, AMarkerAtTheEndIsNoRecordThatIsLeftToRead) {
  MemoryLog log({.clock = [] { return Instant{0}; }, .commit_markers = true});
  auto writer = open_taken(log, "engine");
  must(writer->commit({.records = {event("a")}, .consumed = {}, .places = {commands}}));
  const Offset end = must(log.range(events)).end;
  EXPECT_EQ(end, Offset{2});
  EXPECT_TRUE(must(holds_records(log, events, {0}, end)));
  EXPECT_FALSE(must(holds_records(log, events, {1}, end)));
  EXPECT_FALSE(must(holds_records(log, events, end, end)));
  EXPECT_FALSE(must(holds_records(log, events, {0}, {0})));
}

TEST(MemoryLog, RecordsThatRetentionDroppedAreGoneAndAskingForThemIsRefused) {
  MemoryLog log({.clock = [] { return Instant{0}; }});
  must(log.append({event("a"), event("b"), event("c")}));
  log.drop_before(events, {2});
  EXPECT_EQ(must(log.range(events)).begin, Offset{2});
  std::vector<Record> records;
  EXPECT_EQ(log.read(events, {1}, {}, records).error().kind, FailureKind::fatal);
  must(log.read(events, {2}, {}, records));
  EXPECT_EQ(records.size(), 1U);
}

TEST(MemoryLog, ALogMayForgetWhatWasConsumed) {
  MemoryLog log({.clock = [] { return Instant{0}; }});
  auto writer = open_taken(log, "engine");
  must(writer->commit({.records = {}, .consumed = {{commands, Offset{7}}}, .places = {commands}}));
  EXPECT_EQ(must(writer->committed(commands)), Offset{7});
  log.forget_committed();
  EXPECT_EQ(must(writer->committed(commands)), std::nullopt);
}

}  // namespace
}  // namespace pesan
