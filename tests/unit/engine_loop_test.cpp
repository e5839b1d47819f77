// The engine's loop over a log in memory: batches, commits, fencing, and recovery to the state
// before.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/log_clock.hpp"
#include "tests/support/given_when_then.hpp"
#include "tests/support/lone_engine.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/must.hpp"
#include "tests/support/opened.hpp"
#include "tests/support/state_text.hpp"
#include "tests/support/taken.hpp"

namespace pesan {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr TopicPartition commands{Topic::commands, {}};
constexpr TopicPartition events{Topic::events, {}};
constexpr TopicPartition results{Topic::results, {}};
constexpr TopicPartition letters{Topic::dead_letters, {}};

class EngineLoop : public ::testing::Test {
 protected:
  void write(TopicPartition to, std::string value) {
    must(log.append({{to, {.key = {}, .value = std::move(value), .headers = {}}}}));
  }
  void send(std::string_view id, std::string_view type, std::string_view fields) {
    write(commands, fmt::format(R"({{"specversion":"1.0","id":"{}","source":"/t","type":"{}",)"
                                R"("data":{{"resource":"villa","actor":{{"type":"admin",)"
                                R"("id":"a"}}{}{}}}}})",
                                id, type, fields.empty() ? "" : ",", fields));
  }
  void send_room() { send("d", "DefineRoom", R"("name":"V","units":1,"inventory":"counter")"); }
  void send_booking(std::string_view id) {
    send(id, "CreateBooking", R"("status":"confirmed","customer":{"name":"J"})");
  }
  Fallible<std::unique_ptr<LoneEngine>> start(std::size_t remember = 100, std::size_t batch = 1000,
                                              std::set<Offset> parked = {}) {
    return LoneEngine::start(
        log, {.recovery = {.partition = {},
                           .remember = remember,
                           .parked = std::move(parked),
                           .say = [this](std::string_view note) { said.emplace_back(note); }},
              .batch = batch,
              .wall_clock = [this] { return now; }});
  }
  /// Why it does not start.
  std::string refusal() {
    auto engine = start();
    return engine ? "it started" : engine.error().what;
  }
  std::size_t run(LoneEngine& engine) {
    std::size_t all = 0;
    while (const std::size_t some = must(engine.step())) all += some;
    return all;
  }
  /// Decides everything that is there.
  void run() { run(*must(start())); }
  json::object result(std::size_t index) {
    return json::parse(log.records(results).at(index).payload.value).as_object();
  }

  Instant now = noon;
  MemoryLog log{{.partitions = 1, .clock = [this] { return now; }, .commit_markers = false}};
  std::vector<std::string> said;
};

TEST_F(EngineLoop, DecidesWhatIsThereAndCommitsItWithTheOffset) {
  write(events, opened());
  send_room();
  send_booking("b");
  send_booking("c");
  const auto engine = must(start());
  EXPECT_EQ(must(engine->step()), 3U);
  EXPECT_EQ(must(engine->step()), 0U);
  EXPECT_EQ(log.records(events).size(), 3U);  // opened, defined, created
  EXPECT_EQ(log.records(results).size(), 3U);
  auto writer = open_taken(log, "engine");
  EXPECT_EQ(must(writer->committed(commands)), Offset{3});
}

TEST_F(EngineLoop, ABatchIsOneTransaction) {
  write(events, opened());
  send_room();
  for (int i = 0; i < 6; ++i) send_booking(fmt::format("b{}", i));
  const auto engine = must(start(100, 3));
  EXPECT_EQ(must(engine->step()), 3U);
  EXPECT_EQ(log.records(results).size(), 3U);
  EXPECT_EQ(run(*engine), 4U);
  EXPECT_EQ(engine->processor().tally().accepted, 2);
  EXPECT_EQ(engine->processor().tally().rejected, 5);
}

TEST_F(EngineLoop, AnOlderEngineIsFencedAndLeavesNoTrace) {
  write(events, opened());
  send_room();
  const auto older = must(start());
  const auto newer = must(start());
  const auto refused = older->step();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::conflict);
  EXPECT_EQ(older->processor().state().resources().size(), 0U) << "what was decided is undone";
  EXPECT_EQ(older->processor().position().next_command, Offset{0});
  EXPECT_EQ(log.records(results).size(), 0U);
  EXPECT_EQ(run(*newer), 1U);
}

TEST_F(EngineLoop, MalformedRecordsDoNotDelayTheOthers) {
  write(events, opened());
  write(commands, "no JSON");
  send_room();
  write(commands, "{}");
  run();
  EXPECT_EQ(log.records(letters).size(), 2U);
  EXPECT_EQ(log.records(results).size(), 3U);
  EXPECT_EQ(log.records(events).size(), 2U);
}

// ---- recovery ----

TEST_F(EngineLoop, AfterARestartTheStateIsTheOneBefore) {
  write(events, opened());
  send_room();
  send_booking("b");
  send("s", "ChangeStatus", R"("booking_id":"villa.1","status":"cancelled")");
  write(commands, "no JSON");
  send("x", "CheckIn", R"("booking_id":"villa.1")");
  const auto engine = must(start());
  run(*engine);
  now.ms += 60'000;
  const auto again = must(start());
  EXPECT_EQ(text_of(again->processor().state()), text_of(engine->processor().state()));
  EXPECT_EQ(again->processor().position(), engine->processor().position());
  EXPECT_EQ(again->processor().ledger().remembered(), engine->processor().ledger().remembered());
  EXPECT_EQ(run(*again), 0U);
}

TEST_F(EngineLoop, AfterARestartARepeatGetsTheStoredOutcome) {
  write(events, opened());
  send_room();
  send_booking("b");
  send_booking("c");            // refused: there is one room
  send("v", "DefineRoom", "");  // invalid
  send("n", "ChangeRoom", "");  // no event
  run();
  send_booking("b");
  send_booking("c");
  send("v", "DefineRoom", "");
  send("n", "ChangeRoom", "");
  run();
  for (std::size_t i = 1; i <= 4; ++i) {
    json::object first = result(i).at("data").as_object();
    const json::object again = result(i + 4).at("data").as_object();
    first["duplicate"] = true;
    EXPECT_EQ(json::value(first), json::value(again));
  }
  EXPECT_EQ(log.records(events).size(), 3U);
}

TEST_F(EngineLoop, AfterARestartExactlyTheLastNOutcomesAreRemembered) {
  write(events, opened());
  send_room();
  for (int i = 0; i < 5; ++i) send(fmt::format("n{}", i), "ChangeRoom", "");
  run(*must(start(3)));
  for (int i = 1; i < 5; ++i) send(fmt::format("n{}", i), "ChangeRoom", "");
  run(*must(start(3)));
  // n1 is forgotten; decided anew, it pushes out n2, which pushes out n3, and so on.
  for (std::size_t i = 6; i < 10; ++i) {
    EXPECT_FALSE(result(i).at("data").as_object().contains("duplicate"));
  }
}

TEST_F(EngineLoop, AfterARestartTheClockDoesNotRunBackwards) {
  write(events, opened("log", 1, Clock::command));
  write(commands, R"({"specversion":"1.0","id":"1","source":"/t","type":"CheckIn",
                      "time":"2026-12-05T00:00:00Z","data":{}})");
  run();
  send_room();  // no time of its own
  run();
  EXPECT_EQ(result(1).at("time").as_string(), "2026-12-05T00:00:00.000Z");
}

TEST_F(EngineLoop, KafkasTransactionMarkersAreNoGaps) {
  MemoryLog marked{{.partitions = 1, .clock = [this] { return now; }, .commit_markers = true}};
  must(marked.append({{events, {.key = {}, .value = opened(), .headers = {}}}}));
  const EngineOptions options{.recovery = {.partition = {}}, .wall_clock = [this] { return now; }};
  for (int i = 0; i < 3; ++i) {
    const std::string record = fmt::format(
        R"({{"specversion":"1.0","id":"{}","source":"/t","type":"DefineRoom","data":)"
        R"({{"resource":"r{}","actor":{{"type":"admin","id":"a"}},"name":"V","units":1,)"
        R"("inventory":"counter"}}}})",
        i, i);
    must(marked.append({{commands, {.key = {}, .value = record, .headers = {}}}}));
    const auto engine = must(LoneEngine::start(marked, options));
    EXPECT_EQ(must(engine->step()), 1U);
  }
  EXPECT_EQ(marked.records(events).size(), 4U);
  EXPECT_EQ(marked.records(events).back().offset, Offset{5});
}

TEST_F(EngineLoop, WhereTheGroupsOffsetWasForgottenTheLogsIsUsedAndSaid) {
  write(events, opened());
  send_room();
  run();
  EXPECT_TRUE(said.empty());
  log.forget_committed();
  EXPECT_EQ(run(*must(start())), 0U);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_NE(said.front().find("going on at command 1"), std::string::npos);
}

TEST_F(EngineLoop, CommandsThatRetentionDroppedAfterTheirDecisionAreNotMissed) {
  write(events, opened());
  send_room();
  send_booking("b");
  run();
  log.drop_before(commands, Offset{2});
  send_booking("c");
  run();
  EXPECT_EQ(log.records(results).size(), 3U);
}

TEST_F(EngineLoop, CommandsThatWereGoneBeforeAnyEngineSawThemAreSpokenOf) {
  write(events, opened());
  send_room();
  log.drop_before(commands, Offset{1});
  send_booking("b");
  run();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_NE(said.front().find("the commands before 1 are gone"), std::string::npos);
  EXPECT_EQ(log.records(results).size(), 1U);
}

// ---- stop messages ----

TEST_F(EngineLoop, ALogThatWasNeverOpenedIsRefused) {
  EXPECT_NE(refusal().find("has no LogOpened"), std::string::npos);
}

TEST_F(EngineLoop, ATopicThatDiffersFromItsLogOpenedIsRefused) {
  write(events, opened("log", 4));
  EXPECT_NE(refusal().find("partition 0 of 4"), std::string::npos);
}

TEST_F(EngineLoop, ALogWithMorePartitionsThanNumbersOfBookingsHaveRoomForIsRefused) {
  write(events, opened("log", max_partitions + 1));
  EXPECT_NE(refusal().find("1025 partitions, and a log has 1 to 1024"), std::string::npos);
}

TEST(BookingNumbers, LeaveRoomForEachPartitionALogCanHave) {
  EXPECT_EQ(booking_number({7}, {max_partitions - 1}) + 1, booking_number({8}, {0}));
  EXPECT_THROW(booking_number({7}, {max_partitions}), Bug);
}

/// An event of a room as another program would append it.
std::string defined(std::string_view log_id, std::int64_t sequence, std::int64_t version) {
  std::string out;
  append_event(
      out,
      {.log_id = log_id,
       .sequence = {sequence},
       .time = noon,
       .what = ResourceEvent{
           .resource = "villa",
           .version = {version},
           .causation_id = "d",
           .causation_source = "/t",
           .traceparent = {},
           .event = {.actor = admin,
                     .reason = {},
                     .body = RoomDefined{.name = "V", .currency = "IDR", .timezone = "UTC"}}}});
  return out;
}

TEST_F(EngineLoop, AGapInTheSequenceStops) {
  write(events, opened());
  write(events, defined("log", 2, 1));
  EXPECT_NE(refusal().find("sequence 2 follows 0"), std::string::npos);
}

TEST_F(EngineLoop, AnEventOfAnotherLogStops) {
  write(events, opened());
  write(events, defined("other", 1, 1));
  EXPECT_NE(refusal().find("another log"), std::string::npos);
}

TEST_F(EngineLoop, ASecondLogOpenedInTheMiddleStops) {
  write(events, opened());
  send_room();
  run();
  write(events, opened("other"));
  EXPECT_NE(refusal().find("another log"), std::string::npos);
}

TEST_F(EngineLoop, ASecondLogOpenedOfTheSameLogStopsTooUnlessItIsTheSame) {
  write(events, opened());
  send_room();
  run();
  write(events, opened());
  EXPECT_EQ(refusal(), "it started");
  write(events, opened("log", 1, Clock::command));
  EXPECT_NE(refusal().find("sequence 0 follows 1"), std::string::npos);
}

TEST_F(EngineLoop, AnEventWithoutItsResultStops) {
  write(events, opened());
  write(events, defined("log", 1, 1));
  EXPECT_NE(refusal().find("results of partition 0 end at sequence 0, events at 1"),
            std::string::npos);
}

TEST_F(EngineLoop, AnEventWithoutItsResultStopsAlsoBehindTheEndOfABackfill) {
  write(events, opened());
  write(events, defined("log", 1, 1));
  std::string switched;
  append_event(switched, {.log_id = "log",
                          .sequence = {2},
                          .time = noon,
                          .what = ClockSwitched{.partition = 0, .clock = Clock::append}});
  write(events, switched);
  EXPECT_NE(refusal().find("results of partition 0 end at sequence 0, events at 2"),
            std::string::npos);
}

TEST_F(EngineLoop, TheEndOfABackfillNeedsNoResult) {
  write(events, opened("log", 1, Clock::command));
  send_room();
  run();
  EXPECT_EQ(must(current_clock(log)), Clock::command);
  EXPECT_EQ(must(switch_clock(log, Clock::append, noon)), std::vector{true});
  EXPECT_EQ(must(current_clock(log)), Clock::append);
  send_booking("b");
  run();
  EXPECT_EQ(result(1).at("time").as_string(), "2026-12-01T05:00:00.000Z");
  EXPECT_EQ(result(1).at("data").at("sequence").as_int64(), 3);
}

TEST_F(EngineLoop, AMarkerBehindTheLastCommandDoesNotKeepABackfillFromEnding) {
  MemoryLog marked{{.partitions = 1, .clock = [this] { return now; }, .commit_markers = true}};
  must(marked.append({{events, {.key = {}, .value = opened("log", 1, Clock::command)}}}));
  // Somebody forwarded a command, in a transaction that left a marker behind it.
  must(open_taken(marked, "another engine")
           ->commit({.records = {{commands, {.key = {}, .value = "malformed"}}},
                     .consumed = {},
                     .places = {commands}}));
  auto engine = must(LoneEngine::start(
      marked, {.recovery = {.partition = {}}, .batch = 1, .wall_clock = [this] { return now; }}));
  EXPECT_EQ(run(*engine), 1U);
  ASSERT_GT(must(marked.range(commands)).end, engine->processor().position().next_command);
  EXPECT_THAT(must(switch_clock(marked, Clock::append, noon)), ::testing::ElementsAre(true));
}

TEST_F(EngineLoop, ACommittedOffsetThatResultsDoNotExplainStops) {
  write(events, opened());
  send_room();
  send_booking("b");
  run();
  must(open_taken(log, "engine")
           ->commit({.records = {}, .consumed = {{commands, Offset{1}}}, .places = {commands}}));
  EXPECT_NE(refusal().find("the committed offset says 1"), std::string::npos);
}

TEST_F(EngineLoop, ASecondResultForOneCommandStops) {
  write(events, opened());
  send_room();
  send("n", "ChangeRoom", "");
  run();
  std::string other = log.records(results).front().payload.value;
  other.replace(other.find("2026"), 4, "2027");
  write(results, other);
  EXPECT_NE(refusal().find("a second result for command 0-0"), std::string::npos);
}

TEST_F(EngineLoop, ARecordThatWasWrittenTwiceByteForByteIsReadOnce) {
  write(events, opened());
  send_room();
  run();
  write(events, log.records(events).back().payload.value);
  write(results, log.records(results).back().payload.value);
  EXPECT_EQ(refusal(), "it started");
}

TEST_F(EngineLoop, AStampFromTheFutureStopsAtANamedCommandAndWhatWasBeforeItStands) {
  write(events, opened());
  send_room();
  const auto engine = must(start());
  now.ms += 3'600'000;
  send_booking("b");
  now.ms -= 3'600'000;
  EXPECT_EQ(must(engine->step()), 1U);
  const auto stopped = engine->step();
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().kind, FailureKind::fatal);
  EXPECT_NE(stopped.error().what.find("command 0-1"), std::string::npos);

  // An operator sets it aside, on the record, and the partition goes on.
  EXPECT_EQ(run(*must(start(100, 1000, {Offset{1}}))), 1U);
  EXPECT_EQ(result(1).at("data").at("code").as_string(), "engine_failed");
  EXPECT_EQ(result(1).at("time").as_string(), "2026-12-01T05:00:00.000Z");
  EXPECT_EQ(log.records(letters).size(), 1U);
}

TEST(EngineStart, ASystemWithoutTheDefaultTimeZoneIsRefusedWithASentence) {
  EXPECT_TRUE(check_time_zone("Asia/Jakarta"));
  const auto refused = check_time_zone("Mars/Olympus");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::fatal);
  EXPECT_THAT(refused.error().what, ::testing::HasSubstr("install its time zones"));
}

}  // namespace
}  // namespace pesan
