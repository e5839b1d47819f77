// What makes a process not ready though its loops go on, and the figures that tell of it.
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/metrics/metrics.hpp"
#include "tests/support/metric_lines.hpp"

namespace pesan::metrics {
namespace {

using ::testing::ElementsAre;

constexpr Instant now{1'800'000'000'000};
constexpr std::int64_t a_minute = 60'000;

class MetricsTrouble : public ::testing::Test {
 protected:
  MetricsTrouble() { metrics_.health().hold(std::nullopt); }
  std::vector<std::string> lines(const std::string& name) {
    return metric_lines(metrics_.text(now), name);
  }
  Metrics metrics_{{.version = "1", .commit = "a"}};
};

TEST_F(MetricsTrouble, AClockMoreThanTenMinutesAheadIsNotReadyUntilItIsSetBack) {
  metrics_.clock_stands({3}, {now.ms + 10 * a_minute}, now);
  EXPECT_EQ(metrics_.health().not_ready({}), std::nullopt);
  metrics_.clock_stands({3}, {now.ms + 11 * a_minute}, now);
  EXPECT_EQ(metrics_.health().not_ready({}),
            "the clock of partition 3 stands at 2027-01-15T08:11:00.000Z, ahead of this machine's: "
            "`pesan topics mend-clock` sets it back");
  EXPECT_THAT(lines("pesan_clock_ahead_seconds"),
              ElementsAre("pesan_clock_ahead_seconds{partition=\"3\"} 660"));
  metrics_.clock_stands({3}, {now.ms - a_minute}, now);
  EXPECT_EQ(metrics_.health().not_ready({}), std::nullopt);
  EXPECT_THAT(lines("pesan_clock_ahead_seconds"),
              ElementsAre("pesan_clock_ahead_seconds{partition=\"3\"} 0"));
}

TEST_F(MetricsTrouble, EachIsSaidUntilItIsOver) {
  metrics_.health().trouble("b", "the topics are wrong");
  metrics_.health().trouble("a", "the clock is wrong");
  EXPECT_EQ(metrics_.health().not_ready({}), "the clock is wrong; the topics are wrong");
  metrics_.health().trouble("a", std::nullopt);
  EXPECT_EQ(metrics_.health().not_ready({}), "the topics are wrong");
}

TEST_F(MetricsTrouble, TimesThatCouldNotBeFollowedAreCountedByKind) {
  metrics_.answered({.commands = {{.appended = now, .time = TimeNote::went_back},
                                  {.appended = {-1}, .time = TimeNote::senders}}},
                    now);
  EXPECT_THAT(lines("pesan_command_times_total"),
              ElementsAre("pesan_command_times_total{kind=\"not_followed\"} 0",
                          "pesan_command_times_total{kind=\"senders\"} 1",
                          "pesan_command_times_total{kind=\"unreadable\"} 0",
                          "pesan_command_times_total{kind=\"went_back\"} 1"));
  // Nobody knows how long one has waited that bears its sender's time.
  EXPECT_THAT(lines("pesan_result_visible_seconds_count"),
              ElementsAre("pesan_result_visible_seconds_count 1"));
}

TEST_F(MetricsTrouble, ForeignRecordsFaultsAndWaitingCommandsHaveFigures) {
  metrics_.foreign_record(Topic::results);
  metrics_.topic_faults(2);
  metrics_.waiting({{.partition = {1}, .commands = 7, .seconds = 2.5}});
  EXPECT_THAT(lines("pesan_foreign_records_total"),
              ElementsAre("pesan_foreign_records_total{topic=\"customers\"} 0",
                          "pesan_foreign_records_total{topic=\"events\"} 0",
                          "pesan_foreign_records_total{topic=\"results\"} 1"));
  EXPECT_THAT(lines("pesan_topic_faults"), ElementsAre("pesan_topic_faults 2"));
  EXPECT_THAT(lines("pesan_commands_waiting"),
              ElementsAre("pesan_commands_waiting{partition=\"1\"} 7"));
  EXPECT_THAT(lines("pesan_commands_waiting_seconds"),
              ElementsAre("pesan_commands_waiting_seconds{partition=\"1\"} 2.5"));
}

}  // namespace
}  // namespace pesan::metrics
