// What an engine says it answered, for metrics: a batch at a time, and only what is
// committed.
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/given_when_then.hpp"
#include "tests/support/lone_engine.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/must.hpp"
#include "tests/support/opened.hpp"

namespace pesan {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr TopicPartition commands{Topic::commands, {}};

class EngineAnswered : public ::testing::Test {
 protected:
  EngineAnswered() {
    for (std::int32_t p = 0; p < 2; ++p) {
      write({Topic::events, Partition{p}}, opened("log", 2, Clock::append, p));
    }
  }
  void write(TopicPartition to, std::string value) {
    must(log.append({{to, {.key = {}, .value = std::move(value), .headers = {}}}}));
  }
  void send(std::string_view id, std::string_view type, std::string_view resource,
            std::string_view fields) {
    write(commands, fmt::format(R"({{"specversion":"1.0","id":"{}","source":"/t","type":"{}",)"
                                R"("data":{{"resource":"{}","actor":{{"type":"admin","id":"a"}},)"
                                R"({}}}}})",
                                id, type, resource, fields));
  }
  void send_room(int units) {
    send("d", "DefineRoom", "villa",
         fmt::format(R"("name":"V","units":{},"inventory":"counter")", units));
  }
  void send_booking(std::string_view id) {
    send(id, "CreateBooking", "villa", R"("status":"confirmed","customer":{"name":"J"})");
  }
  std::unique_ptr<LoneEngine> start(std::set<Offset> parked = {}) {
    return must(LoneEngine::start(log, {.recovery = {.partition = {},
                                                     .parked = std::move(parked),
                                                     .replayed = [this](auto n) { replayed = n; }},
                                        .batch = 100,
                                        .wall_clock = [this] { return now; },
                                        .stopwatch = [this] { return watch += tick += 50ms; }}));
  }
  /// `CreateBooking rejected capacity_exceeded`, a line each; `!` behind a dead letter.
  static std::vector<std::string> lines(const AnsweredBatch& batch) {
    std::vector<std::string> lines;
    for (const Answered& one : batch.commands) {
      constexpr std::array kinds{"accepted", "rejected", "duplicate", "forwarded"};
      lines.push_back(fmt::format(
          "{} {}{}{}", one.type ? type_name(*one.type) : "unknown",
          kinds[static_cast<std::size_t>(one.kind)],
          one.kind == Answered::Kind::rejected ? fmt::format(" {}", name_of(one.code)) : "",
          one.dead_letter ? " !" : ""));
    }
    return lines;
  }

  Instant now = noon;
  std::chrono::nanoseconds watch{0};
  std::chrono::nanoseconds tick{0};
  std::int64_t replayed = -1;
  MemoryLog log{{.partitions = 2, .clock = [this] { return now; }, .commit_markers = false}};
};

TEST_F(EngineAnswered, NamesTheTypeAndTheOutcomeOfEachCommand) {
  send_room(1);
  send_booking("b1");
  send_booking("b2");
  send_booking("b1");
  send("x", "CancelEverything", "villa", R"("name":"V")");
  write(commands, "no JSON");
  send("h", "DefineRoom", "hut", R"("name":"H","units":1,"inventory":"counter")");
  const auto engine = start();
  EXPECT_EQ(must(engine->step()), 7U);
  EXPECT_THAT(lines(engine->answered()),
              ElementsAre("DefineRoom accepted", "CreateBooking accepted",
                          "CreateBooking rejected capacity_exceeded", "CreateBooking duplicate",
                          "unknown rejected unknown_type !", "unknown rejected malformed !",
                          "DefineRoom forwarded"));
}

TEST_F(EngineAnswered, ARepeatedRefusalIsADuplicateAndNotAnotherRefusal) {
  send_room(0);
  send_booking("b1");
  send_booking("b1");
  const auto engine = start();
  must(engine->step());
  EXPECT_THAT(lines(engine->answered()),
              ElementsAre("DefineRoom accepted", "CreateBooking rejected capacity_exceeded",
                          "CreateBooking duplicate"));
}

TEST_F(EngineAnswered, AParkedCommandIsADeadLetterOfItsType) {
  send_room(1);
  const auto engine = start({Offset{0}});
  must(engine->step());
  EXPECT_THAT(lines(engine->answered()), ElementsAre("DefineRoom rejected engine_failed !"));
}

TEST_F(EngineAnswered, SaysWhenEachCameAndHowLongAllTook) {
  send_room(1);
  now = {noon.ms + 700};
  send_booking("b1");
  const auto engine = start();
  must(engine->step());
  ASSERT_EQ(engine->answered().commands.size(), 2U);
  EXPECT_EQ(engine->answered().commands[0].appended, noon);
  EXPECT_EQ(engine->answered().commands[1].appended.ms, noon.ms + 700);
  EXPECT_EQ(engine->answered().deciding, 100ms);
}

TEST_F(EngineAnswered, WhatWasNotCommittedWasNotAnswered) {
  send_room(1);
  const auto older = start();
  const auto newer = start();
  EXPECT_FALSE(older->step());
  EXPECT_THAT(older->answered().commands, IsEmpty());
}

TEST_F(EngineAnswered, AnIdleStepAnswersNothing) {
  send_room(1);
  const auto engine = start();
  must(engine->step());
  EXPECT_EQ(must(engine->step()), 0U);
  EXPECT_THAT(engine->answered().commands, IsEmpty());
}

TEST_F(EngineAnswered, ARecoverySaysHowManyEventsItReplayed) {
  send_room(1);
  send_booking("b1");
  must(start()->step());
  EXPECT_EQ(replayed, 0);
  start();
  EXPECT_EQ(replayed, 2);
}

}  // namespace
}  // namespace pesan
