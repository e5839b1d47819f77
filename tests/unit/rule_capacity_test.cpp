// docs/domain.md#capacity: all buckets or none; own units do not count; what is newly needed is
// what is judged.

#include <string>

#include <gtest/gtest.h>

#include "tests/support/given_when_then.hpp"

namespace pesan {
namespace {

using enum Status;

constexpr Customer john{.name = "John Doe"};

struct Stay {
  Date in;
  Date out;
  std::int64_t units = 1;
};

CreateBooking confirmed_for(const Stay& stay) {
  return {.status = confirmed,
          .units = stay.units,
          .check_in = stay.in,
          .check_out = stay.out,
          .customer = john};
}

/// A hotel with rooms by the night; it is noon of 2026-12-01 there.
Story hotel(std::int64_t units, std::int64_t overbook_limit = 0) {
  Story story("hotel");
  story.given(DefineRoom{.name = "Hotel",
                         .units = units,
                         .inventory = Inventory::nightly,
                         .overbook_limit = overbook_limit});
  return story;
}

TEST(RuleCapacity, TheLastUnitIsSoldOnce) {
  Story story("villa");
  story.given(DefineRoom{.name = "Villa", .units = 1})
      .given(CreateBooking{.status = confirmed, .customer = john})
      .when(CreateBooking{.status = confirmed, .customer = john})
      .then_rejected(Code::capacity_exceeded, R"({"bucket":"*","asked":1,"left":0})");
}

TEST(RuleCapacity, APendingBookingOfARoomNeedsNoUnit) {
  Story story("villa");
  story.given(DefineRoom{.name = "Villa", .units = 0})
      .when(CreateBooking{.customer = john})
      .then("BookingCreated", R"({"occupies":{"from":false,"to":false},
                                  "held":{"from":null,"to":null}})");
}

TEST(RuleCapacity, TheFirstShortNightIsNamed) {
  Story story = hotel(1);
  story.given(confirmed_for({"2026-12-03"_day, "2026-12-04"_day}))
      .given(confirmed_for({"2026-12-05"_day, "2026-12-06"_day}))
      .when(confirmed_for({"2026-12-02"_day, "2026-12-07"_day}))
      .then_rejected(Code::capacity_exceeded, R"({"bucket":"2026-12-03","asked":1,"left":0})");
}

TEST(RuleCapacity, AllNightsOrNone) {
  Story story = hotel(1);
  story.given(confirmed_for({"2026-12-03"_day, "2026-12-04"_day}));
  story.when(confirmed_for({"2026-12-01"_day, "2026-12-04"_day}))
      .then_rejected(Code::capacity_exceeded);
  EXPECT_EQ(story.held("2026-12-01"), 0);
  EXPECT_EQ(story.held("2026-12-02"), 0);
}

TEST(RuleCapacity, TheDayOfDepartureIsFreeForTheNext) {
  hotel(1)
      .given(confirmed_for({"2026-12-01"_day, "2026-12-03"_day}))
      .when(confirmed_for({"2026-12-03"_day, "2026-12-04"_day}))
      .then("BookingCreated");
}

TEST(RuleCapacity, AskedUnitsMustFitTogether) {
  hotel(3)
      .given(confirmed_for({"2026-12-01"_day, "2026-12-02"_day, 2}))
      .when(confirmed_for({"2026-12-01"_day, "2026-12-02"_day, 2}))
      .then_rejected(Code::capacity_exceeded, R"({"asked":2,"left":1})");
}

TEST(RuleCapacity, TheOverbookLimitIsAddedToTheUnits) {
  Story story = hotel(1, 1);
  story.given(confirmed_for({"2026-12-01"_day, "2026-12-02"_day}))
      .given(confirmed_for({"2026-12-01"_day, "2026-12-02"_day}))
      .when(confirmed_for({"2026-12-01"_day, "2026-12-02"_day}))
      .then_rejected(Code::capacity_exceeded, R"({"left":0})");
}

TEST(RuleCapacity, OwnUnitsDoNotCountAgainstAMove) {
  hotel(1)
      .given(confirmed_for({"2026-12-02"_day, "2026-12-04"_day}))
      .when(RescheduleBooking{
          .booking_id = "hotel.1", .check_in = "2026-12-03"_day, .check_out = "2026-12-05"_day})
      .then("BookingRescheduled",
            R"({"held":{"from":{"buckets":"2026-12-02/2026-12-04","units":1},
                        "to":{"buckets":"2026-12-03/2026-12-05","units":1}}})");
}

TEST(RuleCapacity, OnlyNightsNewlyNeededAreJudged) {
  // Units are cut below what a past night holds; a move that keeps that night is still allowed.
  Story story = hotel(2);
  story.given(confirmed_for({"2026-12-01"_day, "2026-12-03"_day}))
      .given(confirmed_for({"2026-12-01"_day, "2026-12-02"_day}))
      .at("2026-12-02T05:00:00Z"_utc)
      .given(ChangeRoom{.units = 1})
      .when(RescheduleBooking{
          .booking_id = "hotel.1", .check_in = "2026-12-01"_day, .check_out = "2026-12-05"_day})
      .then("BookingRescheduled");
}

TEST(RuleCapacity, NightsBeforeTodayCountAndMayHaveLessThanNothingLeft) {
  Story story = hotel(2);
  story.given(confirmed_for({"2026-12-01"_day, "2026-12-02"_day}))
      .given(confirmed_for({"2026-12-01"_day, "2026-12-02"_day}))
      .at("2026-12-02T05:00:00Z"_utc)
      .given(ChangeRoom{.units = 1})
      .when(confirmed_for({"2026-12-01"_day, "2026-12-03"_day}))
      .then_rejected(Code::capacity_exceeded, R"({"bucket":"2026-12-01","asked":1,"left":-1})");
}

TEST(RuleCapacity, MoreUnitsMustFitOnTopOfTheOwnOnes) {
  Story story = hotel(3);
  story.given(confirmed_for({"2026-12-01"_day, "2026-12-02"_day, 1}))
      .given(confirmed_for({"2026-12-01"_day, "2026-12-02"_day, 1}))
      .when(ChangeBooking{.booking_id = "hotel.1", .units = 3})
      .then_rejected(Code::capacity_exceeded, R"({"asked":3,"left":2})");
  story.given(ChangeBooking{.booking_id = "hotel.1", .units = 2});
  EXPECT_EQ(story.held("2026-12-01"), 3);
}

TEST(RuleCapacity, FewerUnitsAreReturned) {
  Story story = hotel(3);
  story.given(confirmed_for({"2026-12-01"_day, "2026-12-02"_day, 3}))
      .given(ChangeBooking{.booking_id = "hotel.1", .units = 1});
  EXPECT_EQ(story.held("2026-12-01"), 1);
}

TEST(RuleCapacity, MoreUnitsOfABookingThatDoesNotOccupyAreNotJudged) {
  Story story("villa");
  story.given(DefineRoom{.name = "Villa", .units = 1})
      .given(CreateBooking{.customer = john})
      .when(ChangeBooking{.booking_id = "villa.1", .units = 9})
      .then("BookingChanged", R"({"units":9})");
}

TEST(RuleCapacity, ConfirmingIsWhereAPendingBookingMeetsTheLimit) {
  Story story("villa");
  story.given(DefineRoom{.name = "Villa", .units = 1})
      .given(CreateBooking{.customer = john})
      .given(CreateBooking{.customer = john})
      .given(ChangeStatus{"villa.1", confirmed})
      .when(ChangeStatus{"villa.2", confirmed})
      .then_rejected(Code::capacity_exceeded);
}

TEST(RuleCapacity, ASlotIsSoldUpToItsCapacity) {
  Story story("spa", "2026-12-01T00:00:00Z"_utc);
  const CreateBooking two{.units = 2, .schedule_id = "s1", .customer = john};
  const CreateBooking one{.schedule_id = "s1", .customer = john};
  story.given(DefineService{.name = "Spa", .price_minor = 0, .duration_minutes = 60})
      .given(AddSchedule{"s1", "2026-12-01"_day, "10:00"_time, "11:00"_time, 3})
      .given(two);
  story.when(two).then_rejected(Code::capacity_exceeded, R"({"bucket":"s1","asked":2,"left":1})");
  story.given(one).when(one).then_rejected(Code::capacity_exceeded, R"({"asked":1,"left":0})");
}

TEST(RuleCapacity, TheOverbookLimitOfAServiceIsThatOfEachOfItsSlots) {
  Story story("spa", "2026-12-01T00:00:00Z"_utc);
  const CreateBooking one{.schedule_id = "s1", .customer = john};
  story
      .given(DefineService{
          .name = "Spa", .price_minor = 0, .duration_minutes = 60, .overbook_limit = 1})
      .given(AddSchedule{"s1", "2026-12-01"_day, "10:00"_time, "11:00"_time, 0})
      .given(one)
      .when(one)
      .then_rejected(Code::capacity_exceeded, R"({"asked":1,"left":0})");
}

TEST(RuleCapacity, AMoveToAnotherSlotFreesTheOldOne) {
  Story story("spa", "2026-12-01T00:00:00Z"_utc);
  story.given(DefineService{.name = "Spa", .price_minor = 0, .duration_minutes = 60})
      .given(AddSchedule{"s1", "2026-12-01"_day, "10:00"_time, "11:00"_time, 1})
      .given(AddSchedule{"s2", "2026-12-01"_day, "11:00"_time, "12:00"_time, 1})
      .given(CreateBooking{.schedule_id = "s1", .customer = john})
      .given(RescheduleBooking{.booking_id = "spa.1", .schedule_id = "s2"});
  EXPECT_EQ(story.held("s1"), 0);
  EXPECT_EQ(story.held("s2"), 1);
}

TEST(RuleCapacity, TwoFullSlotsCannotBeExchanged) {
  Story story("spa", "2026-12-01T00:00:00Z"_utc);
  story.given(DefineService{.name = "Spa", .price_minor = 0, .duration_minutes = 60})
      .given(AddSchedule{"s1", "2026-12-01"_day, "10:00"_time, "11:00"_time, 1})
      .given(AddSchedule{"s2", "2026-12-01"_day, "11:00"_time, "12:00"_time, 1})
      .given(CreateBooking{.schedule_id = "s1", .customer = john})
      .given(CreateBooking{.schedule_id = "s2", .customer = john})
      .when(RescheduleBooking{.booking_id = "spa.1", .schedule_id = "s2"})
      .then_rejected(Code::capacity_exceeded, R"({"bucket":"s2","asked":1,"left":0})");
}

TEST(RuleCapacity, APaymentThatWouldNewlyOccupyIsRefusedWhereThereIsNoRoom) {
  Story story("studio");
  story.given(DefineRoom{.name = "Studio", .units = 1, .occupancy = Occupancy::on_payment})
      .given(CreateBooking{.customer = john})
      .given(CreateBooking{.customer = john})
      .given(RecordPayment{.booking_id = "studio.1", .status = Payment::partial})
      .when(
          RecordPayment{.booking_id = "studio.2", .status = Payment::paid, .amount_minor = 100'000})
      .then_rejected(Code::capacity_exceeded, R"({"bucket":"*","asked":1,"left":0})");
  EXPECT_EQ(story.booking("studio.2").payment, Payment::unpaid);
}

TEST(RuleCapacity, AReturnFromCancelledNeedsRoomAgain) {
  Story story("villa");
  story.given(DefineRoom{.name = "Villa", .units = 1})
      .given(CreateBooking{.status = confirmed, .customer = john})
      .given(ChangeStatus{"villa.1", cancelled})
      .given(CreateBooking{.status = confirmed, .customer = john})
      .when(ChangeStatus{"villa.1", confirmed})
      .then_rejected(Code::capacity_exceeded);
}

TEST(RuleCapacity, AStayThatOccupiesAgainNeedsOnlyTheNightsThatItGaveBack) {
  Story story = hotel(1);
  story.given(confirmed_for({"2026-12-01"_day, "2026-12-05"_day}))
      .given(CheckIn{"hotel.1"})
      .given(ask(CheckOut{"hotel.1"}).at("2026-12-03T05:00:00Z"_utc))
      .given(confirmed_for({"2026-12-04"_day, "2026-12-05"_day}))
      .when(ChangeStatus{"hotel.1", confirmed})
      .then_rejected(Code::capacity_exceeded, R"({"bucket":"2026-12-04","asked":1,"left":0})");
}

// ---- units and capacity below what is held ----

TEST(RuleCapacityBelowAllocated, ARoomKeepsAtLeastWhatItsCounterHolds) {
  Story story("villa");
  story.given(DefineRoom{.name = "Villa", .units = 3})
      .given(CreateBooking{.status = confirmed, .units = 2, .customer = john})
      .given(ChangeRoom{.units = 2})
      .when(ChangeRoom{.units = 1})
      .then_rejected(Code::capacity_below_allocated, R"({"bucket":"*","held":2})");
}

TEST(RuleCapacityBelowAllocated, UnitsAndOverbookLimitAreJudgedTogether) {
  Story story("villa");
  story.given(DefineRoom{.name = "Villa", .units = 1, .overbook_limit = 1})
      .given(CreateBooking{.status = confirmed, .units = 2, .customer = john})
      .given(ChangeRoom{.units = 2, .overbook_limit = 0})
      .given(ChangeRoom{.units = 0, .overbook_limit = 2});
  story.when(ChangeRoom{.overbook_limit = 1}).then_rejected(Code::capacity_below_allocated);
}

TEST(RuleCapacityBelowAllocated, NightsBeforeTodayDoNotCount) {
  Story story = hotel(2);
  story.given(confirmed_for({"2026-12-01"_day, "2026-12-02"_day, 2}));
  story.when(ChangeRoom{.units = 1})
      .then_rejected(Code::capacity_below_allocated, R"({"bucket":"2026-12-01"})");
  // 2026-12-01T16:59:59.999Z is the last millisecond of the 1st in Jakarta.
  story.when(ask(ChangeRoom{.units = 1}).at("2026-12-01T16:59:59.999Z"_utc))
      .then_rejected(Code::capacity_below_allocated);
  story.when(ask(ChangeRoom{.units = 1}).at("2026-12-01T17:00:00Z"_utc)).then("RoomChanged");
}

TEST(RuleCapacityBelowAllocated, SlotsCountAlsoWhenTheyArePast) {
  Story story("spa", "2026-12-01T00:00:00Z"_utc);
  story
      .given(DefineService{
          .name = "Spa", .price_minor = 0, .duration_minutes = 60, .overbook_limit = 1})
      .given(AddSchedule{"s1", "2026-12-01"_day, "10:00"_time, "11:00"_time, 1})
      .given(CreateBooking{.units = 2, .schedule_id = "s1", .customer = john})
      .at("2026-12-09T00:00:00Z"_utc);
  story.when(ChangeSchedule{.schedule_id = "s1", .capacity = 0})
      .then_rejected(Code::capacity_below_allocated, R"({"bucket":"s1","held":2})");
  story.when(ChangeService{.overbook_limit = 0}).then_rejected(Code::capacity_below_allocated);
  story.given(ChangeSchedule{.schedule_id = "s1", .capacity = 2})
      .when(ChangeService{.overbook_limit = 0})
      .then("ServiceChanged");
}

}  // namespace
}  // namespace pesan
