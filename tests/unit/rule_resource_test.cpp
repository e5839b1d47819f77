// docs/domain.md#commands and docs/domain.md#schedules: rooms, services and their schedules.

#include <string>

#include <gtest/gtest.h>

#include "tests/support/given_when_then.hpp"

namespace pesan {
namespace {

using enum Status;

constexpr Customer john{.name = "John Doe"};

Story villa() {
  Story story;
  story.given(DefineRoom{
      .name = "Villa", .units = 5, .nightly_price_minor = 100, .min_nights = 2, .max_nights = 4});
  return story;
}

Story spa() {
  Story story("spa", "2026-12-01T00:00:00Z"_utc);
  story.given(DefineService{.name = "Spa", .price_minor = 75'000, .duration_minutes = 60})
      .given(AddSchedule{"s1", "2026-12-02"_day, "10:00"_time, "12:00"_time, 3});
  return story;
}

TEST(RuleResource, AnIdIsDefinedOnceForRoomsAndServicesTogether) {
  const DefineService service{.name = "Spa", .price_minor = 0, .duration_minutes = 60};
  const DefineRoom room{.name = "Villa", .units = 1};
  villa().when(room).then_rejected(Code::resource_exists);
  villa().when(service).then_rejected(Code::resource_exists);
  spa().when(room).then_rejected(Code::resource_exists);
  spa().when(service).then_rejected(Code::resource_exists);
}

TEST(RuleResource, WhatIsNotDefinedIsNotFoundByAnyCommand) {
  const Asked all[] = {ask(ChangeRoom{}),
                       ask(ChangeService{}),
                       ask(AddSchedule{"s", "2026-12-02"_day, "10:00"_time, "11:00"_time, 1}),
                       ask(ChangeSchedule{.schedule_id = "s"}),
                       ask(CloseSchedule{"s"}),
                       ask(OpenSchedule{"s"}),
                       ask(CreateBooking{.customer = john}),
                       ask(ChangeStatus{"villa.1", confirmed}),
                       ask(CheckIn{"villa.1"}),
                       ask(CheckOut{"villa.1"}),
                       ask(RescheduleBooking{.booking_id = "villa.1"}),
                       ask(ChangeBooking{.booking_id = "villa.1"}),
                       ask(RecordPayment{"villa.1", Payment::paid}),
                       ask(DeleteBooking{"villa.1"})};
  for (const Asked& one : all) Story().when(one).then_rejected(Code::resource_not_found);
}

TEST(RuleResource, ARoomIsNoServiceAndAServiceNoRoom) {
  const Asked of_services[] = {
      ask(ChangeService{.name = "X"}),
      ask(AddSchedule{"s", "2026-12-02"_day, "10:00"_time, "11:00"_time, 1}),
      ask(ChangeSchedule{.schedule_id = "s"}), ask(CloseSchedule{"s"}), ask(OpenSchedule{"s"})};
  for (const Asked& one : of_services) villa().when(one).then_rejected(Code::wrong_resource_kind);
  spa().when(ChangeRoom{.name = "X"}).then_rejected(Code::wrong_resource_kind);
}

TEST(RuleChangeRoom, SaysTheValuesAfterChangedOrNot) {
  villa()
      .when(ChangeRoom{.units = 6, .max_party = 2})
      .then("RoomChanged", R"({"name":"Villa","units":6,"nightly_price_minor":100,"max_party":2,
                               "overbook_limit":0,"min_nights":2,"max_nights":4,"active":true})");
}

TEST(RuleChangeRoom, TheSameValuesChangeNothing) {
  villa().when(ChangeRoom{}).then_nothing();
  villa()
      .when(ChangeRoom{.name = "Villa",
                       .units = 5,
                       .nightly_price_minor = 100,
                       .overbook_limit = 0,
                       .min_nights = 2,
                       .max_nights = 4,
                       .active = true})
      .then_nothing();
}

TEST(RuleChangeRoom, MaxNightsBelowMinNightsIsAnInvalidRangeAlsoAgainstWhatIsStored) {
  villa().when(ChangeRoom{.max_nights = 1}).then_rejected(Code::invalid_range);
  villa().when(ChangeRoom{.min_nights = 5}).then_rejected(Code::invalid_range);
  villa().when(ChangeRoom{.min_nights = 5, .max_nights = 5}).then("RoomChanged");
}

TEST(RuleChangeRoom, APriceChangesForBookingsToComeOnly) {
  Story story = villa();
  const CreateBooking book{
      .check_in = "2026-12-02"_day, .check_out = "2026-12-04"_day, .customer = john};
  story.given(book).given(ChangeRoom{.nightly_price_minor = 7});
  story.when(book).then("BookingCreated", R"({"price_minor":7,"total_minor":14})");
  story.when(ChangeBooking{.booking_id = "villa.1", .units = 2})
      .then("BookingChanged", R"({"total_minor":400})");
}

TEST(RuleChangeService, SaysTheValuesAfterChangedOrNot) {
  spa()
      .when(ChangeService{.duration_minutes = 90})
      .then("ServiceChanged", R"({"name":"Spa","price_minor":75000,"duration_minutes":90,
                                  "overbook_limit":0,"active":true})");
  spa().when(ChangeService{.name = "Spa", .price_minor = 75'000}).then_nothing();
}

TEST(RuleSchedule, IsAddedOnce) {
  spa()
      .when(AddSchedule{"s1", "2026-12-03"_day, "10:00"_time, "12:00"_time, 1})
      .then_rejected(Code::schedule_exists);
}

TEST(RuleSchedule, ANewOneIsOpenAndSaysItsValues) {
  spa()
      .when(AddSchedule{"s2", "2026-12-03"_day, "00:00"_time, "24:00"_time, 0})
      .then("ScheduleAdded",
            R"({"schedule_id":"s2","date":"2026-12-03","start":"00:00","end":"24:00",
                "capacity":0})");
}

TEST(RuleSchedule, WhatIsNotThereIsNotFound) {
  Story story = spa();
  story.when(ChangeSchedule{.schedule_id = "s9"}).then_rejected(Code::schedule_not_found);
  story.when(CloseSchedule{"s9"}).then_rejected(Code::schedule_not_found);
  story.when(OpenSchedule{"s9"}).then_rejected(Code::schedule_not_found);
  story.when(CreateBooking{.schedule_id = "s9", .customer = john})
      .then_rejected(Code::schedule_not_found);
}

TEST(RuleSchedule, ClosingAndOpeningTwiceChangesNothing) {
  Story story = spa();
  story.when(OpenSchedule{"s1"}).then_nothing();
  story.when(CloseSchedule{"s1"}).then("ScheduleClosed", R"({"schedule_id":"s1"})");
  story.when(CloseSchedule{"s1"}).then_nothing();
  story.when(OpenSchedule{"s1"}).then("ScheduleOpened", R"({"schedule_id":"s1"})");
}

TEST(RuleSchedule, AChangeSaysTheValuesAfter) {
  spa()
      .when(ChangeSchedule{.schedule_id = "s1", .end = "13:00"_time})
      .then("ScheduleChanged", R"({"date":"2026-12-02","start":"10:00","end":"13:00",
                                   "capacity":3})");
  spa()
      .when(ChangeSchedule{.schedule_id = "s1", .start = "10:00"_time, .capacity = 3})
      .then_nothing();
  spa().when(ChangeSchedule{.schedule_id = "s1"}).then_nothing();
}

TEST(RuleSchedule, AnEndNotAfterTheStoredStartIsAnInvalidRange) {
  spa()
      .when(ChangeSchedule{.schedule_id = "s1", .end = "10:00"_time})
      .then_rejected(Code::invalid_range, R"({"field":"end"})");
  spa()
      .when(ChangeSchedule{.schedule_id = "s1", .start = "12:00"_time})
      .then_rejected(Code::invalid_range, R"({"field":"start"})");
}

// ---- in use ----

const ChangeSchedule moved{.schedule_id = "s1", .date = "2026-12-05"_day};

/// A booking of the slot under a policy, in a status.
Story with_booking(Occupancy occupancy, Status status) {
  Story story("spa", "2026-12-01T00:00:00Z"_utc);
  story
      .given(DefineService{
          .name = "Spa", .price_minor = 0, .duration_minutes = 60, .occupancy = occupancy})
      .given(AddSchedule{"s1", "2026-12-02"_day, "10:00"_time, "12:00"_time, 3})
      .given(CreateBooking{.schedule_id = "s1", .customer = john});
  if (status == no_show) story.given(ChangeStatus{"spa.1", confirmed});
  if (status != pending) story.given(ask(ChangeStatus{"spa.1", status}).by(the_system));
  return story;
}

TEST(RuleScheduleInUse, APendingConfirmedOrInProgressBookingThatNamesItKeepsItWhereItIs) {
  for (const Status status : {pending, confirmed, in_progress}) {
    Story story = with_booking(Occupancy::on_payment, status);
    EXPECT_EQ(story.held("s1"), 0);
    story.when(moved).then_rejected(Code::schedule_in_use);
  }
}

TEST(RuleScheduleInUse, ABookingThatIsOverAndHoldsNothingDoesNot) {
  for (const Status status : {completed, cancelled, no_show, expired}) {
    with_booking(Occupancy::on_payment, status).when(moved).then("ScheduleChanged");
  }
}

TEST(RuleScheduleInUse, ABookingThatHoldsTheSlotDoesWhateverItsStatus) {
  for (const Status status : {completed, no_show}) {
    with_booking(Occupancy::on_create, status).when(moved).then_rejected(Code::schedule_in_use);
  }
}

TEST(RuleScheduleInUse, DateStartAndEndAreKeptAndCapacityIsNot) {
  Story story = with_booking(Occupancy::on_create, pending);
  story.when(ChangeSchedule{.schedule_id = "s1", .start = "09:00"_time})
      .then_rejected(Code::schedule_in_use);
  story.when(ChangeSchedule{.schedule_id = "s1", .end = "13:00"_time})
      .then_rejected(Code::schedule_in_use);
  story.when(ChangeSchedule{.schedule_id = "s1", .date = "2026-12-02"_day, .capacity = 9})
      .then("ScheduleChanged");
  story.when(CloseSchedule{"s1"}).then("ScheduleClosed");
}

TEST(RuleScheduleInUse, ADeletedOrMovedBookingFreesIt) {
  with_booking(Occupancy::on_payment, confirmed)
      .given(DeleteBooking{"spa.1"})
      .when(moved)
      .then("ScheduleChanged");
  with_booking(Occupancy::on_payment, confirmed)
      .given(AddSchedule{"s2", "2026-12-02"_day, "10:00"_time, "12:00"_time, 3})
      .given(RescheduleBooking{.booking_id = "spa.1", .schedule_id = "s2"})
      .when(moved)
      .then("ScheduleChanged");
}

TEST(RuleScheduleInUse, AUsedSlotStaysWhereItWas) {
  Story story = with_booking(Occupancy::on_confirm, confirmed);
  story.given(ask(ChangeStatus{"spa.1", completed}).at("2026-12-02T04:00:00Z"_utc));
  EXPECT_EQ(story.held("s1"), 1);
  story.when(moved).then_rejected(Code::schedule_in_use);
}

}  // namespace
}  // namespace pesan
