// docs/wire.md#repeats: one outcome per command; what is remembered, for how long, and what is not.

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/given_when_then.hpp"

namespace pesan {
namespace {

constexpr std::string_view a_room = R"("name":"Villa","units":1,"inventory":"counter")";
constexpr std::string_view john = R"("status":"confirmed","customer":{"name":"John Doe"})";

Desk with_villa(DeskOptions options = {}) {
  Desk desk(std::move(options));
  desk.given("DefineRoom", a_room);
  return desk;
}

TEST(EngineRepeat, TheSameCommandAgainGetsTheSameOutcomeAndChangesNothing) {
  Desk desk = with_villa();
  const Answer first = desk.send("CreateBooking", john, {.id = "b"});
  first.then_event("BookingCreated");
  desk.send("ChangeRoom", R"("units":7)").then_event("RoomChanged");
  const Answer again = desk.send("CreateBooking", john, {.id = "b"});
  EXPECT_EQ(again.word(), "duplicate accepted");
  EXPECT_TRUE(again.events.empty());
  again.saying(R"({"booking_id":"villa.1","events":["villa@2"],"sequence":2,"version":2,
                   "duplicate":true})");
  EXPECT_EQ(again.data().at("command"), first.data().at("command"));
}

TEST(EngineRepeat, ARefusalIsAnOutcomeToo) {
  Desk desk = with_villa();
  desk.given("CreateBooking", john);
  desk.send("CreateBooking", john, {.id = "b"})
      .then_rejected(Code::capacity_exceeded, R"({"bucket":"*","asked":1,"left":0})");
  desk.given("ChangeRoom", R"("units":9)");
  desk.send("CreateBooking", john, {.id = "b"})
      .saying(R"({"code":"capacity_exceeded","details":{"bucket":"*","asked":1,"left":0},
                  "events":[],"sequence":2,"version":2,"duplicate":true})");
}

TEST(EngineRepeat, AcceptedWithoutAnEventIsAnOutcomeToo) {
  Desk desk = with_villa();
  desk.send("ChangeRoom", "", {.id = "n"}).then_nothing();
  desk.given("ChangeRoom", R"("units":9)");
  desk.send("ChangeRoom", "", {.id = "n"})
      .saying(R"({"events":[],"sequence":1,"version":1,"duplicate":true})");
}

TEST(EngineRepeat, EvenAnInvalidCommandIsRememberedOnceItsResourceIsAString) {
  Desk desk;
  desk.send("DefineRoom", R"("name":"")", {.id = "x"}).then_rejected(Code::invalid_field);
  desk.send("DefineRoom", R"("name":"")", {.id = "x"})
      .saying(R"({"code":"invalid_field","details":{"field":"name"},"duplicate":true})");
  desk.send("DefineRoom", a_room, {.id = "x"}).then_rejected(Code::idempotency_conflict);
  desk.send("DefineRoom", a_room, {.id = "y", .resource = "!"}).then_rejected(Code::invalid_field);
  EXPECT_EQ(desk.send("DefineRoom", a_room, {.id = "y", .resource = "!"}).word(),
            "duplicate invalid_field");
}

TEST(EngineRepeat, AnythingElseUnderTheSameKeyIsAConflict) {
  Desk desk = with_villa();
  desk.send("CreateBooking", john, {.id = "b"});
  desk.send("CreateBooking", R"("customer":{"name":"John Doe"})", {.id = "b"})
      .then_rejected(Code::idempotency_conflict)
      .saying(R"({"sequence":2,"version":2,"events":[]})");
  desk.send("ChangeRoom", "", {.id = "b"}).then_rejected(Code::idempotency_conflict);
  desk.send("CreateBooking", john, {.id = "b", .actor = R"({"type":"admin","id":"a-2"})"})
      .then_rejected(Code::idempotency_conflict);
}

TEST(EngineRepeat, AConflictIsNotRemembered) {
  Desk desk = with_villa();
  desk.send("ChangeRoom", "", {.id = "b"});
  desk.send("ChangeRoom", R"("units":2)", {.id = "b"}).then_rejected(Code::idempotency_conflict);
  EXPECT_EQ(desk.send("ChangeRoom", "", {.id = "b"}).word(), "duplicate nothing");
}

TEST(EngineRepeat, ResourceSourceAndIdAreTheKey) {
  Desk desk = with_villa();
  desk.send("CreateBooking", john, {.id = "b"}).then_event("BookingCreated");
  desk.send("CreateBooking", john, {.id = "b", .source = "/other"})
      .then_rejected(Code::capacity_exceeded);
  desk.send("CreateBooking", john, {.id = "b", .resource = "hut"})
      .then_rejected(Code::resource_not_found);
  desk.send("CreateBooking", john, {.id = "/testb", .source = "x"})
      .then_rejected(Code::capacity_exceeded);
}

TEST(EngineRepeat, TimeAndTraceAreNotComparedOnlyTypeAndDataAre) {
  Desk desk;
  const auto with = [](std::string_view more) { return Letter{.id = "d", .more = more}; };
  desk.send("DefineRoom", a_room, with(R"("time":"2026-12-01T00:00:00Z")"));
  EXPECT_EQ(desk.send("DefineRoom", a_room, with(R"("traceparent":"x","zz":[1])")).word(),
            "duplicate accepted");
}

/// What the second of two commands that differ only in the text of `data` is answered.
std::string again(std::string_view first, std::string_view second) {
  Desk desk;
  const auto send = [&](std::string_view fields) {
    return desk.send("DefineRoom", fields, {.id = "d"}).word();
  };
  send(first);
  return send(second).substr(0, 9);
}

TEST(EngineRepeat, DataIsComparedAsJsonValues) {
  EXPECT_EQ(again(R"("name":"V","units":1)", R"("units":1,"name":"V")"), "duplicate");
  EXPECT_EQ(again(R"("name":"V")", R"(  "name" : "\u0056" )"), "duplicate");
  EXPECT_EQ(again(R"("a":{"x":1,"y":[1,2]})", R"("a":{"y":[1,2],"x":1})"), "duplicate");
  EXPECT_EQ(again(R"("units":2)", R"("units":7,"units":2)"), "duplicate") << "the last counts";
  EXPECT_EQ(again(R"("units":1.50)", R"("units":1.5)"), "duplicate");
  EXPECT_EQ(again(R"("units":1e2)", R"("units":100.0)"), "duplicate");
}

TEST(EngineRepeat, WhatDiffersAsJsonValuesIsAConflict) {
  constexpr std::string_view conflict = "idempoten";
  EXPECT_EQ(again(R"("units":1)", R"("units":1.0)"), conflict) << "1 and 1.0 differ";
  EXPECT_EQ(again(R"("a":[1,2])", R"("a":[2,1])"), conflict);
  EXPECT_EQ(again(R"("a":1)", R"("a":"1")"), conflict);
  EXPECT_EQ(again(R"("a":null)", ""), conflict);
  EXPECT_EQ(again(R"("a":{})", R"("a":[])"), conflict);
  EXPECT_EQ(again(R"("a":true)", R"("a":false)"), conflict);
  EXPECT_EQ(again(R"("a":{"b":{}})", R"("a":{},"b":{})"), conflict);
  EXPECT_EQ(again(R"("a":"x","b":"")", R"("a":"","b":"x")"), conflict);
}

TEST(EngineRepeat, RefusalsOfStageReadDoNotTakeTheKey) {
  Desk desk;
  desk.send("BookNow", a_room, {.id = "d"}).then_rejected(Code::unknown_type);
  desk.send_record(R"({"specversion":"1.0","id":"d","source":"/test","type":"DefineRoom",
                       "data":[]})")
      .then_rejected(Code::malformed);
  desk.send("DefineRoom", a_room, {.id = "d"}).then_event("RoomDefined");
}

TEST(EngineRepeat, ACommandWhoseResourceIsNoStringIsDecidedAnewEachTime) {
  Desk desk;
  const std::string record = R"({"specversion":"1.0","id":"d","source":"/t","type":"CheckIn",
                                 "data":{"resource":7}})";
  for (int i = 0; i < 2; ++i) {
    const Answer answer = desk.send_record(record);
    answer.then_rejected(Code::invalid_field, R"({"field":"resource"})");
    answer.saying(R"({"resource":null,"version":0})");
    EXPECT_FALSE(answer.data().contains("duplicate"));
  }
}

// ---- how long ----

TEST(EngineRemember, TheLastNOutcomesAreRememberedFirstInFirstOut) {
  Desk desk = with_villa({.remember = 3});
  const auto word_of = [&](std::string_view id) {
    return desk.send("ChangeRoom", "", {.id = id}).word();
  };
  for (const auto* id : {"a", "b", "c"}) EXPECT_EQ(word_of(id), "nothing");
  for (const auto* id : {"a", "b", "c"}) EXPECT_EQ(word_of(id), "duplicate nothing");
  EXPECT_EQ(word_of("d"), "nothing");
  EXPECT_EQ(word_of("b"), "duplicate nothing") << "a repeat makes nothing younger";
  EXPECT_EQ(word_of("a"), "nothing") << "forgotten, so it is decided anew";
  EXPECT_EQ(word_of("b"), "nothing") << "and pushes out the next";
}

TEST(EngineRemember, CommitsDoNotChangeWhatIsRemembered) {
  Desk desk = with_villa({.remember = 2});
  const auto word_of = [&](std::string_view id) {
    desk.commit();
    return desk.send("ChangeRoom", "", {.id = id}).word();
  };
  EXPECT_EQ(word_of("a"), "nothing");
  EXPECT_EQ(word_of("b"), "nothing");
  EXPECT_EQ(word_of("a"), "duplicate nothing");
  EXPECT_EQ(word_of("c"), "nothing");
  EXPECT_EQ(word_of("b"), "duplicate nothing");
  EXPECT_EQ(word_of("a"), "nothing");
}

TEST(EngineRemember, RollbackRestoresTheMemoryToo) {
  for (const std::size_t remember : {1U, 2U, 3U, 100U}) {
    Desk desk = with_villa({.remember = remember});
    desk.send("ChangeRoom", "", {.id = "a"}).then_nothing();
    desk.commit();
    for (int i = 0; i < 7; ++i) desk.send("ChangeRoom", "", {.id = fmt::format("b{}", i)});
    if (remember < 7) desk.send("ChangeRoom", "", {.id = "a"}).then_nothing();
    desk.rollback();
    EXPECT_EQ(desk.send("ChangeRoom", "", {.id = "a"}).word(), "duplicate nothing") << remember;
    EXPECT_EQ(desk.send("ChangeRoom", "", {.id = "b6"}).word(), "nothing") << remember;
  }
}

TEST(EngineRemember, RollbackTakesStatePositionAndClockBack) {
  Desk desk = with_villa();
  desk.commit();
  const Position before = desk.processor().position();
  desk.at("2026-12-02T00:00:00Z"_utc);
  desk.send("CreateBooking", john, {.id = "b"}).then_event("BookingCreated");
  desk.rollback();
  EXPECT_EQ(desk.processor().position(), before);
  desk.send("CreateBooking", john, {.id = "b"})
      .then_event("BookingCreated", R"({"sequence":"00000000000000000002","version":2,
                                        "data":{"booking_id":"villa.1"}})");
}

}  // namespace
}  // namespace pesan
