// What Prometheus reads: names, labels and values, line by line.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/metrics/drift_file.hpp"
#include "adapters/metrics/measured_log.hpp"
#include "adapters/metrics/measured_read_model.hpp"
#include "adapters/metrics/metrics.hpp"
#include "tests/support/apply_alone.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/memory_read_model.hpp"
#include "tests/support/metric_lines.hpp"
#include "tests/support/must.hpp"
#include "tests/support/taken.hpp"
#include "tests/support/temp_folder.hpp"

namespace pesan::metrics {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr Instant now{1'800'000'000'000};
constexpr Instant ago(std::int64_t ms) { return {now.ms - ms}; }

std::uint8_t type_of(std::string_view name) {
  for (std::size_t i = 0; i < command_type_count; ++i) {
    if (type_name(i) == name) return static_cast<std::uint8_t>(i);
  }
  throw std::runtime_error("no such type");
}

class MetricsText : public ::testing::Test {
 protected:
  std::string text() { return metrics_.text(now); }
  std::vector<std::string> lines(const std::string& name) { return metric_lines(text(), name); }
  /// A batch of one.
  void answer(const Answered& answered) {
    metrics_.answered({.commands = {answered}, .deciding = 3ms}, now);
  }

  Metrics metrics_{{.version = "1.2.3", .commit = "abc"}};
};

TEST_F(MetricsText, NamesTheBuild) {
  EXPECT_THAT(text(), HasSubstr("# HELP pesan_build_info 1, with what this program was built "
                                "from.\n# TYPE pesan_build_info gauge\n"
                                "pesan_build_info{commit=\"abc\",version=\"1.2.3\"} 1\n"));
}

TEST_F(MetricsText, CommandsAreCountedByTypeAndOutcome) {
  const auto room = type_of("DefineRoom");
  const auto booking = type_of("CreateBooking");
  using Kind = Answered::Kind;
  metrics_.answered({.commands = {{.appended = now, .type = room},
                                  {.appended = now, .type = booking},
                                  {.appended = now, .type = booking},
                                  {.appended = now, .type = booking, .kind = Kind::duplicate},
                                  {.appended = now, .type = booking, .kind = Kind::forwarded},
                                  {.appended = now,
                                   .type = booking,
                                   .kind = Kind::rejected,
                                   .code = Code::capacity_exceeded}},
                     .deciding = 1ms},
                    now);
  answer({.appended = now, .type = booking});
  answer({.appended = now, .kind = Kind::rejected, .code = Code::malformed, .dead_letter = true});
  EXPECT_THAT(
      lines("pesan_commands_total"),
      ElementsAre(R"(pesan_commands_total{outcome="accepted",type="CreateBooking"} 3)",
                  R"(pesan_commands_total{outcome="accepted",type="DefineRoom"} 1)",
                  R"(pesan_commands_total{outcome="capacity_exceeded",type="CreateBooking"} 1)",
                  R"(pesan_commands_total{outcome="duplicate",type="CreateBooking"} 1)",
                  R"(pesan_commands_total{outcome="forwarded",type="CreateBooking"} 1)",
                  R"(pesan_commands_total{outcome="malformed",type="unknown"} 1)"));
  EXPECT_THAT(text(), HasSubstr("# TYPE pesan_commands_total counter\n"));
}

TEST_F(MetricsText, DeadLettersAreThereFromTheStartWithTheirReasons) {
  answer({.appended = now,
          .kind = Answered::Kind::rejected,
          .code = Code::unknown_type,
          .dead_letter = true});
  EXPECT_THAT(lines("pesan_dead_letters_total"),
              ElementsAre(R"(pesan_dead_letters_total{reason="engine_failed"} 0)",
                          R"(pesan_dead_letters_total{reason="malformed"} 0)",
                          R"(pesan_dead_letters_total{reason="unknown_type"} 1)"));
}

TEST_F(MetricsText, AResultIsVisibleFromTheCommandsTimestampToTheCommit) {
  answer({.appended = ago(20), .type = type_of("CheckIn")});
  answer({.appended = ago(2500), .type = type_of("CheckIn")});
  const auto found = lines("pesan_result_visible_seconds_bucket");
  EXPECT_THAT(found, Contains(R"(pesan_result_visible_seconds_bucket{le="0.01"} 0)"));
  EXPECT_THAT(found, Contains(R"(pesan_result_visible_seconds_bucket{le="0.025"} 1)"));
  EXPECT_THAT(found, Contains(R"(pesan_result_visible_seconds_bucket{le="1"} 1)"));
  EXPECT_THAT(found, Contains(R"(pesan_result_visible_seconds_bucket{le="2.5"} 2)"));
  EXPECT_THAT(found, Contains(R"(pesan_result_visible_seconds_bucket{le="+Inf"} 2)"));
  EXPECT_THAT(lines("pesan_result_visible_seconds_sum"),
              ElementsAre("pesan_result_visible_seconds_sum 2.52"));
  EXPECT_THAT(lines("pesan_result_visible_seconds_count"),
              ElementsAre("pesan_result_visible_seconds_count 2"));
}

TEST_F(MetricsText, AClockAheadOfThisOneGivesNoNegativeTime) {
  answer({.appended = {now.ms + 5000}, .type = type_of("CheckIn")});
  EXPECT_THAT(lines("pesan_result_visible_seconds_sum"),
              ElementsAre("pesan_result_visible_seconds_sum 0"));
}

TEST_F(MetricsText, DecidingIsMeasuredABatchEach) {
  const Answered one{.appended = now, .type = type_of("CheckIn")};
  metrics_.answered({.commands = {one, one, one}, .deciding = 2ms}, now);
  metrics_.answered({.commands = {}, .deciding = 9s}, now);
  EXPECT_THAT(lines("pesan_decide_seconds_count"), ElementsAre("pesan_decide_seconds_count 1"));
  EXPECT_THAT(lines("pesan_decide_seconds_sum"), ElementsAre("pesan_decide_seconds_sum 0.002"));
}

TEST_F(MetricsText, RowsAreVisibleFromTheEventsTimestampToTheCommit) {
  const std::vector<Record> records{{.offset = {0}, .timestamp = ago(100), .payload = {}},
                                    {.offset = {1}, .timestamp = ago(50), .payload = {}}};
  metrics_.applied(Topic::events, records, now);
  metrics_.applied(Topic::customers, {}, now);
  EXPECT_THAT(lines("pesan_row_visible_seconds_count"),
              ElementsAre(R"(pesan_row_visible_seconds_count{topic="events"} 2)"));
  EXPECT_THAT(lines("pesan_row_visible_seconds_bucket"),
              Contains(R"(pesan_row_visible_seconds_bucket{topic="events",le="0.05"} 1)"));
}

TEST_F(MetricsText, ARecoverySaysHowLongItTookAndHowMuchItRead) {
  metrics_.recovered({.partition = {3}, .took = 1500ms, .events = 42});
  EXPECT_THAT(lines("pesan_recovery_seconds"),
              ElementsAre(R"(pesan_recovery_seconds{partition="3"} 1.5)"));
  EXPECT_THAT(lines("pesan_recovery_events"),
              ElementsAre(R"(pesan_recovery_events{partition="3"} 42)"));
  EXPECT_THAT(lines("pesan_recoveries_total"), ElementsAre("pesan_recoveries_total 1"));
}

TEST_F(MetricsText, ReadinessAndPartitionsAreAsTheLoopsSay) {
  EXPECT_THAT(lines("pesan_ready"), ElementsAre("pesan_ready 0"));
  auto& loop = metrics_.health().add_loop("engine");
  metrics_.health().hold(std::nullopt);
  loop.report(
      {{{Topic::commands, {0}}, Standing::mine}, {{Topic::commands, {1}}, Standing::others}},
      Health::Time{} + 1s);
  EXPECT_THAT(lines("pesan_ready"), ElementsAre("pesan_ready 1"));
  EXPECT_THAT(lines("pesan_partitions"),
              ElementsAre(R"(pesan_partitions{role="engine",state="mine"} 1)",
                          R"(pesan_partitions{role="engine",state="others"} 1)",
                          R"(pesan_partitions{role="engine",state="stopped"} 0)",
                          R"(pesan_partitions{role="engine",state="waiting"} 0)"));
}

TEST_F(MetricsText, LagsAreAskedForWhenTheTextIs) {
  EXPECT_THAT(lines("pesan_projection_lag_events"), IsEmpty());
  std::int64_t behind = 7;
  metrics_.ask_lags([&] {
    return std::vector<Lag>{{{Topic::events, {2}}, behind, 12.5, 0.25},
                            {{Topic::customers, {0}}, 0, 0, 0.5}};
  });
  EXPECT_THAT(lines("pesan_projection_lag_events"),
              ElementsAre(R"(pesan_projection_lag_events{topic="customers",partition="0"} 0)",
                          R"(pesan_projection_lag_events{topic="events",partition="2"} 7)"));
  EXPECT_THAT(lines("pesan_projection_lag_seconds"),
              Contains(R"(pesan_projection_lag_seconds{topic="events",partition="2"} 12.5)"));
  EXPECT_THAT(lines("pesan_projection_lag_age_seconds"),
              Contains(R"(pesan_projection_lag_age_seconds{topic="events",partition="2"} 0.25)"));
  behind = 8;
  EXPECT_THAT(lines("pesan_projection_lag_events"),
              Contains(R"(pesan_projection_lag_events{topic="events",partition="2"} 8)"));
}

TEST_F(MetricsText, TransactionsOnTheLogAreCountedByRoleAndResult) {
  MemoryLog log({.partitions = 1, .clock = [] { return now; }});
  MeasuredLog measured(log, metrics_);
  const Transaction one{.records = {{{Topic::results, {0}}, {.value = "x"}}},
                        .consumed = {},
                        .places = {{Topic::commands, {0}}}};
  const auto older = open_taken(measured, "engine");
  must(older->commit(one));
  must(older->commit({}));  // only asks
  const auto newer = open_taken(measured, "engine");
  EXPECT_FALSE(older->commit(one));
  open_taken(measured, "registry");
  const auto found = lines("pesan_transactions_total");
  EXPECT_THAT(found, Contains(R"(pesan_transactions_total{result="committed",role="engine"} 1)"));
  EXPECT_THAT(found, Contains(R"(pesan_transactions_total{result="conflict",role="engine"} 1)"));
  EXPECT_THAT(found, Contains(R"(pesan_transactions_total{result="unknown",role="engine"} 0)"));
  EXPECT_THAT(found, Contains(R"(pesan_transactions_total{result="committed",role="registry"} 0)"));
  EXPECT_THAT(lines("pesan_transaction_seconds_count"),
              Contains(R"(pesan_transaction_seconds_count{role="engine"} 2)"));
}

TEST_F(MetricsText, TransactionsOnTheReadModelsAreTheProjectors) {
  MeasuredReadModel model(std::make_unique<MemoryReadModel>(), metrics_);
  const Checkpoint first{.topic = Topic::events, .next_offset = {1}, .log_id = "log", .fold = 1};
  must(apply_alone(model, {}, std::nullopt, first));
  EXPECT_FALSE(apply_alone(model, {}, std::nullopt, first));
  EXPECT_EQ(must(model.checkpoint({Topic::events, {0}})), first);
  const auto found = lines("pesan_transactions_total");
  EXPECT_THAT(found,
              Contains(R"(pesan_transactions_total{result="committed",role="projector"} 1)"));
  EXPECT_THAT(found, Contains(R"(pesan_transactions_total{result="conflict",role="projector"} 1)"));
}

TEST_F(MetricsText, FamiliesAreSortedAndEachIsThereOnce) {
  answer({.appended = now, .type = 0});
  std::vector<std::string> helps;
  for (const auto& line : text_lines(text())) {
    if (line.starts_with("# HELP ")) helps.push_back(line.substr(7, line.find(' ', 7) - 7));
  }
  EXPECT_GE(helps.size(), 6U);
  EXPECT_TRUE(std::ranges::is_sorted(helps));
  EXPECT_EQ(std::ranges::adjacent_find(helps), helps.end());
  for (const auto& name : helps) EXPECT_THAT(name, StartsWith("pesan_"));
}

TEST(MetricsDrift, IsAFileForTheTextfileCollector) {
  const TempFolder folder;
  const std::string path = folder / "pesan.prom";
  const Drift drift{.differences = 2, .events = 300, .rows = 40, .seconds = 0.5, .at = now};
  must(write_drift(path, {}));
  must(write_drift(path, drift));
  std::ifstream file(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), drift_text(drift));
  EXPECT_THAT(metric_lines(drift_text(drift), "pesan_"),
              ElementsAre("pesan_drift_rows 2", "pesan_verify_events 300", "pesan_verify_rows 40",
                          "pesan_verify_seconds 0.5", "pesan_verify_timestamp_seconds 1800000000"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(MetricsDrift, WhereItCannotBeWrittenItSaysSoAndLeavesNothing) {
  const TempFolder folder;
  const auto written = write_drift(folder / "none/pesan.prom", {});
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().what, StartsWith("cannot write " + (folder / "none/pesan.prom")));
  std::filesystem::create_directory(folder / "taken.prom");
  EXPECT_FALSE(write_drift(folder / "taken.prom", {}));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

}  // namespace
}  // namespace pesan::metrics
