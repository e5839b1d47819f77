// The clock of a log: a backfill ends in all partitions or none, and what is ahead is set back.

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/log_clock.hpp"
#include "tests/support/given_when_then.hpp"
#include "tests/support/lone_engine.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/memory_snapshots.hpp"
#include "tests/support/must.hpp"
#include "tests/support/opened.hpp"

namespace pesan {
namespace {

class EndOfABackfill : public ::testing::Test {
 protected:
  EndOfABackfill() {
    for (const std::int32_t p : {0, 1}) {
      write({Topic::events, Partition{p}}, opened("log", 2, Clock::command, p));
    }
  }
  void write(TopicPartition to, std::string value) {
    must(log.append({{to, {.key = {}, .value = std::move(value), .headers = {}}}}));
  }
  std::size_t events_of(std::int32_t partition) {
    return log.records({Topic::events, {partition}}).size();
  }

  MemoryLog log{{.partitions = 2, .clock = [] { return noon; }, .commit_markers = false}};
};

TEST_F(EndOfABackfill, SwitchesEveryPartitionOnce) {
  EXPECT_EQ(must(current_clock(log)), Clock::command);
  EXPECT_EQ(must(switch_clock(log, Clock::append, noon)), (std::vector{true, true}));
  EXPECT_EQ(must(current_clock(log)), Clock::append);
  EXPECT_EQ(must(switch_clock(log, Clock::append, noon)), (std::vector{false, false}));
  EXPECT_EQ(events_of(0), 2U);
  EXPECT_EQ(events_of(1), 2U);
}

TEST_F(EndOfABackfill, SwitchesNoPartitionWhileAnyHasUndecidedCommands) {
  write({Topic::commands, {1}}, "undecided");
  const auto refused = switch_clock(log, Clock::append, noon);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("partition 1 has undecided commands from 0 on"),
            std::string::npos)
      << refused.error().what;
  EXPECT_EQ(events_of(0), 1U);
  EXPECT_EQ(events_of(1), 1U);
  EXPECT_EQ(must(current_clock(log)), Clock::command);
}

TEST_F(EndOfABackfill, SwitchesNoPartitionUntilWhatIsInAnInletWasMovedHome) {
  MemoryLog widened{{.partitions = 2, .clock = [] { return noon; }, .inlets = 2}};
  const auto append = [&](TopicPartition to, std::string value) {
    must(widened.append({{to, {.key = {}, .value = std::move(value), .headers = {}}}}));
  };
  for (const std::int32_t p : {0, 1}) {
    append({Topic::events, Partition{p}}, opened("log", 2, Clock::command, p));
  }
  append({Topic::commands, {3}}, "sent");
  const auto refused = switch_clock(widened, Clock::append, noon);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("partition 3, which was added to commands, has records from "
                                      "0 on that were not moved home"),
            std::string::npos)
      << refused.error().what;
  EXPECT_EQ(must(current_clock(widened)), Clock::command);
  const auto writer = must(widened.open_writer("engine"));
  const TopicPartition place{Topic::commands, {1}};
  const TopicPartition inlet{Topic::commands, {3}};
  must(writer->take({.place = place, .sources = {place, inlet}, .answers = {}}));
  must(writer->commit(
      {.records = {}, .consumed = {{.source = inlet, .next = Offset{1}}}, .places = {place}}));
  EXPECT_EQ(must(switch_clock(widened, Clock::append, noon)), (std::vector{true, true}));
}

// ---- a clock that a wrong time has put ahead ----

class AClockAhead : public ::testing::Test {
 protected:
  AClockAhead() { write({Topic::events, {}}, opened("log", 1, Clock::command)); }
  void write(TopicPartition to, std::string value) {
    must(log.append({{to, {.key = {}, .value = std::move(value), .headers = {}}}}));
  }
  void send(std::string_view time, std::string_view id = "1") {
    write({Topic::commands, {}},
          fmt::format(R"({{"specversion":"1.0","id":"{}","source":"/t","type":"CheckIn",)"
                      R"("time":"{}","data":{{"resource":"villa"}}}})",
                      id, time));
  }
  std::unique_ptr<LoneEngine> start() {
    return must(
        LoneEngine::start(log, {.recovery = {.snapshots = &snapshots,
                                             .say = [this](std::string_view note) { said = note; }},
                                .wall_clock = [] { return noon; }}));
  }
  void decide() {
    auto engine = start();
    while (must(engine->step()) > 0) {
    }
  }
  Instant clock() { return start()->processor().position().now; }

  MemoryLog log{{.partitions = 1, .clock = [] { return noon; }, .commit_markers = false}};
  MemorySnapshots snapshots;
  std::string said;
};

TEST_F(AClockAhead, IsSaidWhenTheEngineStarts) {
  send("2062-11-20T08:00:00Z");
  decide();
  start();
  EXPECT_EQ(said,
            "partition 0: its clock stands at 2062-11-20T08:00:00.000Z, ahead of this machine's "
            "(2026-12-01T05:00:00.000Z), and commands are decided at that time: `pesan topics "
            "mend-clock` sets it back");
}

TEST_F(AClockAhead, EndsNoBackfillUntilItIsMended) {
  send("2062-11-20T08:00:00Z");
  decide();
  const auto refused = switch_clock(log, Clock::append, noon);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("`pesan topics mend-clock` first"), std::string::npos)
      << refused.error().what;
  must(mend_clock(log, noon));
  EXPECT_EQ(must(switch_clock(log, Clock::append, noon)), std::vector{true});
}

TEST_F(AClockAhead, IsSetBackOnTheRecordAndGoesOnFromThere) {
  send("2062-11-20T08:00:00Z");
  decide();
  const auto mended = must(mend_clock(log, noon));
  ASSERT_TRUE(mended[0]);
  EXPECT_EQ(to_string(mended[0]->from), "2062-11-20T08:00:00.000Z");
  EXPECT_EQ(mended[0]->to, noon);
  EXPECT_EQ(log.records({Topic::events, {}}).back().payload.value,
            R"({"specversion":"1.0","id":"mended-0@1","source":"/pesan/log/events",)"
            R"("type":"ClockMended","time":"2026-12-01T05:00:00.000Z",)"
            R"("datacontenttype":"application/json","sequence":"00000000000000000001",)"
            R"("data":{"partition":0,"from":"2062-11-20T08:00:00.000Z",)"
            R"("to":"2026-12-01T05:00:00.000Z","next_command":1}})");
  EXPECT_EQ(clock(), noon);
  send("2026-12-02T00:00:00Z", "2");
  decide();
  EXPECT_EQ(to_string(clock()), "2026-12-02T00:00:00.000Z");
}

TEST_F(AClockAhead, ThatWasMendedTwiceStandsWhereItWasSetLast) {
  send("2062-11-20T08:00:00Z");
  decide();
  must(mend_clock(log, Instant{noon.ms + 60'000}));
  must(mend_clock(log, noon));
  EXPECT_EQ(clock(), noon);
}

TEST_F(AClockAhead, ThatIsNotAheadIsLeftAsItIs) {
  send("2026-11-20T08:00:00Z");
  decide();
  EXPECT_FALSE(must(mend_clock(log, noon))[0]);
  EXPECT_EQ(log.records({Topic::events, {}}).size(), 1U);
  EXPECT_EQ(to_string(clock()), "2026-11-20T08:00:00.000Z");
}

TEST_F(AClockAhead, StaysMendedInASnapshotMadeBeforeAndAfter) {
  send("2062-11-20T08:00:00Z");
  decide();
  const RecoveryOptions options{.snapshots = &snapshots};
  ASSERT_TRUE(must(make_snapshot(log, options, {.every = 1})));
  must(mend_clock(log, noon));
  EXPECT_EQ(clock(), noon);
  send("2026-12-01T06:00:00Z", "2");
  decide();
  ASSERT_TRUE(must(make_snapshot(log, options, {.every = 1})));
  EXPECT_EQ(to_string(clock()), "2026-12-01T06:00:00.000Z");
  send("2062-11-20T08:00:00Z", "3");
  decide();
  must(mend_clock(log, noon));
  ASSERT_TRUE(must(make_snapshot(log, options, {.every = 1})));
  EXPECT_EQ(clock(), noon);
}

}  // namespace
}  // namespace pesan
