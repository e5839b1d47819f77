// docs/holds.md#holds: a pending booking that keeps its place for a while.

#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/given_when_then.hpp"

namespace pesan {
namespace {

using enum Status;

constexpr Customer john{.name = "John Doe"};
constexpr Instant half_past{noon.ms + 30 * ms_per_minute};  // 2026-12-01T05:30:00Z

Instant minutes_after_noon(std::int64_t minutes) { return {noon.ms + minutes * ms_per_minute}; }

Story counter(std::int64_t units = 1, std::optional<std::int64_t> hold_minutes = {}) {
  Story story;
  story.given(DefineRoom{.name = "Villa", .units = units, .hold_minutes = hold_minutes});
  return story;
}

Story nightly(std::int64_t units = 1) {
  Story story("hotel");
  story.given(DefineRoom{.name = "Hotel", .units = units, .inventory = Inventory::nightly});
  return story;
}

CreateBooking hold_until(Instant until) { return {.customer = john, .hold_until = until}; }

CreateBooking stay(Date check_in, Date check_out, Instant until) {
  return {.check_in = check_in, .check_out = check_out, .customer = john, .hold_until = until};
}

ChangeBooking held_until(Instant until) { return {.booking_id = "villa.1", .hold_until = until}; }

// ---- what a hold is ----

TEST(RuleHold, OnHoldABookingOccupiesWhateverThePolicy) {
  for (const Occupancy policy :
       {Occupancy::on_create, Occupancy::on_confirm, Occupancy::on_payment}) {
    Story story;
    story.given(DefineRoom{.name = "Villa", .units = 1, .occupancy = policy});
    story.when(hold_until(half_past))
        .then("BookingCreated", R"({"occupies":{"from":false,"to":true},
                                    "held":{"from":null,"to":{"buckets":"*","units":1}},
                                    "hold_until":"2026-12-01T05:30:00.000Z"})");
    story.when(hold_until(half_past)).then_rejected(Code::capacity_exceeded);
  }
}

TEST(RuleHold, APendingBookingWithoutOneHoldsNothingAndSaysNothingOfIt) {
  const Then answer = counter().when(CreateBooking{.customer = john});
  answer.then("BookingCreated", R"({"occupies":{"from":false,"to":false}})");
  EXPECT_EQ(answer.data().find("hold_until"), std::string::npos);
}

TEST(RuleHold, OnceItIsNotPendingItsPolicyAloneCounts) {
  Story story;
  story.given(DefineRoom{.name = "Villa", .units = 1, .occupancy = Occupancy::on_payment})
      .given(hold_until(half_past));
  story.when(ChangeStatus{"villa.1", confirmed})
      .then("BookingStatusChanged", R"({"occupies":{"from":true,"to":false}})");
  EXPECT_EQ(story.held("*"), 0);
}

TEST(RuleHold, WhereMoneyCountsItIsTakenBeforeConfirming) {
  Story story;
  story.given(DefineRoom{.name = "Villa", .units = 1, .occupancy = Occupancy::on_payment})
      .given(hold_until(half_past))
      .given(RecordPayment{"villa.1", Payment::paid})
      .given(ChangeStatus{"villa.1", confirmed});
  EXPECT_EQ(story.held("*"), 1);
}

TEST(RuleHold, WhatIsHeldAlreadyNeedsNoRoom) {
  Story story = counter();
  story.given(hold_until(half_past));
  story.when(ChangeStatus{"villa.1", confirmed}).then("BookingStatusChanged");
  EXPECT_EQ(story.held("*"), 1);
}

// ---- how a booking gets one ----

TEST(RuleHold, TheHousesMinutesCountWhereNoneIsGiven) {
  Story story = counter(9, 15);
  story.when(CreateBooking{.customer = john})
      .then("BookingCreated", R"({"hold_until":"2026-12-01T05:15:00.000Z"})");
  story.when(hold_until(half_past))
      .then("BookingCreated", R"({"hold_until":"2026-12-01T05:30:00.000Z"})");
  story.when(ask(CreateBooking{.customer = john}).by(guest))
      .then("BookingCreated", R"({"hold_until":"2026-12-01T05:15:00.000Z"})");
  story.when(CreateBooking{.customer = john, .payment_status = Payment::paid})
      .then("BookingCreated", R"({"hold_until":"2026-12-01T05:15:00.000Z"})");
}

TEST(RuleHold, AConfirmedBookingGetsNone) {
  const Then answer = counter(1, 15).when(CreateBooking{.status = confirmed, .customer = john});
  answer.then("BookingCreated");
  EXPECT_EQ(answer.data().find("hold_until"), std::string::npos);
}

TEST(RuleHold, ALaterChangeOfTheHousesMinutesLeavesHoldsAsTheyAre) {
  Story story = counter(9, 15);
  story.given(CreateBooking{.customer = john}).given(ChangeRoom{.hold_minutes = 0});
  EXPECT_EQ(story.booking("villa.1").hold_until(), minutes_after_noon(15));
  const Then answer = story.when(CreateBooking{.customer = john});
  EXPECT_EQ(answer.data().find("hold_until"), std::string::npos);
}

TEST(RuleHold, MinutesOf0AreLeftOutOfEvents) {
  Story story;
  const Then defined =
      story.when(DefineRoom{.name = "V", .units = 1, .hold_minutes = 0, .no_show_minutes = 0});
  EXPECT_EQ(defined.data().find("_minutes"), std::string::npos);
  story.when(ChangeRoom{.hold_minutes = 0}).then_nothing();
  story.when(ChangeRoom{.hold_minutes = 5, .no_show_minutes = 6})
      .then("RoomChanged", R"({"hold_minutes":5,"no_show_minutes":6})");
  story.when(ChangeRoom{.hold_minutes = 5}).then_nothing();
  const Then changed = story.when(ChangeRoom{.hold_minutes = 0, .no_show_minutes = 0});
  changed.then("RoomChanged");
  EXPECT_EQ(changed.data().find("_minutes"), std::string::npos);
}

TEST(RuleHold, OneThatFollowsFromMinutesMayLieBeyond2100) {
  Story story("villa", "2100-12-31T23:59:59.999Z"_utc);
  story.given(DefineRoom{.name = "Villa", .units = 1, .hold_minutes = 43'200})
      .when(CreateBooking{.customer = john})
      .then("BookingCreated", R"({"hold_until":"2101-01-30T23:59:59.999Z"})");
}

// ---- what is refused, and in which stage ----

TEST(RuleHold, AUserGivesNone) {
  counter().when(ask(hold_until(half_past)).by(guest)).then_rejected(Code::forbidden_actor);
  Story story = counter();
  story.given(ask(CreateBooking{.customer = john}).by(guest));
  story.when(ask(held_until(half_past)).by(guest)).then_rejected(Code::forbidden_actor);
  story.when(ask(held_until({0})).by(guest)).then_rejected(Code::forbidden_actor);
}

TEST(RuleHold, WithStatusConfirmedItIsAFieldAtFaultBeforeAllElseThatIsJudgedThere) {
  nightly()
      .when(CreateBooking{.status = confirmed, .customer = john, .hold_until = Instant{0}})
      .then_rejected(Code::invalid_field, R"({"field":"hold_until"})");
}

TEST(RuleHold, InCreateBookingItLiesAfterNow) {
  counter().when(hold_until(noon)).then_rejected(Code::invalid_range, R"({"field":"hold_until"})");
  counter().when(hold_until({noon.ms + 1})).then("BookingCreated");
}

TEST(RuleHold, ItsRangeComesAfterTheAppointmentsAndBeforeATotalThatIsTooLarge) {
  Story story("spa");
  story.given(DefineService{.name = "Spa", .price_minor = limit::money, .duration_minutes = 60})
      .given(AddSchedule{"s1", "2026-12-02"_day, "10:00"_time, "11:00"_time, 9});
  story
      .when(CreateBooking{.schedule_id = "s1",
                          .appointment_at = "2026-12-02T11:00"_local,
                          .customer = john,
                          .hold_until = noon})
      .then_rejected(Code::invalid_range, R"({"field":"appointment_at"})");
  story.when(CreateBooking{.units = 2, .schedule_id = "s1", .customer = john, .hold_until = noon})
      .then_rejected(Code::invalid_range, R"({"field":"hold_until"})");
}

TEST(RuleHold, InChangeBookingItLiesAfterNowAlsoWhereItIsTheInstantThatTheBookingHas) {
  Story story = counter();
  story.given(hold_until(half_past));
  story.when(held_until(noon)).then_rejected(Code::invalid_range, R"({"field":"hold_until"})");
  story.at({half_past.ms - 1}).when(held_until(half_past)).then_nothing();
  story.at(half_past).when(held_until(half_past)).then_rejected(Code::invalid_range);
}

TEST(RuleHold, OnlyAPendingBookingGetsOneAndThatIsJudgedAfterItsRange) {
  for (const Status status : {confirmed, in_progress, completed, cancelled}) {
    Story story = counter();
    story.given(CreateBooking{.customer = john}).given(ChangeStatus{"villa.1", status});
    story.when(held_until(half_past)).then_rejected(Code::invalid_transition);
    story.when(held_until(noon)).then_rejected(Code::invalid_range);
  }
}

TEST(RuleHold, OneThatIsNewlyGivenNeedsRoom) {
  Story story = counter();
  story.given(CreateBooking{.customer = john})
      .given(CreateBooking{.status = confirmed, .customer = john});
  story.when(held_until(half_past))
      .then_rejected(Code::capacity_exceeded, R"({"bucket":"*","asked":1,"left":0})");
  story.given(ChangeRoom{.units = 2});
  story.when(held_until(half_past)).then("BookingChanged", R"({"occupies":{"from":false,"to":true},
                                  "hold_until":"2026-12-01T05:30:00.000Z"})");
  story.when(held_until(minutes_after_noon(40)))
      .then("BookingChanged", R"({"hold_until":"2026-12-01T05:40:00.000Z"})");
}

// ---- how it ends ----

TEST(RuleHold, AnyEventAfterWhichItIsNotPendingClearsIt) {
  for (const Status status : {confirmed, in_progress, completed, cancelled, expired}) {
    Story story = counter();
    story.given(hold_until(half_past));
    const Then answer = story.when(ask(ChangeStatus{"villa.1", status}).by(the_system));
    answer.then("BookingStatusChanged");
    EXPECT_EQ(answer.data().find("hold_until"), std::string::npos) << name_of(status);
  }
  Story arrived = counter();
  arrived.given(hold_until(half_past)).given(CheckIn{"villa.1"});
  EXPECT_EQ(arrived.booking("villa.1").hold_until(), std::nullopt);
}

TEST(RuleHold, AReturnToPendingBringsNoneBackAndNoMinutesMakeANewOne) {
  Story story = counter(1, 15);
  story.given(CreateBooking{.customer = john})
      .given(ChangeStatus{"villa.1", cancelled})
      .given(ChangeStatus{"villa.1", pending});
  EXPECT_EQ(story.booking("villa.1").hold_until(), std::nullopt);
  EXPECT_EQ(story.held("*"), 0);
}

TEST(RuleHold, PaymentRescheduleAndOtherChangesLeaveItAsItIs) {
  Story story = nightly();
  story.given(stay("2026-12-02"_day, "2026-12-04"_day, half_past));
  for (const Asked& asked :
       {ask(RecordPayment{"hotel.1", Payment::paid}),
        ask(RescheduleBooking{
            .booking_id = "hotel.1", .check_in = "2026-12-03"_day, .check_out = "2026-12-05"_day}),
        ask(ChangeBooking{.booking_id = "hotel.1", .party_size = 2})}) {
    story.given(asked);
    EXPECT_EQ(story.booking("hotel.1").hold_until(), half_past);
    EXPECT_EQ(story.held("2026-12-03"), 1);
  }
}

TEST(RuleHold, ACancelledOrExpiredOneGivesBackPastNightsToo) {
  for (const Status status : {cancelled, expired}) {
    Story story = nightly();
    story.given(stay("2026-12-01"_day, "2026-12-04"_day, "2026-12-02T12:00:00Z"_utc))
        .at("2026-12-03T05:00:00Z"_utc)
        .given(ask(ChangeStatus{"hotel.1", status}).by(the_system));
    EXPECT_EQ(story.held("2026-12-01"), 0) << name_of(status);
    EXPECT_EQ(story.held("2026-12-03"), 0) << name_of(status);
  }
}

TEST(RuleHold, OneThatIsCompletedKeepsWhatItUsed) {
  Story story = nightly();
  story.given(stay("2026-12-01"_day, "2026-12-04"_day, "2026-12-05T12:00:00Z"_utc))
      .at("2026-12-03T05:00:00Z"_utc)
      .given(ChangeStatus{"hotel.1", completed});
  EXPECT_EQ(story.held("2026-12-02"), 1);
  EXPECT_EQ(story.held("2026-12-03"), 0);
}

TEST(RuleHold, WhoConfirmsOrPaysAfterItsEndStillHasTheRoom) {
  Story story = counter();
  story.given(hold_until(half_past)).at(minutes_after_noon(600));
  story.when(CreateBooking{.status = confirmed, .customer = john})
      .then_rejected(Code::capacity_exceeded);
  story.given(RecordPayment{"villa.1", Payment::partial}).given(ChangeStatus{"villa.1", confirmed});
  EXPECT_EQ(story.held("*"), 1);
}

TEST(RuleHold, ADeletedBookingSaysNothingOfItAndOccupiesNothing) {
  Story story = counter();
  story.given(hold_until(half_past));
  const Then answer = story.when(DeleteBooking{"villa.1"});
  answer.then("BookingDeleted", R"({"status":{"from":"pending","to":null},
                                    "payment":{"from":"unpaid","to":null},
                                    "occupies":{"from":true,"to":false}})");
  EXPECT_EQ(answer.data().find("hold_until"), std::string::npos);
  EXPECT_EQ(story.held("*"), 0);
}

TEST(RuleHold, AScheduleIsInUseWhileAHoldNamesIt) {
  Story story("spa");
  story.given(DefineService{.name = "Spa", .price_minor = 1, .duration_minutes = 60})
      .given(AddSchedule{"s1", "2026-12-02"_day, "10:00"_time, "11:00"_time, 1})
      .given(CreateBooking{.schedule_id = "s1", .customer = john, .hold_until = half_past});
  story.when(ChangeSchedule{.schedule_id = "s1", .end = "12:00"_time})
      .then_rejected(Code::schedule_in_use);
  story.when(ChangeSchedule{.schedule_id = "s1", .capacity = 0})
      .then_rejected(Code::capacity_below_allocated);
}

// ---- as texts ----

TEST(RuleHold, InstantsAreComparedInWholeMillisecondsHoweverTheyAreSpelled) {
  Desk desk;
  desk.given("DefineRoom", R"("name":"Villa","units":1,"inventory":"counter")");
  const std::string booking = R"("customer":{"name":"John"},"hold_until":)";
  desk.send("CreateBooking", booking + R"("2026-12-01T05:00:00.0009Z")")
      .then_rejected(Code::invalid_range, R"({"field":"hold_until"})");
  desk.send("CreateBooking", booking + R"("2026-12-01T12:00:00.0019+07:00")")
      .then_event("BookingCreated", R"({"data":{"hold_until":"2026-12-01T05:00:00.001Z"}})");
  desk.send("ChangeBooking",
            R"("booking_id":"villa.1","hold_until":"2026-12-01t00:00:00.001-05:00")")
      .then_nothing();
}

TEST(RuleHold, OneThatIsGivenLiesFrom1970ToBefore2100) {
  Desk desk;
  desk.given("DefineRoom", R"("name":"Villa","units":9,"inventory":"counter")");
  const std::string booking = R"("customer":{"name":"John"},"hold_until":)";
  for (const std::string_view wrong :
       {R"("1969-12-31T23:59:59.999Z")", R"("2100-01-01T00:00:00Z")", R"("2026-12-02")", "null",
        R"("2026-12-02T00:00:00")", "1796101200000", R"("2099-12-31T23:59:59-00:01")"}) {
    desk.send("CreateBooking", booking + std::string(wrong))
        .then_rejected(Code::invalid_field, R"({"field":"hold_until"})");
  }
  desk.send("CreateBooking", booking + R"("2099-12-31T23:59:59.9999Z")")
      .then_event("BookingCreated", R"({"data":{"hold_until":"2099-12-31T23:59:59.999Z"}})");
  desk.send("CreateBooking", booking + R"("1970-01-01T00:00:00Z")")
      .then_rejected(Code::invalid_range);
}

}  // namespace
}  // namespace pesan
