// docs/domain.md#who-may: what a user may do, and what only an admin or the system may.

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/given_when_then.hpp"

namespace pesan {
namespace {

using enum Status;

constexpr Customer john{.name = "John Doe"};

/// A villa and a booking that the guest made.
Story guests_booking() {
  Story story;
  story.given(DefineRoom{.name = "Villa", .units = 9})
      .given(ask(CreateBooking{
                     .check_in = "2026-12-02"_day, .check_out = "2026-12-04"_day, .customer = john})
                 .by(guest));
  return story;
}

/// A villa and a booking that an admin made for the guest.
Story booking_for_the_guest() {
  Story story;
  story.given(DefineRoom{.name = "Villa", .units = 9})
      .given(CreateBooking{.check_in = "2026-12-02"_day,
                           .check_out = "2026-12-04"_day,
                           .customer = {.name = "John Doe", .ref = "u-9"}});
  return story;
}

const RescheduleBooking move{
    .booking_id = "villa.1", .check_in = "2026-12-05"_day, .check_out = "2026-12-06"_day};

TEST(RuleActor, AUserMayBookWhatIsPendingAndUnpaid) {
  Story story;
  story.given(DefineRoom{.name = "Villa", .units = 9});
  const auto book = [&](std::optional<Status> status, std::optional<Payment> payment) {
    return story
        .when(ask(CreateBooking{.status = status, .customer = john, .payment_status = payment})
                  .by(guest))
        .word();
  };
  EXPECT_EQ(book({}, {}), "accepted");
  EXPECT_EQ(book(pending, Payment::unpaid), "accepted");
  EXPECT_EQ(book(confirmed, {}), "forbidden_actor");
  for (const Payment payment : {Payment::partial, Payment::paid, Payment::refunded}) {
    EXPECT_EQ(book({}, payment), "forbidden_actor") << name_of(payment);
  }
}

TEST(RuleActor, AUserMayNotTouchRoomsServicesOrSchedules) {
  Story story("spa");
  story.when(ask(DefineRoom{.name = "R", .units = 1}).by(guest))
      .then_rejected(Code::forbidden_actor);
  story.when(ask(DefineService{.name = "S", .price_minor = 1, .duration_minutes = 1}).by(guest))
      .then_rejected(Code::forbidden_actor);
  story.given(DefineService{.name = "Spa", .price_minor = 1, .duration_minutes = 60})
      .given(AddSchedule{"s1", "2026-12-02"_day, "10:00"_time, "11:00"_time, 1});
  const Asked all[] = {ask(ChangeService{.name = "T"}),
                       ask(AddSchedule{"s2", "2026-12-02"_day, "10:00"_time, "11:00"_time, 1}),
                       ask(ChangeSchedule{.schedule_id = "s1", .capacity = 2}),
                       ask(CloseSchedule{"s1"}), ask(OpenSchedule{"s1"})};
  for (Asked one : all) story.when(one.by(guest)).then_rejected(Code::forbidden_actor);

  Story rooms;
  rooms.given(DefineRoom{.name = "Villa", .units = 9})
      .when(ask(ChangeRoom{.name = "W"}).by(guest))
      .then_rejected(Code::forbidden_actor);
}

TEST(RuleActor, WhatAUserMayDoWithTheirOwnBooking) {
  const Asked allowed[] = {
      ask(move),
      ask(ChangeStatus{"villa.1", cancelled}),
      ask(ChangeBooking{.booking_id = "villa.1", .party_size = 2}),
      ask(ChangeBooking{.booking_id = "villa.1", .customer = Customer{.name = "Jane"}}),
      ask(ChangeBooking{.booking_id = "villa.1",
                        .particulars = {.subject = Subject{"dog", "1", "Rex"}}}),
      ask(ChangeBooking{.booking_id = "villa.1", .particulars = {.notes = "x"}})};
  for (Asked one : allowed) {
    EXPECT_EQ(guests_booking().when(one.by(guest)).word(), "accepted");
    EXPECT_EQ(booking_for_the_guest().when(one.by(guest)).word(), "accepted");
    EXPECT_EQ(guests_booking().when(one.by(stranger)).word(), "forbidden_actor");
    EXPECT_EQ(booking_for_the_guest().when(one.by(stranger)).word(), "forbidden_actor");
    Story arrived = guests_booking();
    arrived.given(CheckIn{"villa.1"});
    EXPECT_EQ(arrived.when(one.by(guest)).word(), "forbidden_actor") << "after a check-in";
  }
}

TEST(RuleActor, WhatAUserMayNotDoEvenWithTheirOwnBooking) {
  const Asked refused[] = {
      ask(ChangeStatus{"villa.1", confirmed}),
      ask(CheckIn{"villa.1"}),
      ask(CheckOut{"villa.1"}),
      ask(ChangeBooking{.booking_id = "villa.1", .units = 1}),
      ask(ChangeBooking{.booking_id = "villa.1", .particulars = {.staff_id = "st-1"}}),
      ask(RecordPayment{"villa.1", Payment::unpaid}),
      ask(DeleteBooking{"villa.1"})};
  for (Asked one : refused) {
    EXPECT_EQ(guests_booking().when(one.by(guest)).word(), "forbidden_actor");
  }
}

TEST(RuleActor, ABookingIsTheirsByItsCustomerRefAsItStands) {
  Story story = booking_for_the_guest();
  story.given(
      ChangeBooking{.booking_id = "villa.1", .customer = Customer{.name = "Jane", .ref = "u-77"}});
  story.when(ask(move).by(guest)).then_rejected(Code::forbidden_actor);
  story.when(ask(move).by(stranger)).then("BookingRescheduled");
  story.given(ChangeBooking{.booking_id = "villa.1", .customer = Customer{.name = "Jane"}});
  story.when(ask(ChangeStatus{"villa.1", cancelled}).by(stranger))
      .then_rejected(Code::forbidden_actor);
}

TEST(RuleActor, WhoCreatedItKeepsItWhateverBecomesOfTheCustomer) {
  Story story = guests_booking();
  story.given(
      ChangeBooking{.booking_id = "villa.1", .customer = Customer{.name = "Jane", .ref = "u-77"}});
  story.when(ask(move).by(guest)).then("BookingRescheduled");
  story.when(ask(ChangeStatus{"villa.1", cancelled}).by(stranger)).then("BookingStatusChanged");
}

TEST(RuleActor, AnAdminWhoCreatedItUnderTheSameIdIsNotThatUser) {
  Story story;
  story.given(DefineRoom{.name = "Villa", .units = 9})
      .given(ask(CreateBooking{.customer = john}).by({.type = ActorType::admin, .id = "u-9"}))
      .when(ask(ChangeStatus{"villa.1", cancelled}).by(guest))
      .then_rejected(Code::forbidden_actor);
}

TEST(RuleActor, InANewEpisodeTheUserIsLetInAgain) {
  Story story = guests_booking();
  story.given(CheckIn{"villa.1"}).given(ChangeStatus{"villa.1", pending});
  story.when(ask(ChangeStatus{"villa.1", cancelled}).by(guest)).then("BookingStatusChanged");
}

TEST(RuleActor, EvenWhereNothingWouldChangeAStrangerIsForbidden) {
  guests_booking()
      .when(ask(ChangeStatus{"villa.1", pending}).by(stranger))
      .then_rejected(Code::forbidden_actor);
  guests_booking()
      .when(ask(ChangeBooking{.booking_id = "villa.1"}).by(stranger))
      .then_rejected(Code::forbidden_actor);
}

TEST(RuleActor, AUserMayNotBookADayBeforeTodayOfTheResourcesZone) {
  Story story;
  story.given(DefineRoom{.name = "Villa", .units = 9});
  const auto from = [](Date day) {
    return ask(CreateBooking{.check_in = day, .check_out = "2026-12-09"_day, .customer = john})
        .by(guest);
  };
  // 16:59:59.999Z is still the 1st in Jakarta, 17:00Z is the 2nd.
  story.at("2026-12-01T16:59:59.999Z"_utc);
  story.when(from("2026-11-30"_day)).then_rejected(Code::not_in_time);
  story.when(from("2026-12-01"_day)).then("BookingCreated");
  story.at("2026-12-01T17:00:00Z"_utc);
  story.when(from("2026-12-01"_day)).then_rejected(Code::not_in_time);
  story.when(from("2026-12-02"_day)).then("BookingCreated");
}

TEST(RuleActor, AUserMayNotBookASlotThatHasStarted) {
  Story story("spa");
  story.given(DefineService{.name = "Spa", .price_minor = 1, .duration_minutes = 60})
      .given(AddSchedule{"s1", "2026-12-02"_day, "10:00"_time, "11:00"_time, 9});
  const auto book = [] {
    return ask(CreateBooking{.schedule_id = "s1", .customer = john}).by(guest);
  };
  story.at("2026-12-02T02:59:59.999Z"_utc).when(book()).then("BookingCreated");
  story.at("2026-12-02T03:00:00Z"_utc).when(book()).then_rejected(Code::not_in_time);
  story.when(CreateBooking{.schedule_id = "s1", .customer = john}).then("BookingCreated");
}

TEST(RuleActor, AUserMayBookAnAppointmentLaterTodayInASlotThatHasBegun) {
  Story story("spa");
  story.given(DefineService{.name = "Spa", .price_minor = 1, .duration_minutes = 60})
      .given(AddSchedule{"day", "2026-12-02"_day, "08:00"_time, "18:00"_time, 9})
      .given(AddSchedule{"late", "2026-12-02"_day, "12:00"_time, "18:00"_time, 9});
  const auto book = [](std::optional<LocalDateTime> appointment_at) {
    return ask(CreateBooking{
                   .schedule_id = "day", .appointment_at = appointment_at, .customer = john})
        .by(guest);
  };
  const auto move_to = [](ScheduleId slot, std::optional<LocalDateTime> appointment_at) {
    return ask(RescheduleBooking{
                   .booking_id = "spa.1", .schedule_id = slot, .appointment_at = appointment_at})
        .by(guest);
  };
  // 10:00 in Jakarta.
  story.at("2026-12-02T03:00:00Z"_utc);
  story.when(book({})).then_rejected(Code::not_in_time);
  story.when(book("2026-12-02T10:00"_local)).then_rejected(Code::not_in_time);
  story.when(book("2026-12-02T10:01"_local)).then("BookingCreated");
  story.when(move_to("late", {})).then("BookingRescheduled");
  story.when(move_to("day", "2026-12-02T09:00"_local)).then_rejected(Code::not_in_time);
  story.when(move_to("day", {})).then_rejected(Code::not_in_time);
  story.when(move_to("day", "2026-12-02T11:00"_local)).then("BookingRescheduled");
  story.at("2026-12-02T03:59:59.999Z"_utc).when(move_to("day", {})).then_nothing();
  story.at("2026-12-02T04:00:00Z"_utc).when(move_to("day", {})).then_rejected(Code::not_in_time);
}

TEST(RuleActor, ACounterWithoutDatesIsAlwaysInTime) {
  Story story;
  story.given(DefineRoom{.name = "Villa", .units = 1})
      .when(ask(CreateBooking{.customer = john}).by(guest))
      .then("BookingCreated");
}

}  // namespace
}  // namespace pesan
