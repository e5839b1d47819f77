// The end of a backfill over several partitions: all of them or none.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/engine.hpp"
#include "engine/switch_clock.hpp"
#include "tests/support/given_when_then.hpp"
#include "tests/support/memory_log.hpp"
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
  EXPECT_EQ(must(switch_clock(log, Clock::append)), (std::vector{true, true}));
  EXPECT_EQ(must(current_clock(log)), Clock::append);
  EXPECT_EQ(must(switch_clock(log, Clock::append)), (std::vector{false, false}));
  EXPECT_EQ(events_of(0), 2U);
  EXPECT_EQ(events_of(1), 2U);
}

TEST_F(EndOfABackfill, SwitchesNoPartitionWhileAnyHasUndecidedCommands) {
  write({Topic::commands, {1}}, "undecided");
  const auto refused = switch_clock(log, Clock::append);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("partition 1 has undecided commands from 0 on"),
            std::string::npos)
      << refused.error().what;
  EXPECT_EQ(events_of(0), 1U);
  EXPECT_EQ(events_of(1), 1U);
  EXPECT_EQ(must(current_clock(log)), Clock::command);
}

}  // namespace
}  // namespace pesan
