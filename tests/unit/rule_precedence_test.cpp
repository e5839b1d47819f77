// docs/domain.md#rejections: the first that applies is the outcome. Every test is a command that is
// guilty of two, and its name says which of them is answered.

#include <string>

#include <gtest/gtest.h>

#include "tests/support/given_when_then.hpp"

namespace pesan {
namespace {

using enum Status;

constexpr Customer john{.name = "John Doe"};

/// What a client can see of the codes, and what memories of outcomes keep: names and numbers.
TEST(RulePrecedence, TheCodesHaveTheirNamesAndNumbers) {
  constexpr std::string_view names[] = {"malformed",
                                        "unknown_type",
                                        "idempotency_conflict",
                                        "invalid_field",
                                        "invalid_range",
                                        "resource_exists",
                                        "resource_not_found",
                                        "wrong_resource_kind",
                                        "booking_exists",
                                        "booking_not_found",
                                        "schedule_exists",
                                        "schedule_not_found",
                                        "schedule_in_use",
                                        "version_conflict",
                                        "forbidden_actor",
                                        "resource_inactive",
                                        "schedule_closed",
                                        "not_in_time",
                                        "party_too_large",
                                        "stay_restriction",
                                        "already_checked_in",
                                        "not_checked_in",
                                        "already_checked_out",
                                        "invalid_transition",
                                        "capacity_below_allocated",
                                        "capacity_exceeded",
                                        "engine_failed",
                                        "booking_archived",
                                        "not_due"};
  ASSERT_EQ(std::size(names), EnumNames<Code>::names.size());
  for (std::size_t i = 0; i < std::size(names); ++i) {
    EXPECT_EQ(name_of(static_cast<Code>(i)), names[i]);
    EXPECT_FALSE(message_of(static_cast<Code>(i)).empty());
  }
}

// ---- read, repeat, validate alone ----

TEST(RulePrecedence, MalformedBeforeUnknownType) {
  Desk()
      .send_record(R"({"specversion":"1.0","id":"1","source":"/t","type":"BookNow"})")
      .then_rejected(Code::malformed);
}

TEST(RulePrecedence, UnknownTypeBeforeConflict) {
  Desk desk;
  desk.given("DefineRoom", R"("name":"V","units":1,"inventory":"counter")");
  desk.send("BookNow", "", {.id = "c1"}).then_rejected(Code::unknown_type);
}

TEST(RulePrecedence, ConflictBeforeInvalidField) {
  Desk desk;
  desk.given("DefineRoom", R"("name":"V","units":1,"inventory":"counter")");
  desk.send("DefineRoom", "", {.id = "c1"}).then_rejected(Code::idempotency_conflict);
}

TEST(RulePrecedence, InvalidFieldBeforeInvalidRange) {
  Desk()
      .send("RescheduleBooking",
            R"("booking_id":"villa.1","check_in":"2026-12-03","check_out":"2026-12-02","zz":1)")
      .then_rejected(Code::invalid_field, R"({"field":"zz"})");
}

TEST(RulePrecedence, InvalidRangeAloneBeforeResourceNotFound) {
  Desk()
      .send("RescheduleBooking",
            R"("booking_id":"villa.1","check_in":"2026-12-03","check_out":"2026-12-03")")
      .then_rejected(Code::invalid_range);
}

TEST(RulePrecedence, InvalidRangeAloneBeforeResourceExists) {
  Desk desk;
  desk.given("DefineRoom", R"("name":"V","units":1,"inventory":"counter")");
  desk.send("DefineRoom",
            R"("name":"V","units":1,"inventory":"counter","min_nights":3,"max_nights":2)")
      .then_rejected(Code::invalid_range);
}

// ---- look up ----

Story villa(std::int64_t units = 5) {
  Story story;
  story.given(DefineRoom{.name = "Villa",
                         .units = units,
                         .inventory = Inventory::nightly,
                         .nightly_price_minor = 500'000'000'000'000,
                         .max_party = 1,
                         .max_nights = 2});
  return story;
}

CreateBooking stay(Date in, Date out) {
  return {.check_in = in, .check_out = out, .customer = john};
}

Story spa(Occupancy occupancy = Occupancy::on_create) {
  Story story("spa", "2026-12-01T00:00:00Z"_utc);
  story
      .given(DefineService{
          .name = "Spa", .price_minor = 0, .duration_minutes = 60, .occupancy = occupancy})
      .given(AddSchedule{"s1", "2026-12-02"_day, "10:00"_time, "12:00"_time, 1})
      .given(CreateBooking{.booking_id = "spa.x", .schedule_id = "s1", .customer = john});
  return story;
}

TEST(RulePrecedence, ResourceExistsBeforeForbidden) {
  villa()
      .when(ask(DefineRoom{.name = "V", .units = 1}).by(guest))
      .then_rejected(Code::resource_exists);
}

TEST(RulePrecedence, ResourceNotFoundBeforeForbidden) {
  Story().when(ask(ChangeRoom{}).by(guest)).then_rejected(Code::resource_not_found);
}

TEST(RulePrecedence, WrongResourceKindBeforeScheduleNotFound) {
  villa().when(CloseSchedule{"s9"}).then_rejected(Code::wrong_resource_kind);
}

TEST(RulePrecedence, WrongResourceKindBeforeForbidden) {
  spa().when(ask(ChangeRoom{}).by(guest)).then_rejected(Code::wrong_resource_kind);
}

TEST(RulePrecedence, BookingExistsBeforeScheduleNotFound) {
  spa()
      .when(CreateBooking{.booking_id = "spa.x", .schedule_id = "s9", .customer = john})
      .then_rejected(Code::booking_exists);
}

TEST(RulePrecedence, BookingExistsBeforeForbidden) {
  spa()
      .when(ask(CreateBooking{.booking_id = "spa.x",
                              .status = confirmed,
                              .schedule_id = "s1",
                              .customer = john})
                .by(guest))
      .then_rejected(Code::booking_exists);
}

TEST(RulePrecedence, BookingNotFoundBeforeScheduleNotFound) {
  spa()
      .when(RescheduleBooking{.booking_id = "spa.y", .schedule_id = "s9"})
      .then_rejected(Code::booking_not_found);
}

TEST(RulePrecedence, BookingNotFoundBeforeForbidden) {
  spa().when(ask(CheckIn{"spa.y"}).by(guest)).then_rejected(Code::booking_not_found);
}

TEST(RulePrecedence, ScheduleExistsBeforeForbidden) {
  spa()
      .when(ask(AddSchedule{"s1", "2026-12-02"_day, "10:00"_time, "12:00"_time, 1}).by(guest))
      .then_rejected(Code::schedule_exists);
}

TEST(RulePrecedence, ScheduleNotFoundBeforeVersionConflict) {
  spa()
      .when(ask(RescheduleBooking{.booking_id = "spa.x", .schedule_id = "s9"}).expecting(99))
      .then_rejected(Code::schedule_not_found);
}

TEST(RulePrecedence, ScheduleNotFoundBeforeInvalidFieldOfStageFit) {
  spa()
      .when(CreateBooking{.check_in = "2026-12-02"_day, .schedule_id = "s9", .customer = john})
      .then_rejected(Code::schedule_not_found);
}

TEST(RulePrecedence, ScheduleInUseBeforeForbidden) {
  spa()
      .when(ask(ChangeSchedule{.schedule_id = "s1", .date = "2026-12-05"_day}).by(guest))
      .then_rejected(Code::schedule_in_use);
}

TEST(RulePrecedence, ScheduleInUseBeforeInvalidRangeOfStageFit) {
  spa()
      .when(ChangeSchedule{.schedule_id = "s1", .end = "09:00"_time})
      .then_rejected(Code::schedule_in_use);
}

TEST(RulePrecedence, ScheduleInUseBeforeCapacityBelowAllocated) {
  spa()
      .when(ChangeSchedule{.schedule_id = "s1", .end = "11:00"_time, .capacity = 0})
      .then_rejected(Code::schedule_in_use);
}

// ---- guard ----

TEST(RulePrecedence, VersionConflictBeforeForbidden) {
  spa().when(ask(CheckIn{"spa.x"}).by(guest).expecting(99)).then_rejected(Code::version_conflict);
}

TEST(RulePrecedence, VersionConflictBeforeScheduleClosed) {
  spa()
      .given(CloseSchedule{"s1"})
      .when(ask(RescheduleBooking{.booking_id = "spa.x", .schedule_id = "s1"}).expecting(99))
      .then_rejected(Code::version_conflict);
}

TEST(RulePrecedence, ForbiddenBeforeResourceInactive) {
  villa()
      .given(ChangeRoom{.active = false})
      .when(ask(CreateBooking{.status = confirmed, .customer = john}).by(guest))
      .then_rejected(Code::forbidden_actor);
}

TEST(RulePrecedence, ForbiddenBeforeScheduleClosed) {
  spa()
      .given(CloseSchedule{"s1"})
      .when(ask(RescheduleBooking{.booking_id = "spa.x", .schedule_id = "s1"}).by(stranger))
      .then_rejected(Code::forbidden_actor);
}

TEST(RulePrecedence, ForbiddenBeforeCapacityBelowAllocated) {
  villa(1)
      .given(CreateBooking{.status = confirmed,
                           .check_in = "2026-12-02"_day,
                           .check_out = "2026-12-03"_day,
                           .customer = john})
      .when(ask(ChangeRoom{.units = 0}).by(guest))
      .then_rejected(Code::forbidden_actor);
}

TEST(RulePrecedence, ResourceInactiveBeforeScheduleClosed) {
  spa()
      .given(ChangeService{.active = false})
      .given(CloseSchedule{"s1"})
      .when(CreateBooking{.schedule_id = "s1", .customer = john})
      .then_rejected(Code::resource_inactive);
}

TEST(RulePrecedence, ScheduleClosedBeforeInvalidFieldOfStageFit) {
  spa()
      .given(CloseSchedule{"s1"})
      .when(CreateBooking{.check_in = "2026-12-02"_day, .schedule_id = "s1", .customer = john})
      .then_rejected(Code::schedule_closed);
}

// ---- fit ----

TEST(RulePrecedence, InvalidFieldBeforeInvalidRangeOfStageFit) {
  spa()
      .when(CreateBooking{.check_in = "2026-12-02"_day,
                          .schedule_id = "s1",
                          .appointment_at = "2026-12-09T10:00"_local,
                          .customer = john})
      .then_rejected(Code::invalid_field);
}

TEST(RulePrecedence, InvalidRangeBeforeNotInTime) {
  // Three nights cost 1.5 × 10^15, and they are past.
  villa()
      .when(ask(stay("2026-11-02"_day, "2026-11-05"_day)).by(guest))
      .then_rejected(Code::invalid_range);
  spa()
      .at("2026-12-03T00:00:00Z"_utc)
      .when(ask(CreateBooking{.schedule_id = "s1",
                              .appointment_at = "2026-12-09T10:00"_local,
                              .customer = john})
                .by(guest))
      .then_rejected(Code::invalid_range);
}

TEST(RulePrecedence, NotInTimeBeforePartyTooLarge) {
  CreateBooking late = stay("2026-11-02"_day, "2026-11-03"_day);
  late.party_size = 2;
  villa().when(ask(late).by(guest)).then_rejected(Code::not_in_time);
}

TEST(RulePrecedence, PartyTooLargeBeforeStayRestriction) {
  CreateBooking large = stay("2026-12-02"_day, "2026-12-05"_day);
  large.party_size = 2;
  villa()
      .given(ChangeRoom{.nightly_price_minor = 1})
      .when(large)
      .then_rejected(Code::party_too_large);
}

TEST(RulePrecedence, InvalidRangeAgainstWhatIsStoredBeforeCapacityBelowAllocated) {
  villa(1)
      .given(CreateBooking{.status = confirmed,
                           .check_in = "2026-12-02"_day,
                           .check_out = "2026-12-03"_day,
                           .customer = john})
      .when(ChangeRoom{.units = 0, .min_nights = 3})
      .then_rejected(Code::invalid_range);
}

TEST(RulePrecedence, StayRestrictionBeforeAlreadyCheckedIn) {
  villa()
      .given(stay("2026-12-02"_day, "2026-12-03"_day))
      .given(ChangeRoom{.max_nights = 1})
      .given(ask(CheckIn{"villa.1"}).at("2026-12-02T05:00:00Z"_utc))
      .when(RescheduleBooking{
          .booking_id = "villa.1", .check_in = "2026-12-03"_day, .check_out = "2026-12-05"_day})
      .then_rejected(Code::stay_restriction);
}

TEST(RulePrecedence, StayRestrictionBeforeCapacityExceeded) {
  CreateBooking booking = stay("2026-12-02"_day, "2026-12-05"_day);
  booking.status = confirmed;
  villa(0)
      .given(ChangeRoom{.nightly_price_minor = 1})
      .when(booking)
      .then_rejected(Code::stay_restriction);
}

TEST(RulePrecedence, PartyTooLargeBeforeInvalidTransition) {
  villa()
      .given(stay("2026-12-02"_day, "2026-12-03"_day))
      .given(ChangeStatus{"villa.1", cancelled})
      .when(ChangeBooking{.booking_id = "villa.1", .party_size = 2})
      .then_rejected(Code::party_too_large);
}

TEST(RulePrecedence, NotInTimeBeforeAlreadyCheckedInAndInvalidTransition) {
  Story story = villa();
  story.given(stay("2026-12-02"_day, "2026-12-03"_day))
      .given(ask(CheckIn{"villa.1"}).at("2026-12-02T05:00:00Z"_utc))
      .at("2026-12-04T05:00:00Z"_utc);
  story.when(CheckIn{"villa.1"}).then_rejected(Code::not_in_time);
  story.given(ChangeStatus{"villa.1", cancelled});
  story.when(CheckIn{"villa.1"}).then_rejected(Code::not_in_time);
}

// ---- transition, capacity ----

TEST(RulePrecedence, AlreadyCheckedInBeforeInvalidTransition) {
  villa()
      .given(stay("2026-12-02"_day, "2026-12-03"_day))
      .given(ask(CheckIn{"villa.1"}).at("2026-12-02T05:00:00Z"_utc))
      .given(ChangeStatus{"villa.1", completed})
      .when(RescheduleBooking{
          .booking_id = "villa.1", .check_in = "2026-12-03"_day, .check_out = "2026-12-04"_day})
      .then_rejected(Code::already_checked_in);
}

TEST(RulePrecedence, NotCheckedInBeforeInvalidTransition) {
  spa()
      .given(ChangeStatus{"spa.x", cancelled})
      .when(CheckOut{"spa.x"})
      .then_rejected(Code::not_checked_in);
}

TEST(RulePrecedence, AlreadyCheckedOutBeforeInvalidTransition) {
  spa()
      .given(CheckIn{"spa.x"})
      .given(CheckOut{"spa.x"})
      .given(ChangeStatus{"spa.x", cancelled})
      .when(CheckOut{"spa.x"})
      .then_rejected(Code::already_checked_out);
}

TEST(RulePrecedence, InvalidTransitionBeforeCapacityExceeded) {
  // Under on_create a no-show keeps its slot, and two units are more than there are.
  spa()
      .given(ChangeStatus{"spa.x", confirmed})
      .given(ChangeStatus{"spa.x", no_show})
      .when(ChangeBooking{.booking_id = "spa.x", .units = 2})
      .then_rejected(Code::invalid_transition);
}

TEST(RulePrecedence, AlreadyCheckedInBeforeCapacityExceeded) {
  spa()
      .given(AddSchedule{"s2", "2026-12-02"_day, "10:00"_time, "12:00"_time, 0})
      .given(CheckIn{"spa.x"})
      .when(RescheduleBooking{.booking_id = "spa.x", .schedule_id = "s2"})
      .then_rejected(Code::already_checked_in);
}

TEST(RulePrecedence, AnyRejectionBeforeNothingToChange) {
  villa(0)
      .given(stay("2026-12-02"_day, "2026-12-03"_day))
      .when(ask(ChangeStatus{"villa.1", pending}).by(stranger))
      .then_rejected(Code::forbidden_actor);
}

}  // namespace
}  // namespace pesan
