// docs/domain.md#rescheduling: RescheduleBooking.

#include <string>

#include <gtest/gtest.h>

#include "tests/support/given_when_then.hpp"

namespace pesan {
namespace {

using enum Status;

constexpr Customer john{.name = "John Doe", .ref = "u-5"};
constexpr Actor john_himself{.type = ActorType::user, .id = "u-5"};

/// A stay from the 2nd to the 4th, seen at noon of 2026-12-01.
Story stay(Status status = confirmed) {
  Story story("hotel");
  story
      .given(DefineRoom{.name = "Hotel",
                        .units = 5,
                        .inventory = Inventory::nightly,
                        .nightly_price_minor = 100'000,
                        .min_nights = 1,
                        .max_nights = 7})
      .given(CreateBooking{.units = 2,
                           .check_in = "2026-12-02"_day,
                           .check_out = "2026-12-04"_day,
                           .customer = john});
  if (status == no_show) story.given(ChangeStatus{"hotel.1", confirmed});
  if (status != pending) story.given(ask(ChangeStatus{"hotel.1", status}).by(the_system));
  return story;
}

RescheduleBooking to(Date check_in, Date check_out) {
  return {.booking_id = "hotel.1", .check_in = check_in, .check_out = check_out};
}

TEST(RuleReschedule, AStaySaysItsDatesOnBothSidesAndNightsAndTotalAfter) {
  stay()
      .when(to("2026-12-05"_day, "2026-12-08"_day))
      .then("BookingRescheduled",
            R"({"check_in":{"from":"2026-12-02","to":"2026-12-05"},
                "check_out":{"from":"2026-12-04","to":"2026-12-08"},
                "nights":3,"total_minor":600000})");
}

TEST(RuleReschedule, OnlyAnOpenBookingMoves) {
  for (const Status status : {pending, confirmed, in_progress}) {
    stay(status).when(to("2026-12-05"_day, "2026-12-06"_day)).then("BookingRescheduled");
  }
  for (const Status status : {completed, cancelled, no_show, expired}) {
    stay(status)
        .when(to("2026-12-05"_day, "2026-12-06"_day))
        .then_rejected(Code::invalid_transition);
  }
}

TEST(RuleReschedule, TheSameDatesChangeNothing) {
  stay().when(to("2026-12-02"_day, "2026-12-04"_day)).then_nothing();
}

TEST(RuleReschedule, TheSameDatesOfAClosedBookingAreStillRefused) {
  stay(cancelled)
      .when(to("2026-12-02"_day, "2026-12-04"_day))
      .then_rejected(Code::invalid_transition);
}

TEST(RuleReschedule, ARoomNeedsBothDates) {
  stay()
      .when(RescheduleBooking{.booking_id = "hotel.1", .check_out = "2026-12-05"_day})
      .then_rejected(Code::invalid_field, R"({"field":"check_in"})");
  stay()
      .when(RescheduleBooking{.booking_id = "hotel.1", .check_in = "2026-12-02"_day})
      .then_rejected(Code::invalid_field, R"({"field":"check_out"})");
}

TEST(RuleReschedule, ACounterRoomNeedsBothDatesToo) {
  Story story("villa");
  story.given(DefineRoom{.name = "Villa", .units = 1})
      .given(CreateBooking{.customer = john})
      .when(RescheduleBooking{.booking_id = "villa.1"})
      .then_rejected(Code::invalid_field, R"({"field":"check_in"})");
}

TEST(RuleReschedule, AStayWithoutDatesGetsThemBeforeACheckIn) {
  Story story("villa");
  story.given(DefineRoom{.name = "Villa", .units = 1, .nightly_price_minor = 500})
      .given(CreateBooking{.customer = john})
      .when(RescheduleBooking{
          .booking_id = "villa.1", .check_in = "2026-12-02"_day, .check_out = "2026-12-05"_day})
      .then("BookingRescheduled",
            R"({"check_in":{"from":null,"to":"2026-12-02"},"nights":3,"total_minor":1500})");
}

TEST(RuleReschedule, AStayWithoutDatesGetsNoneAfterACheckIn) {
  Story story("villa");
  story.given(DefineRoom{.name = "Villa", .units = 1})
      .given(CreateBooking{.customer = john})
      .given(CheckIn{"villa.1"})
      .when(RescheduleBooking{
          .booking_id = "villa.1", .check_in = "2026-12-02"_day, .check_out = "2026-12-05"_day})
      .then_rejected(Code::already_checked_in);
}

TEST(RuleReschedule, AfterACheckInAStayKeepsItsCheckInAndMayChangeItsCheckOut) {
  Story story = stay();
  story.given(ask(CheckIn{"hotel.1"}).at("2026-12-02T05:00:00Z"_utc));
  story.when(to("2026-12-03"_day, "2026-12-04"_day)).then_rejected(Code::already_checked_in);
  story.when(to("2026-12-02"_day, "2026-12-06"_day)).then("BookingRescheduled");
}

TEST(RuleReschedule, AfterACheckInAStayMayEndTodayButNotBefore) {
  Story story = stay();
  story.given(ask(CheckIn{"hotel.1"}).at("2026-12-02T05:00:00Z"_utc))
      .at("2026-12-04T05:00:00Z"_utc);
  story.when(to("2026-12-02"_day, "2026-12-03"_day))
      .then_rejected(Code::invalid_range, R"({"field":"check_out"})");
  story.when(to("2026-12-02"_day, "2026-12-04"_day)).then_nothing();
  story.when(to("2026-12-02"_day, "2026-12-05"_day)).then("BookingRescheduled");
}

TEST(RuleReschedule, EndingBeforeTodayIsOfStageFitSoItComesBeforeAnotherCheckIn) {
  Story story = stay();
  story.given(ask(CheckIn{"hotel.1"}).at("2026-12-02T05:00:00Z"_utc))
      .at("2026-12-04T05:00:00Z"_utc);
  story.when(to("2026-12-01"_day, "2026-12-03"_day)).then_rejected(Code::invalid_range);
}

TEST(RuleReschedule, AnAdminMayMoveAStayIntoThePastBeforeACheckIn) {
  stay().when(to("2026-11-20"_day, "2026-11-22"_day)).then("BookingRescheduled");
}

TEST(RuleReschedule, AUserMayNotMoveToADayBeforeTodayEvenIfTheBookingIsThereAlready) {
  Story story = stay(pending);
  story.when(ask(to("2026-11-30"_day, "2026-12-03"_day)).by(john_himself))
      .then_rejected(Code::not_in_time);
  story.at("2026-12-03T05:00:00Z"_utc);
  story.when(ask(to("2026-12-02"_day, "2026-12-04"_day)).by(john_himself))
      .then_rejected(Code::not_in_time);
  story.when(ask(to("2026-12-03"_day, "2026-12-04"_day)).by(john_himself))
      .then("BookingRescheduled");
}

TEST(RuleReschedule, NightsAreBoundedAsAtCreation) {
  stay()
      .when(to("2026-12-02"_day, "2026-12-10"_day))
      .then_rejected(Code::stay_restriction, R"({"nights":8,"max_nights":7})");
}

TEST(RuleReschedule, ATotalAboveTheBoundIsAnInvalidRange) {
  Story story("hotel");
  story
      .given(DefineRoom{.name = "Hotel",
                        .units = 1,
                        .inventory = Inventory::nightly,
                        .nightly_price_minor = 500'000'000'000'000})
      .given(CreateBooking{
          .check_in = "2026-12-02"_day, .check_out = "2026-12-04"_day, .customer = john});
  story.when(to("2026-12-02"_day, "2026-12-05"_day)).then_rejected(Code::invalid_range);
}

TEST(RuleReschedule, ThePriceIsThatOfTheDayOfCreation) {
  stay()
      .given(ChangeRoom{.nightly_price_minor = 999})
      .when(to("2026-12-02"_day, "2026-12-03"_day))
      .then("BookingRescheduled", R"({"nights":1,"total_minor":200000})");
}

// ---- slots ----

Story appointment() {
  Story story("spa", "2026-12-01T00:00:00Z"_utc);
  story.given(DefineService{.name = "Spa", .price_minor = 75'000, .duration_minutes = 60})
      .given(AddSchedule{"s1", "2026-12-01"_day, "10:00"_time, "12:00"_time, 2})
      .given(AddSchedule{"s2", "2026-12-02"_day, "10:00"_time, "12:00"_time, 2})
      .given(CreateBooking{
          .schedule_id = "s1", .appointment_at = "2026-12-01T10:30"_local, .customer = john});
  return story;
}

TEST(RuleReschedule, ASlotBookingSaysItsSlotOnBothSidesAndItsTimesAfter) {
  appointment()
      .when(RescheduleBooking{
          .booking_id = "spa.1", .schedule_id = "s2", .appointment_at = "2026-12-02T11:59"_local})
      .then("BookingRescheduled",
            R"({"schedule_id":{"from":"s1","to":"s2"},"date":"2026-12-02","start":"10:00",
                "end":"12:00","appointment_at":"2026-12-02T11:59:00.000","total_minor":75000})");
}

TEST(RuleReschedule, WithoutAnAppointmentAMoveToAnotherSlotClearsIt) {
  Story story = appointment();
  const Then answer = story.when(RescheduleBooking{.booking_id = "spa.1", .schedule_id = "s2"});
  answer.then("BookingRescheduled");
  EXPECT_EQ(answer.data().find("appointment_at"), std::string::npos);
  EXPECT_EQ(story.booking("spa.1").appointment_at(), std::nullopt);
}

TEST(RuleReschedule, WithoutAnAppointmentTheSameSlotChangesNothing) {
  appointment().when(RescheduleBooking{.booking_id = "spa.1", .schedule_id = "s1"}).then_nothing();
}

TEST(RuleReschedule, TheSameSlotChangesNothingAlsoWhereItMovedUnderTheAppointment) {
  // While the booking was cancelled the slot moved, and its appointment lies outside now.
  appointment()
      .given(ChangeStatus{"spa.1", cancelled})
      .given(ChangeSchedule{.schedule_id = "s1", .date = "2026-12-05"_day})
      .given(ChangeStatus{"spa.1", confirmed})
      .when(RescheduleBooking{.booking_id = "spa.1", .schedule_id = "s1"})
      .then_nothing();
}

TEST(RuleReschedule, AnotherAppointmentInTheSameSlotIsAChange) {
  appointment()
      .when(RescheduleBooking{
          .booking_id = "spa.1", .schedule_id = "s1", .appointment_at = "2026-12-01T10:00"_local})
      .then("BookingRescheduled", R"({"schedule_id":{"from":"s1","to":"s1"}})");
}

TEST(RuleReschedule, AnAppointmentLiesWithinItsSlotFromStartToBeforeEnd) {
  Story story = appointment();
  const auto at = [](LocalDateTime when) {
    return RescheduleBooking{.booking_id = "spa.1", .schedule_id = "s2", .appointment_at = when};
  };
  story.when(at("2026-12-02T09:59"_local))
      .then_rejected(Code::invalid_range, R"({"field":"appointment_at"})");
  story.when(at("2026-12-02T12:00"_local)).then_rejected(Code::invalid_range);
  story.when(at("2026-12-01T10:30"_local)).then_rejected(Code::invalid_range);
  story.when(at("2026-12-02T10:00"_local)).then("BookingRescheduled");
  story.when(at("2026-12-02T11:59"_local)).then("BookingRescheduled");
}

TEST(RuleReschedule, AfterACheckInABookingKeepsItsSlotAndMayChangeItsAppointment) {
  Story story = appointment();
  story.given(CheckIn{"spa.1"});
  story.when(RescheduleBooking{.booking_id = "spa.1", .schedule_id = "s2"})
      .then_rejected(Code::already_checked_in);
  story
      .when(RescheduleBooking{
          .booking_id = "spa.1", .schedule_id = "s1", .appointment_at = "2026-12-01T11:00"_local})
      .then("BookingRescheduled");
}

TEST(RuleReschedule, AServiceTakesNoDatesAndNeedsASlot) {
  Story story = appointment();
  story
      .when(RescheduleBooking{.booking_id = "spa.1",
                              .check_in = "2026-12-02"_day,
                              .check_out = "2026-12-03"_day,
                              .schedule_id = "s2"})
      .then_rejected(Code::invalid_field, R"({"field":"check_in"})");
  story.when(RescheduleBooking{.booking_id = "spa.1"})
      .then_rejected(Code::invalid_field, R"({"field":"schedule_id"})");
}

TEST(RuleReschedule, AClosedSlotRefusesEvenABookingThatIsInIt) {
  Story story = appointment();
  story.given(CloseSchedule{"s1"}).given(CloseSchedule{"s2"});
  story.when(RescheduleBooking{.booking_id = "spa.1", .schedule_id = "s2"})
      .then_rejected(Code::schedule_closed);
  story.when(RescheduleBooking{.booking_id = "spa.1", .schedule_id = "s1"})
      .then_rejected(Code::schedule_closed);
}

TEST(RuleReschedule, AUserMayNotMoveToASlotThatHasStarted) {
  Story story = appointment();
  const RescheduleBooking move{.booking_id = "spa.1", .schedule_id = "s2"};
  // 10:00 in Jakarta is 03:00Z.
  story.when(ask(move).by(john_himself).at("2026-12-02T03:00:00Z"_utc))
      .then_rejected(Code::not_in_time);
  Story earlier = appointment();
  earlier.when(ask(move).by(john_himself).at("2026-12-02T02:59:59.999Z"_utc))
      .then("BookingRescheduled");
}

TEST(RuleReschedule, AnInactiveResourceStillLetsItsBookingsMove) {
  stay()
      .given(ChangeRoom{.active = false})
      .when(to("2026-12-05"_day, "2026-12-06"_day))
      .then("BookingRescheduled");
}

}  // namespace
}  // namespace pesan
