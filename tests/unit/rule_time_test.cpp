// docs/domain.md#time: two clocks, and the local days and times of a resource's zone.

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "events/time_zone.hpp"
#include "tests/support/given_when_then.hpp"
#include "tests/support/temp_folder.hpp"

namespace pesan {
namespace {

using enum Status;

constexpr std::string_view a_room = R"("name":"Villa","units":1,"inventory":"counter")";

/// The result's time: the decision's now.
std::string now_of(const Answer& answer) {
  return std::string(answer.result.at("time").as_string());
}

Letter at_time(std::string_view time) { return {.more = time}; }

// ---- the append clock ----

TEST(RuleAppendClock, NowIsTheStampOfTheRecord) {
  Desk desk;
  desk.at("2026-12-01T05:00:00.123Z"_utc);
  const Answer answer =
      desk.send("DefineRoom", a_room, at_time(R"("time":"2011-01-01T00:00:00Z")"));
  EXPECT_EQ(now_of(answer), "2026-12-01T05:00:00.123Z");
  EXPECT_EQ(answer.events.front().at("time").as_string(), "2026-12-01T05:00:00.123Z");
}

TEST(RuleAppendClock, NeverRunsBackwards) {
  Desk desk;
  desk.at("2026-12-01T05:00:00Z"_utc).given("DefineRoom", a_room);
  EXPECT_EQ(now_of(desk.at("2026-12-01T04:00:00Z"_utc).send("ChangeRoom", "")),
            "2026-12-01T05:00:00.000Z");
  EXPECT_EQ(now_of(desk.at("2026-12-01T05:00:00.001Z"_utc).send("ChangeRoom", "")),
            "2026-12-01T05:00:00.001Z");
}

TEST(RuleAppendClock, ARecordWithoutAStampLeavesItWhereItStands) {
  Desk desk;
  EXPECT_EQ(now_of(desk.at(Instant{-1}).send("DefineRoom", a_room)), "1970-01-01T00:00:00.000Z");
}

TEST(RuleAppendClock, StartsIn1970AndIsNotMovedByWhatCannotBeRead) {
  Desk desk;
  EXPECT_EQ(now_of(desk.send_record("not JSON")), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(now_of(desk.send("BookNow")), "1970-01-01T00:00:00.000Z");
}

TEST(RuleAppendClock, EveryCommandPastStageReadMovesIt) {
  Desk refused;
  EXPECT_EQ(now_of(refused.send("DefineRoom", "")), "2026-12-01T05:00:00.000Z");

  Desk repeated;
  repeated.given("DefineRoom", a_room).at("2026-12-01T06:00:00Z"_utc);
  const Answer again = repeated.send("DefineRoom", a_room, {.id = "c1"});
  EXPECT_EQ(again.word(), "duplicate accepted");
  EXPECT_EQ(now_of(again), "2026-12-01T06:00:00.000Z");

  Desk misplaced({.partition = {1}, .partitions = 2, .resource = "villa"});
  const Answer forwarded = misplaced.send("DefineRoom", a_room, {.resource = "barn"});
  const Answer other = misplaced.send("DefineRoom", a_room, {.resource = "villa"});
  EXPECT_TRUE(forwarded.word() == "forwarded" || other.word() == "forwarded");
  EXPECT_EQ(now_of(forwarded), "2026-12-01T05:00:00.000Z");
}

TEST(RuleAppendClock, ARecordUpToTenMinutesAheadIsDecidedAndOneFurtherAheadStops) {
  const auto decide_ahead = [](std::int64_t ms) {
    CommandProcessor processor({.log_id = "t"}, 10);
    Transaction out;
    const Record record{.offset = {0},
                        .timestamp = {noon.ms + ms},
                        .payload = {.key = {}, .value = "{}", .headers = {}}};
    const auto processed = processor.process(record, noon, out);
    return processed ? std::string() : processed.error().what;
  };
  EXPECT_EQ(decide_ahead(600'000), "");
  EXPECT_NE(decide_ahead(600'001).find("command 0-0"), std::string::npos);
}

// ---- the command clock ----

TEST(RuleCommandClock, NowIsTheCommandsTime) {
  Desk desk({.clock = Clock::command});
  EXPECT_EQ(
      now_of(desk.send("DefineRoom", a_room, at_time(R"("time":"2015-07-01T10:00:00+07:00")"))),
      "2015-07-01T03:00:00.000Z");
}

TEST(RuleCommandClock, NeverRunsBackwards) {
  Desk desk({.clock = Clock::command});
  desk.send("DefineRoom", a_room, at_time(R"("time":"2015-07-01T10:00:00Z")"));
  EXPECT_EQ(now_of(desk.send("ChangeRoom", "", at_time(R"("time":"2014-07-01T10:00:00Z")"))),
            "2015-07-01T10:00:00.000Z");
}

TEST(RuleCommandClock, AnAbsentOrUnreadableTimeLeavesItWhereItStands) {
  Desk desk({.clock = Clock::command});
  EXPECT_EQ(now_of(desk.send("DefineRoom", a_room)), "1970-01-01T00:00:00.000Z");
  desk.send("ChangeRoom", "", at_time(R"("time":"2015-07-01T10:00:00Z")"));
  for (const std::string_view time :
       {R"("time":"soon")", R"("time":null)", R"("time":1435744800)",
        R"("time":"2101-01-01T00:00:00Z")", R"("time":"2015-07-01")",
        R"("time":"2015-07-01T11:00:00")", R"("time":"2015-06-31T11:00:00Z")",
        R"("time":"2015-07-01T24:00:00Z")", R"("time":"2015-07-01T11:00:00.Z")",
        R"("time":"2015-07-01T11:00:00+0700")"}) {
    EXPECT_EQ(now_of(desk.send("ChangeRoom", "", at_time(time))), "2015-07-01T10:00:00.000Z")
        << time;
  }
}

TEST(RuleCommandClock, AStampFarAheadOfThisMachinesClockDoesNotMatter) {
  CommandProcessor processor({.log_id = "t", .clock = Clock::command}, 10);
  Transaction out;
  const Record record{.offset = {0},
                      .timestamp = "2099-01-01T00:00:00Z"_utc,
                      .payload = {.key = {}, .value = "{}", .headers = {}}};
  EXPECT_TRUE(processor.process(record, noon, out));
}

TEST(RuleTime, AFractionOfAMillisecondIsRoundedDown) {
  EXPECT_EQ("2015-07-01T10:00:00.0009999Z"_utc, "2015-07-01T10:00:00Z"_utc);
  EXPECT_EQ("2015-07-01T10:00:00.1239Z"_utc.ms % 1000, 123);
  EXPECT_EQ("2015-07-01T10:00:00.1Z"_utc.ms % 1000, 100);
}

TEST(RuleTime, InstantsReachFrom1970To2100InUtc) {
  EXPECT_EQ(parse_instant("1970-01-01T00:00:00Z"), Instant{0});
  EXPECT_EQ(parse_instant("1969-12-31T23:30:00-00:30"), Instant{0});
  EXPECT_EQ(parse_instant("1969-12-31T23:59:59.999Z"), std::nullopt);
  EXPECT_EQ(parse_instant("1970-01-01T00:30:00+00:31"), std::nullopt);
  EXPECT_TRUE(parse_instant("2100-12-31T23:59:59.999Z"));
  EXPECT_TRUE(parse_instant("2101-01-01T00:00:00+00:01"));
  EXPECT_EQ(parse_instant("2100-12-31T23:59:59-00:01"), std::nullopt);
}

// ---- zones ----

std::string local(std::string_view zone, Instant instant) {
  return to_string(TimeZone::find(zone)->local(instant));
}

TEST(RuleZone, LocalTimesFollowTheZoneThroughItsSummerTime) {
  EXPECT_EQ(local("Asia/Jakarta", "2026-12-01T17:00:00Z"_utc), "2026-12-02T00:00:00.000");
  EXPECT_EQ(local("America/New_York", "2018-11-04T05:59:59Z"_utc), "2018-11-04T01:59:59.000");
  EXPECT_EQ(local("America/New_York", "2018-11-04T06:00:00Z"_utc), "2018-11-04T01:00:00.000");
  EXPECT_EQ(local("America/New_York", "2018-03-11T06:59:59Z"_utc), "2018-03-11T01:59:59.000");
  EXPECT_EQ(local("America/New_York", "2018-03-11T07:00:00Z"_utc), "2018-03-11T03:00:00.000");
  EXPECT_EQ(local("Asia/Kathmandu", "2026-12-01T00:00:00Z"_utc), "2026-12-01T05:45:00.000");
}

TEST(RuleZone, SummerTimeGoesOnBehindTheLastYearThatTheSystemsFileLists) {
  EXPECT_EQ(local("America/New_York", "2038-07-01T04:30:00Z"_utc), "2038-07-01T00:30:00.000");
  EXPECT_EQ(local("America/New_York", "2038-01-15T12:00:00Z"_utc), "2038-01-15T07:00:00.000");
  EXPECT_EQ(local("Australia/Sydney", "2100-07-15T12:00:00Z"_utc), "2100-07-15T22:00:00.000");
  EXPECT_EQ(local("Australia/Lord_Howe", "2100-04-11T01:34:02Z"_utc), "2100-04-11T12:04:02.000");
}

TEST(RuleZone, OneZoneIsAskedForwardsAndBackwards) {
  const TimeZone zone = *TimeZone::find("America/Sao_Paulo");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(to_string(zone.local("2018-02-18T01:59:59Z"_utc)), "2018-02-17T23:59:59.000");
    EXPECT_EQ(to_string(zone.local("2018-02-18T02:00:00Z"_utc)), "2018-02-17T23:00:00.000");
    EXPECT_EQ(to_string(zone.local("2018-07-01T12:00:00Z"_utc)), "2018-07-01T09:00:00.000");
  }
}

TEST(RuleZone, ASlotStartsWhenTheClockOnTheWallFirstShowsIt) {
  // 01:30 comes twice on that day; as written it has started at the first.
  Story story("spa", "2018-11-04T00:00:00Z"_utc);
  story
      .given(DefineService{
          .name = "Spa", .price_minor = 0, .duration_minutes = 60, .timezone = "America/New_York"})
      .given(AddSchedule{"s1", "2018-11-04"_day, "01:30"_time, "02:30"_time, 9});
  const auto book = [](Instant now) {
    return ask(CreateBooking{.schedule_id = "s1", .customer = {.name = "John Doe"}})
        .by(guest)
        .at(now);
  };
  story.when(book("2018-11-04T05:29:59Z"_utc)).then("BookingCreated");
  story.when(book("2018-11-04T05:30:00Z"_utc)).then_rejected(Code::not_in_time);
  // And local times compare as written, also where clocks go back: 01:15 is before 01:30.
  story.when(book("2018-11-04T06:15:00Z"_utc)).then("BookingCreated");
}

TEST(RuleZone, ASlotInAnHourThatIsSkippedStartsWithTheHourAfterIt) {
  Story story("spa", "2018-03-11T00:00:00Z"_utc);
  story
      .given(DefineService{
          .name = "Spa", .price_minor = 0, .duration_minutes = 60, .timezone = "America/New_York"})
      .given(AddSchedule{"s1", "2018-03-11"_day, "02:30"_time, "03:30"_time, 9});
  const auto book = [](Instant now) {
    return ask(CreateBooking{.schedule_id = "s1", .customer = {.name = "John Doe"}})
        .by(guest)
        .at(now);
  };
  story.when(book("2018-03-11T06:59:59Z"_utc)).then("BookingCreated");
  story.when(book("2018-03-11T07:00:00Z"_utc)).then_rejected(Code::not_in_time);
}

TEST(RuleZone, TheSameMomentIsAnotherDayElsewhere) {
  const auto check_out_at_one_in_the_morning_in_jakarta = [](std::string_view zone) {
    Story story("hotel", "2026-11-30T05:00:00Z"_utc);
    story
        .given(DefineRoom{
            .name = "Hotel", .units = 1, .inventory = Inventory::nightly, .timezone = zone})
        .given(CreateBooking{.status = confirmed,
                             .check_in = "2026-11-30"_day,
                             .check_out = "2026-12-03"_day,
                             .customer = {.name = "John Doe"}})
        .given(CheckIn{"hotel.1"})
        .given(ask(CheckOut{"hotel.1"}).at("2026-12-01T18:00:00Z"_utc));
    return story.held("2026-12-01");
  };
  EXPECT_EQ(check_out_at_one_in_the_morning_in_jakarta("Asia/Jakarta"), 1);
  EXPECT_EQ(check_out_at_one_in_the_morning_in_jakarta("Europe/London"), 0);
}

TEST(RuleZone, OnlyNamesOfTheSystemsDatabaseAreKnown) {
  for (const auto* name : {"Asia/Jakarta", "UTC", "America/Argentina/Buenos_Aires"}) {
    EXPECT_TRUE(TimeZone::find(name)) << name;
  }
  for (const auto* name : {"", "Jakarta", "asia/jakarta", "Asia/Jakarta ", "Asia", "Asia//Jakarta",
                           "Asia/Jakarta/", "/usr/share/zoneinfo/Asia/Jakarta", "file:Asia/Jakarta",
                           "posix/Asia/Jakarta", "right/Asia/Jakarta", "../etc/passwd", "localtime",
                           "posixrules", "UTC0", "+07:00", "Fixed/UTC+07:00:00"}) {
    EXPECT_FALSE(TimeZone::find(name)) << name;
  }
}

// The library remembers what it did not find: an engine went on refusing what its successor took.
TEST(RuleZone, ANameIsKnownFromWhenItsFileIsThere) {
  const TempFolder folder;
  EXPECT_FALSE(TimeZone::find("Atlantis/Capital", folder.path().native()));
  std::filesystem::create_directory(folder / "Atlantis");
  std::filesystem::copy_file("/usr/share/zoneinfo/Asia/Jakarta", folder / "Atlantis/Capital");
  EXPECT_TRUE(TimeZone::find("Atlantis/Capital", folder.path().native()));
}

}  // namespace
}  // namespace pesan
