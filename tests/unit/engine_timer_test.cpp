// docs/holds.md#who-sends-it: the engine's looks at what is due, over a log in memory.

#include <memory>
#include <set>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/log_clock.hpp"
#include "tests/support/given_when_then.hpp"
#include "tests/support/lone_engine.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/must.hpp"
#include "tests/support/opened.hpp"
#include "tests/support/taken.hpp"

namespace pesan {
namespace {

namespace json = boost::json;

constexpr TopicPartition commands{Topic::commands, {}};
constexpr TopicPartition events{Topic::events, {}};
constexpr TopicPartition results{Topic::results, {}};

class EngineTimers : public ::testing::Test {
 protected:
  explicit EngineTimers(Clock clock = Clock::append) {
    write(events, opened("log", 1, clock));
    send("DefineRoom", R"("name":"V","units":9000,"inventory":"counter")");
  }
  void write(TopicPartition to, std::string value) {
    must(log.append({{to, {.key = {}, .value = std::move(value), .headers = {}}}}));
  }
  void send(std::string_view type, const std::string& fields, std::string_view more = "") {
    write(commands, fmt::format(R"({{"specversion":"1.0","id":"c{}","source":"/t","type":"{}"{},)"
                                R"("data":{{"resource":"villa","actor":{{"type":"system",)"
                                R"("id":"a"}},{}}}}})",
                                ++sent, type, more, fields));
  }
  /// On hold until so many milliseconds after noon.
  void hold(std::int64_t ms) {
    send("CreateBooking", fmt::format(R"("customer":{{"name":"J"}},"hold_until":"{}")",
                                      to_string(Instant{noon.ms + ms})));
  }
  std::unique_ptr<LoneEngine> start(bool timers = true, std::size_t batch = 4000) {
    return must(LoneEngine::start(log, {.recovery = {.partition = {}, .remember = 100},
                                        .batch = batch,
                                        .wall_clock = [this] { return wall; },
                                        .timers = timers}));
  }
  void at(std::int64_t ms_after_noon) { wall = now = {noon.ms + ms_after_noon}; }
  static std::size_t run(LoneEngine& engine) {
    std::size_t all = 0;
    while (const std::size_t some = must(engine.step())) all += some;
    return all;
  }
  /// The ids of the RunTimers that were sent.
  std::vector<std::string> timers() {
    std::vector<std::string> ids;
    for (const Record& record : log.records(commands)) {
      const json::object command = json::parse(record.payload.value).as_object();
      if (command.at("source").as_string() == "/pesan/log/timers") {
        ids.emplace_back(command.at("id").as_string());
      }
    }
    return ids;
  }
  std::string code_of_last() {
    const auto result = json::parse(log.records(results).back().payload.value);
    const auto* code = result.at("data").as_object().if_contains("code");
    return code == nullptr ? "" : std::string(code->as_string());
  }

  Instant now = noon;   // of the log
  Instant wall = noon;  // of the engine
  MemoryLog log{{.partitions = 1, .clock = [this] { return now; }, .commit_markers = true}};
  int sent = 0;
};

class BackfillTimers : public EngineTimers {
 protected:
  BackfillTimers() : EngineTimers(Clock::command) {}
};

TEST_F(EngineTimers, WhatIsDueIsSentAndDecidedLikeAnyCommand) {
  hold(1'000);
  const auto engine = start();
  EXPECT_EQ(run(*engine), 2U);
  at(1'000);
  EXPECT_EQ(run(*engine), 2U) << "sent, and decided";
  ASSERT_EQ(timers(),
            std::vector<std::string>{fmt::format("expiry:villa.1@2:{}", noon.ms + 1'000)});
  const Record& command = log.records(commands).back();
  EXPECT_EQ(command.payload.key, "villa");
  EXPECT_EQ(command.payload.value,
            fmt::format(R"({{"specversion":"1.0","id":"expiry:villa.1@2:{}",)"
                        R"("source":"/pesan/log/timers","type":"RunTimer","data":{{)"
                        R"("resource":"villa","actor":{{"type":"system","id":"timers"}},)"
                        R"("booking_id":"villa.1","timer":"expiry"}}}})",
                        noon.ms + 1'000));
  EXPECT_EQ(code_of_last(), "");
  EXPECT_EQ(engine->processor().state().bookings()[0].status, Status::expired);
}

TEST_F(EngineTimers, ALookComesEachSecondAndNoSooner) {
  const auto engine = start();
  run(*engine);
  at(10);
  hold(500);
  run(*engine);
  at(999);
  EXPECT_EQ(run(*engine), 0U);
  at(1'000);
  EXPECT_EQ(run(*engine), 2U);
}

TEST_F(EngineTimers, OneThatIsUnderWayIsNotSentAgain) {
  hold(1'000);
  const auto engine = start(true, 1);
  run(*engine);
  for (int i = 0; i < 3; ++i) hold(900'000);  // a command a round: these are decided before it
  for (const std::int64_t ms : {1'000, 2'500, 4'000}) {
    at(ms);
    must(engine->step());
    EXPECT_EQ(timers().size(), 1U) << ms;
  }
  EXPECT_EQ(engine->processor().state().bookings()[0].status, Status::pending);
  at(5'500);
  EXPECT_EQ(run(*engine), 1U) << "decided, and nothing sent";
  EXPECT_EQ(engine->processor().state().bookings()[0].status, Status::expired);
}

TEST_F(EngineTimers, OneWhoseKeyAnotherCommandUsedIsSentAgainUnderItsNextKey) {
  hold(1'000);
  write(commands, fmt::format(R"({{"specversion":"1.0","id":"expiry:villa.1@2:{}",)"
                              R"("source":"/pesan/log/timers","type":"ChangeRoom","data":)"
                              R"({{"resource":"villa","actor":{{"type":"admin","id":"a"}},)"
                              R"("units":8999}}}})",
                              noon.ms + 1'000));
  const auto engine = start();
  run(*engine);
  at(1'000);
  EXPECT_EQ(run(*engine), 2U);
  EXPECT_EQ(code_of_last(), "idempotency_conflict");
  at(2'000);
  EXPECT_EQ(run(*engine), 2U);
  EXPECT_EQ(engine->processor().state().bookings()[0].status, Status::expired);
}

TEST_F(EngineTimers, ANotDueOfOneTimerHoldsNoOtherOfTheBookingBack) {
  send("ChangeRoom", R"("no_show_minutes":721)");  // late a minute after noon
  send("CreateBooking", fmt::format(R"("check_in":"2026-12-01","check_out":"2026-12-02",)"
                                    R"("customer":{{"name":"J"}},"hold_until":"{}")",
                                    to_string(Instant{noon.ms + 50'000})));
  const auto engine = start();
  run(*engine);
  wall = {noon.ms + 50'000};  // the engine's clock is ahead of the log's
  run(*engine);
  EXPECT_EQ(code_of_last(), "not_due");
  send("ChangeStatus", R"("booking_id":"villa.1","status":"confirmed")");
  run(*engine);
  at(60'000);
  run(*engine);
  EXPECT_EQ(engine->processor().state().bookings()[0].status, Status::no_show);
}

TEST_F(EngineTimers, AfterANotDueItIsSentAgainInAMinuteAndNoSooner) {
  hold(100'000);
  const auto engine = start();
  run(*engine);
  wall = {noon.ms + 100'000};  // the engine's clock is ahead of the log's
  EXPECT_EQ(run(*engine), 2U);
  EXPECT_EQ(code_of_last(), "not_due");
  wall = {noon.ms + 159'000};
  EXPECT_EQ(run(*engine), 0U);
  wall = {noon.ms + 160'000};
  EXPECT_EQ(run(*engine), 2U);
  EXPECT_EQ(code_of_last(), "not_due");
  at(220'000);
  EXPECT_EQ(run(*engine), 2U);
  EXPECT_EQ(code_of_last(), "");
}

TEST_F(EngineTimers, AtMostAThousandAreSentInALookAndTheNextComesWhenTheyAreDecided) {
  for (int i = 0; i < 2'500; ++i) hold(1'000);
  const auto engine = start();
  run(*engine);
  at(1'000);
  for (const std::size_t some : {1'000U, 1'000U, 500U}) {
    EXPECT_EQ(must(engine->step()), some) << "sent";
    EXPECT_EQ(must(engine->step()), some) << "decided";
  }
  EXPECT_EQ(must(engine->step()), 0U);
  EXPECT_EQ(timers().size(), 2'500U);
  EXPECT_EQ(engine->processor().state().timers().size(), 0U);
}

TEST_F(EngineTimers, TheyAreSentInTheOrderInWhichTheyAreDue) {
  hold(2'000);
  hold(1'000);
  hold(2'000);
  const auto engine = start();
  run(*engine);
  at(3'000);
  run(*engine);
  const std::string at = fmt::format(":{}", noon.ms + 3'000);
  EXPECT_EQ(timers(), (std::vector<std::string>{"expiry:villa.2@3" + at, "expiry:villa.1@2" + at,
                                                "expiry:villa.3@4" + at}));
}

TEST_F(EngineTimers, AnEngineThatStartsAnewSendsWhatIsDueAgainAndNothingComesOfItTwice) {
  hold(1'000);
  auto engine = start();
  run(*engine);
  at(1'000);
  EXPECT_EQ(must(engine->step()), 1U) << "sent, and then it dies";
  engine.reset();
  engine = start();
  at(1'001);
  EXPECT_EQ(run(*engine), 1U) << "the first is decided before the first look";
  EXPECT_EQ(timers().size(), 1U);
  EXPECT_EQ(engine->processor().state().bookings()[0].status, Status::expired);
}

TEST_F(EngineTimers, ARoundThatIsLostForgetsWhatItSent) {
  hold(1'000);
  const auto engine = start();
  run(*engine);
  at(1'000);
  {
    const auto rival = open_taken(log, "engine");
    EXPECT_FALSE(engine->step()) << "its round is refused";
  }
  EXPECT_TRUE(timers().empty());
  must(engine->enter());
  EXPECT_EQ(run(*engine), 2U);
  EXPECT_EQ(timers().size(), 1U);
}

TEST_F(EngineTimers, OffTheEngineSendsNoneAndDecidesThoseThatCome) {
  hold(1'000);
  const auto engine = start(false);
  run(*engine);
  at(5'000);
  EXPECT_EQ(run(*engine), 0U);
  send("RunTimer", R"("booking_id":"villa.1","timer":"expiry")");
  EXPECT_EQ(run(*engine), 1U);
  EXPECT_EQ(engine->processor().state().bookings()[0].status, Status::expired);
}

TEST_F(EngineTimers, WhatIsDueByThePartitionsClockIsSentThoughTheWallClockIsBehind) {
  hold(100'000);
  const auto engine = start();
  run(*engine);
  now = {noon.ms + 100'000};
  send("ChangeRoom", R"("units":8999)");
  wall = {noon.ms + 2'000};
  run(*engine);
  EXPECT_EQ(engine->processor().state().bookings()[0].status, Status::expired);
}

TEST_F(BackfillTimers, ALogWithClockCommandHasNoneUntilItsBackfillEnds) {
  send("CreateBooking", R"("customer":{"name":"J"},"hold_until":"2015-07-01T10:00:00Z")",
       R"(,"time":"2015-07-01T09:00:00Z")");
  auto engine = start();
  run(*engine);
  send("ChangeRoom", R"("units":8999)", R"(,"time":"2015-07-02T09:00:00Z")");
  at(5'000);
  EXPECT_EQ(run(*engine), 1U);
  EXPECT_TRUE(timers().empty());
  engine.reset();
  must(switch_clock(log, Clock::append, wall));
  engine = start();
  run(*engine);
  EXPECT_EQ(timers().size(), 1U);
  EXPECT_EQ(engine->processor().state().bookings()[0].status, Status::expired);
}

// What was undone is not in the index, and what it took out is.
TEST_F(EngineTimers, TheIndexIsUndoneWithARoundThatIsLost) {
  hold(1'000);
  const auto engine = start();
  run(*engine);
  hold(2'000);
  send("RecordPayment", R"("booking_id":"villa.1","status":"paid")");
  send("ChangeRoom", R"("no_show_minutes":30)");
  {
    const auto rival = open_taken(log, "engine");
    EXPECT_FALSE(engine->step());
  }
  std::set<std::int64_t> due;
  for_each_due(engine->processor().state(), {noon.ms + 10'000},
               [&](std::uint32_t, const BookingTimer& timer) {
                 due.insert(timer.due.ms - noon.ms);
                 return true;
               });
  EXPECT_EQ(due, std::set<std::int64_t>{1'000});
}

}  // namespace
}  // namespace pesan
