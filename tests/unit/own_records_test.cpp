// Records that do not name this log as their source are passed over wherever logs are read.

#include "engine/own_records.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/lone_engine.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/must.hpp"
#include "tests/support/opened.hpp"

namespace pesan {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr TopicPartition events{Topic::events, {}};
constexpr TopicPartition results{Topic::results, {}};

class OwnRecordsOfALog : public ::testing::Test {
 protected:
  void write(TopicPartition to, std::string value) {
    must(log.append({{to, {.key = {}, .value = std::move(value), .headers = {}}}}));
  }
  std::vector<std::string> read(TopicPartition from, Offset offset = {}) {
    std::vector<Record> records;
    must(log.read(from, offset, {.records = 2}, records));
    std::vector<std::string> values;
    for (const auto& record : records) values.push_back(record.payload.value);
    return values;
  }
  std::vector<std::pair<Topic, std::int64_t>> told;
  MemoryLog* const memory = new MemoryLog({.partitions = 1, .clock = [] { return Instant{}; }});
  OwnRecords log{std::unique_ptr<Log>(memory), "log", [this](TopicPartition place, Offset offset) {
                   told.emplace_back(place.topic, offset.value);
                 }};
};

TEST_F(OwnRecordsOfALog, WhatDoesNotNameItAsItsSourceIsForeign) {
  const std::string own = opened();
  for (const std::string foreign :
       {"", "no JSON", "[]", "{}", R"({"source":7})", R"({"source":"/pesan/log/results"})",
        R"({"source":"/pesan/other/events"})", R"({"data":{"source":"/pesan/log/events"}})"}) {
    SCOPED_TRACE(foreign);
    const Offset at = must(log.range(events)).end;
    write(events, foreign);
    write(events, own);
    EXPECT_THAT(read(events, at), ElementsAre(own));
    EXPECT_EQ(told.back(), std::pair(Topic::events, at.value));
  }
}

TEST_F(OwnRecordsOfALog, WhatNamesItIsItsOwnHoweverItIsWritten) {
  for (const std::string own :
       {R"({"source":"/pesan/log/events"})", R"({ "id":1, "source" : "\/pesan/log/events" })",
        R"({"specversion":"1.0","id":"villa@1","source":"/pesan/log/events"})"}) {
    const Offset at = must(log.range(events)).end;
    write(events, own);
    EXPECT_THAT(read(events, at), ElementsAre(own));
  }
  EXPECT_THAT(told, IsEmpty());
}

TEST_F(OwnRecordsOfALog, ManyForeignOnesAreNoEnd) {
  for (int i = 0; i < 5; ++i) write(results, "stray");
  write(results, R"({"source":"/pesan/log/results"})");
  EXPECT_THAT(read(results), ElementsAre(R"({"source":"/pesan/log/results"})"));
}

TEST_F(OwnRecordsOfALog, ForeignOnesAtTheEndAreNotReadAgainEachTime) {
  write(results, R"({"source":"/pesan/log/results"})");
  for (int i = 0; i < 5; ++i) write(results, "stray");
  EXPECT_THAT(read(results, Offset{1}), IsEmpty());
  // They are gone, and nobody asks for them any more.
  memory->drop_before(results, Offset{6});
  EXPECT_THAT(read(results, Offset{1}), IsEmpty());
  write(results, R"({"source":"/pesan/log/results","n":2})");
  EXPECT_THAT(read(results, Offset{1}), ElementsAre(R"({"source":"/pesan/log/results","n":2})"));
}

TEST_F(OwnRecordsOfALog, EachForeignOneIsToldOnce) {
  write(results, "stray");
  read(results);
  read(results);
  write(results, "stray");
  read(results);
  EXPECT_THAT(told, ElementsAre(std::pair(Topic::results, 0), std::pair(Topic::results, 1)));
}

TEST_F(OwnRecordsOfALog, CommandsAndDeadLettersMaySayWhatTheyWill) {
  for (const Topic topic : {Topic::commands, Topic::dead_letters}) {
    write({topic, {}}, "anything");
    EXPECT_THAT(read({topic, {}}), ElementsAre("anything"));
  }
}

TEST_F(OwnRecordsOfALog, AnEngineRecoversBehindForeignOnes) {
  write(events, opened());
  write(events, "stray");
  write(results, R"({"source":"/pesan/other/results"})");
  write({Topic::commands, {}}, "no JSON");
  auto engine =
      must(LoneEngine::start(log, {.recovery = {}, .wall_clock = [] { return Instant{}; }}));
  EXPECT_EQ(must(engine->step()), 1U);
  engine.reset();
  engine = must(LoneEngine::start(log, {.recovery = {}, .wall_clock = [] { return Instant{}; }}));
  EXPECT_EQ(engine->processor().position().next_command, Offset{1});
}

TEST_F(OwnRecordsOfALog, OneThatNamesItAndDoesNotFitStopsItsReader) {
  write(events, opened());
  write(events, R"({"source":"/pesan/log/events","type":"RoomDefined"})");
  const auto engine =
      LoneEngine::start(log, {.recovery = {}, .wall_clock = [] { return Instant{}; }});
  ASSERT_FALSE(engine);
  EXPECT_THAT(engine.error().what, HasSubstr("events 0-1: the record is not an event of pesan"));
}

}  // namespace
}  // namespace pesan
