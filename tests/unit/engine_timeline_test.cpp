// Nothing is remembered by its offset alone: an engine that starts looks whether the log is the one
// that it was, and whether this system can go on with it.

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "events/event_codec.hpp"
#include "tests/support/given_when_then.hpp"
#include "tests/support/lone_engine.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/must.hpp"
#include "tests/support/opened.hpp"
#include "tests/support/taken.hpp"

namespace pesan {
namespace {

using ::testing::HasSubstr;

constexpr TopicPartition commands{Topic::commands, {}};
constexpr TopicPartition events{Topic::events, {}};
constexpr TopicPartition results{Topic::results, {}};

std::string command(std::string_view id, std::string_view resource = "villa") {
  return fmt::format(R"({{"specversion":"1.0","id":"{}","source":"/t","type":"CheckIn",)"
                     R"("data":{{"resource":"{}","actor":{{"type":"admin","id":"a"}},)"
                     R"("booking_id":"{}.1"}}}})",
                     id, resource, resource);
}

void write(MemoryLog& log, TopicPartition to, std::string value) {
  must(log.append({{to, {.key = {}, .value = std::move(value), .headers = {}}}}));
}

Fallible<std::unique_ptr<LoneEngine>> start(Log& log) {
  return LoneEngine::start(log, {.recovery = {}, .wall_clock = [] { return noon; }});
}

/// A log whose commands were decided, and another one with its events and results and other
/// commands under the same offsets.
class ATopicOfCommands : public ::testing::Test {
 protected:
  ATopicOfCommands() { write(before, events, opened()); }
  void given_decided(const std::vector<std::string>& records) {
    for (const auto& record : records) write(before, commands, record);
    auto engine = must(start(before));
    ASSERT_EQ(must(engine->step()), records.size());
  }
  /// What an engine says that finds these commands, and the events and results of before.
  std::string said_of(const std::vector<std::string>& records) {
    MemoryLog after{{.partitions = 1, .clock = [] { return noon; }}};
    for (const auto topic : {events, results}) {
      for (const auto& record : before.records(topic)) write(after, topic, record.payload.value);
    }
    for (const auto& record : records) write(after, commands, record);
    const auto engine = start(after);
    return engine ? "goes on" : engine.error().what;
  }
  MemoryLog before{{.partitions = 1, .clock = [] { return noon; }}};
};

TEST_F(ATopicOfCommands, ThatWasMadeAnewIsAnotherTimeline) {
  given_decided({command("a"), command("b")});
  EXPECT_EQ(said_of({command("a"), command("b"), command("c")}), "goes on");
  EXPECT_THAT(said_of({command("c"), command("d"), command("e")}),
              HasSubstr("commands 0-1: another timeline: the results answer a command there, and "
                        "another one stands there"));
  EXPECT_THAT(said_of({command("a"), command("b", "hut")}), HasSubstr("another timeline"));
  EXPECT_THAT(said_of({command("a"), "no JSON"}), HasSubstr("another timeline"));
}

TEST_F(ATopicOfCommands, ThatEndsBeforeTheLastAnswerIsAnotherTimeline) {
  given_decided({command("a"), command("b")});
  EXPECT_THAT(said_of({command("a")}),
              HasSubstr("commands 0-1: another timeline: the results answer a command there, and "
                        "the topic ends at 1"));
  EXPECT_THAT(said_of({}), HasSubstr("another timeline"));
}

TEST_F(ATopicOfCommands, IsKnownAgainByAnUnreadableRecordToo) {
  given_decided({command("a"), "no JSON"});
  EXPECT_EQ(said_of({command("a"), "no JSON"}), "goes on");
  EXPECT_THAT(said_of({command("a"), command("b")}), HasSubstr("another timeline"));
}

// The offset of the last answer may hold the mark of a transaction in a topic made anew.
TEST_F(ATopicOfCommands, ThatHasNoRecordWhereTheLastAnswerPointsIsComparedWithTheOneBefore) {
  given_decided({command("a"), command("b")});
  const auto said = [&](std::string_view first) {
    MemoryLog after{{.partitions = 1, .clock = [] { return noon; }, .commit_markers = true}};
    for (const auto topic : {events, results}) {
      for (const auto& record : before.records(topic)) write(after, topic, record.payload.value);
    }
    must(open_taken(after, "client")
             ->commit({.records = {{commands, {.key = {}, .value = command(first)}}},
                       .consumed = {},
                       .places = {commands}}));  // a record at 0, a mark at 1
    write(after, commands, command("c"));
    const auto engine = start(after);
    return engine ? "goes on" : engine.error().what;
  };
  EXPECT_EQ(said("a"), "goes on");
  EXPECT_THAT(said("z"), HasSubstr("commands 0-0: another timeline"));
}

TEST_F(ATopicOfCommands, WhoseAnsweredCommandsAreGoneByRetentionGoesOn) {
  given_decided({command("a"), command("b")});
  write(before, commands, command("c"));
  before.drop_before(commands, Offset{2});
  EXPECT_EQ(must(must(start(before))->step()), 1U);
}

// ---- time zones ----

TEST(EngineTimeZone, ThatThisSystemLacksIsNamedWithItsResourceAndItsPackage) {
  MemoryLog log{{.partitions = 1, .clock = [] { return noon; }}};
  write(log, events, opened());
  Desk desk;
  desk.send("DefineRoom", R"("name":"Inn","units":1,"inventory":"counter")",
            {.resource = "calcutta-inn"});
  std::string event = desk.written().records.front().payload.value;
  event.replace(event.find("Asia/Jakarta"), 12, "Asia/Gone___");
  event.replace(event.find("/pesan/test/"), 12, "/pesan/log/");
  write(log, events, event);
  const auto engine = start(log);
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().what,
            "events 0-1: this system does not know the time zone Asia/Gone___ of calcutta-inn: "
            "install its time zones (the package tzdata; Debian 13 and newer keep old names in "
            "tzdata-legacy) and start again");
}

}  // namespace
}  // namespace pesan
