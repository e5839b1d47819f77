// docs/domain.md#changes: ChangeBooking, RecordPayment, DeleteBooking; no change is accepted
// without an event.

#include <string>

#include <gtest/gtest.h>

#include "tests/support/given_when_then.hpp"

namespace pesan {
namespace {

using enum Status;

constexpr Customer john{.name = "John Doe", .phone = "08123456789"};

Story villa(Status status = pending) {
  Story story;
  story.given(DefineRoom{.name = "Villa", .units = 9, .nightly_price_minor = 100, .max_party = 2})
      .given(CreateBooking{
          .units = 2,
          .party_size = 3,
          .check_in = "2026-12-02"_day,
          .check_out = "2026-12-04"_day,
          .customer = john,
          .particulars = {.subject = Subject{.type = "dog", .id = "d-1", .name = "Rex"},
                          .staff_id = "st-1",
                          .notes = "late"}});
  if (status == no_show) story.given(ChangeStatus{"villa.1", confirmed});
  if (status != pending) story.given(ask(ChangeStatus{"villa.1", status}).by(the_system));
  return story;
}

ChangeBooking change() { return {.booking_id = "villa.1"}; }

TEST(RuleChangeBooking, OnlyAnOpenBookingChanges) {
  for (const Status status : {pending, confirmed, in_progress}) {
    villa(status)
        .when(ChangeBooking{.booking_id = "villa.1", .particulars = {.notes = "x"}})
        .then("BookingChanged");
  }
  for (const Status status : {completed, cancelled, no_show, expired}) {
    villa(status)
        .when(ChangeBooking{.booking_id = "villa.1", .particulars = {.notes = "x"}})
        .then_rejected(Code::invalid_transition);
  }
}

TEST(RuleChangeBooking, WhatIsGivenReplacesAndTheTotalFollowsTheUnits) {
  villa()
      .when(ChangeBooking{.booking_id = "villa.1", .units = 3, .party_size = 6})
      .then("BookingChanged", R"({"units":3,"party_size":6,"total_minor":600})");
}

TEST(RuleChangeBooking, CustomerAndSubjectAreReplacedWhole) {
  const Then answer = villa().when(
      ChangeBooking{.booking_id = "villa.1", .customer = Customer{.name = "Jane Doe"}});
  answer.then("BookingChanged", R"({"customer":{"name":"Jane Doe"}})");
  EXPECT_EQ(answer.data().find("0812"), std::string::npos);
}

TEST(RuleChangeBooking, WhatIsNotGivenIsNotSaid) {
  const Then answer =
      villa().when(ChangeBooking{.booking_id = "villa.1", .particulars = {.notes = "early"}});
  answer.then("BookingChanged", R"({"notes":"early"})");
  for (const auto* field : {"customer", "subject", "staff_id"}) {
    EXPECT_EQ(answer.data().find(field), std::string::npos) << field;
  }
}

TEST(RuleChangeBooking, AnEmptyNoteIsGivenAndReplaces) {
  Story story = villa();
  story.when(ChangeBooking{.booking_id = "villa.1", .particulars = {.notes = ""}})
      .then("BookingChanged", R"({"notes":""})");
  story.when(ChangeBooking{.booking_id = "villa.1", .particulars = {.notes = ""}}).then_nothing();
}

TEST(RuleChangeBooking, TheSameValuesChangeNothing) {
  Story story = villa();
  story.when(change()).then_nothing();
  story
      .when(ChangeBooking{
          .booking_id = "villa.1",
          .units = 2,
          .party_size = 3,
          .customer = john,
          .particulars = {.subject = Subject{.type = "dog", .id = "d-1", .name = "Rex"},
                          .staff_id = "st-1",
                          .notes = "late"}})
      .then_nothing();
}

TEST(RuleChangeBooking, ACustomerWithOneFieldLessIsAChange) {
  villa()
      .when(ChangeBooking{.booking_id = "villa.1", .customer = Customer{.name = "John Doe"}})
      .then("BookingChanged");
}

TEST(RuleChangeBooking, NothingToChangeIsJudgedLast) {
  villa(cancelled).when(change()).then_rejected(Code::invalid_transition);
  villa(cancelled)
      .when(ChangeBooking{.booking_id = "villa.1", .particulars = {.notes = "late"}})
      .then_rejected(Code::invalid_transition);
}

TEST(RuleChangeBooking, APartyIsJudgedOnTheValuesAfter) {
  Story story = villa();  // two in a unit, three guests in two units
  story.when(ChangeBooking{.booking_id = "villa.1", .party_size = 5})
      .then_rejected(Code::party_too_large);
  story.when(ChangeBooking{.booking_id = "villa.1", .units = 1})
      .then_rejected(Code::party_too_large);
  story.when(ChangeBooking{.booking_id = "villa.1", .units = 3, .party_size = 6})
      .then("BookingChanged");
}

TEST(RuleChangeBooking, APartyIsJudgedOnlyWhereUnitsOrPartySizeIsGiven) {
  Story story = villa();
  story.given(ChangeRoom{.max_party = 1});  // three guests in two units: too many by now
  story.when(ChangeBooking{.booking_id = "villa.1", .particulars = {.notes = "x"}})
      .then("BookingChanged");
  story.when(ChangeBooking{.booking_id = "villa.1", .units = 2})
      .then_rejected(Code::party_too_large);
}

TEST(RuleChangeBooking, ATotalAboveTheBoundIsAnInvalidRange) {
  Story story;
  story.given(DefineRoom{.name = "Villa", .units = 9, .nightly_price_minor = 500'000'000'000'000})
      .given(CreateBooking{
          .check_in = "2026-12-02"_day, .check_out = "2026-12-03"_day, .customer = john});
  story.given(ChangeBooking{.booking_id = "villa.1", .units = 2});  // 10^15 exactly
  story.when(ChangeBooking{.booking_id = "villa.1", .units = 3}).then_rejected(Code::invalid_range);
}

// ---- payment ----

TEST(RulePayment, FromAnyStatusToAnyPaymentStatus) {
  for (const Status status :
       {pending, confirmed, in_progress, completed, cancelled, no_show, expired}) {
    for (const Payment to : {Payment::partial, Payment::refunded, Payment::paid, Payment::unpaid}) {
      Story story = villa(status);
      if (to == Payment::unpaid) story.given(RecordPayment{"villa.1", Payment::paid});
      story.when(RecordPayment{"villa.1", to}).then("PaymentRecorded");
      EXPECT_EQ(story.booking("villa.1").payment, to);
    }
  }
}

TEST(RulePayment, SaysBothSidesAndWhatWasGiven) {
  villa()
      .when(RecordPayment{.booking_id = "villa.1",
                          .status = Payment::partial,
                          .amount_minor = 50'000,
                          .method = PaymentMethod::ewallet,
                          .transaction_id = "t-1"})
      .then("PaymentRecorded",
            R"({"payment":{"from":"unpaid","to":"partial"},"amount_minor":50000,
                "method":"ewallet","transaction_id":"t-1",
                "status":{"from":"pending","to":"pending"}})");
}

TEST(RulePayment, TheSameStatusAndNoAmountChangeNothing) {
  Story story = villa();
  story.when(RecordPayment{.booking_id = "villa.1", .status = Payment::unpaid}).then_nothing();
  story
      .when(RecordPayment{.booking_id = "villa.1",
                          .status = Payment::unpaid,
                          .method = PaymentMethod::cash,
                          .transaction_id = "t-1"})
      .then_nothing();
}

TEST(RulePayment, TheSameStatusWithAnAmountIsAPayment) {
  Story story = villa();
  for (const std::int64_t amount : {0, 1}) {
    story
        .when(RecordPayment{
            .booking_id = "villa.1", .status = Payment::unpaid, .amount_minor = amount})
        .then("PaymentRecorded");
  }
}

TEST(RulePayment, UnderOnPaymentAPaidPendingBookingOccupiesAndARefundReturnsIt) {
  Story story("studio");
  story.given(DefineRoom{.name = "Studio", .units = 1, .occupancy = Occupancy::on_payment})
      .given(CreateBooking{.customer = john})
      .given(RecordPayment{"studio.1", Payment::partial});
  EXPECT_EQ(story.held("*"), 1);
  story.given(RecordPayment{"studio.1", Payment::refunded});
  EXPECT_EQ(story.held("*"), 0);
}

// ---- deletion ----

TEST(RuleDelete, FromAnyStatusAndReleasesWhatIsHeld) {
  for (const Status status :
       {pending, confirmed, in_progress, completed, cancelled, no_show, expired}) {
    Story story = villa(status);
    story.when(DeleteBooking{"villa.1"}).then("BookingDeleted", R"({"held":{"to":null}})");
    EXPECT_EQ(story.held("*"), 0);
  }
}

TEST(RuleDelete, ADeletedBookingIsNotFoundByAnything) {
  Story story = villa(confirmed);
  story.given(DeleteBooking{"villa.1"});
  story.when(DeleteBooking{"villa.1"}).then_rejected(Code::booking_not_found);
  story.when(CheckIn{"villa.1"}).then_rejected(Code::booking_not_found);
  story.when(RecordPayment{"villa.1", Payment::paid}).then_rejected(Code::booking_not_found);
}

TEST(RuleDelete, TheIdStaysTaken) {
  Story story;
  story.given(DefineRoom{.name = "Villa", .units = 1})
      .given(CreateBooking{.booking_id = "villa.x", .customer = john})
      .given(DeleteBooking{"villa.x"})
      .when(CreateBooking{.booking_id = "villa.x", .customer = john})
      .then_rejected(Code::booking_exists);
}

TEST(RuleDelete, AnAssignedNumberIsNotGivenAgain) {
  Story story;
  story.given(DefineRoom{.name = "Villa", .units = 1})
      .given(CreateBooking{.customer = john})
      .given(DeleteBooking{"villa.1"})
      .when(CreateBooking{.customer = john})
      .then("BookingCreated", R"({"booking_id":"villa.2"})");
}

// ---- expected_version ----

TEST(RuleExpectedVersion, IsThatOfTheLastEventThatTouchedTheBooking) {
  Story story = villa();  // 1 defined, 2 created
  story
      .given(CreateBooking{.customer = john})      // 3, another booking
      .given(ChangeStatus{"villa.1", confirmed});  // 4
  story.given(ChangeRoom{.name = "Villa Two"});    // 5, the room alone
  story.when(ask(CheckIn{"villa.1"}).expecting(5))
      .then_rejected(Code::version_conflict, R"({"expected":5,"actual":4})");
  story.when(ask(CheckIn{"villa.1"}).expecting(3)).then_rejected(Code::version_conflict);
  story.when(ask(CheckIn{"villa.1"}).expecting(4)).then("BookingCheckedIn");
}

TEST(RuleExpectedVersion, IsJudgedAlsoWhereNothingWouldChange) {
  villa()
      .when(ask(ChangeStatus{"villa.1", pending}).expecting(1))
      .then_rejected(Code::version_conflict);
  villa().when(ask(ChangeStatus{"villa.1", pending}).expecting(2)).then_nothing();
}

TEST(RuleExpectedVersion, EveryCommandOnABookingKnowsIt) {
  const Asked all[] = {ask(ChangeStatus{"villa.1", confirmed}),
                       ask(CheckIn{"villa.1"}),
                       ask(CheckOut{"villa.1"}),
                       ask(RescheduleBooking{.booking_id = "villa.1"}),
                       ask(change()),
                       ask(RecordPayment{"villa.1", Payment::paid}),
                       ask(DeleteBooking{"villa.1"})};
  for (Asked one : all) {
    villa().when(one.expecting(7)).then_rejected(Code::version_conflict);
  }
}

TEST(RuleReason, TravelsWithTheEvent) {
  villa()
      .when(ask(ChangeStatus{"villa.1", cancelled}).because("ill"))
      .then("BookingStatusChanged", R"({"reason":"ill"})");
}

}  // namespace
}  // namespace pesan
