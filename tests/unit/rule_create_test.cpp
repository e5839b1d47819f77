// docs/domain.md#commands, CreateBooking: ids and numbers, defaults, price snapshot, what fits.

#include <string>

#include <gtest/gtest.h>

#include "tests/support/given_when_then.hpp"

namespace pesan {
namespace {

using enum Status;

constexpr Customer john{.name = "John Doe"};

Story counter(const DefineRoom& room = {.name = "Villa", .units = 9}) {
  Story story;
  story.given(room);
  return story;
}

Story nightly(DefineRoom room = {.name = "Hotel", .units = 9}) {
  Story story;
  room.inventory = Inventory::nightly;
  story.given(room);
  return story;
}

Story slots() {
  Story story("spa", "2026-12-01T00:00:00Z"_utc);
  story.given(DefineService{.name = "Spa", .price_minor = 75'000, .duration_minutes = 60})
      .given(AddSchedule{"s1", "2026-12-02"_day, "10:00"_time, "12:00"_time, 9});
  return story;
}

// ---- ids ----

TEST(RuleIds, TheEngineCountsFromOnePerResource) {
  Story story = counter();
  story.given(ask(DefineRoom{.name = "Hut", .units = 9}).of("hut"));
  const CreateBooking book{.customer = john};
  story.when(book).then("BookingCreated", R"({"booking_id":"villa.1"})");
  story.when(ask(book).of("hut")).then("BookingCreated", R"({"booking_id":"hut.1"})");
  story.when(book).then("BookingCreated", R"({"booking_id":"villa.2"})");
}

TEST(RuleIds, RefusedBookingsAndThoseWithTheirOwnIdAreNotCounted) {
  Story story = counter({.name = "Villa", .units = 1});
  const CreateBooking book{.status = confirmed, .customer = john};
  story.given(CreateBooking{.booking_id = "villa.mine", .customer = john});
  story.given(book);
  story.when(book).then_rejected(Code::capacity_exceeded);
  story.when(CreateBooking{.customer = john}).then("BookingCreated", R"({"booking_id":"villa.2"})");
}

TEST(RuleIds, AnOwnIdThatIsTakenIsRefused) {
  counter()
      .given(CreateBooking{.booking_id = "villa.a-1", .customer = john})
      .when(CreateBooking{.booking_id = "villa.a-1", .customer = john})
      .then_rejected(Code::booking_exists);
}

TEST(RuleIds, TheNumberIsTheSequenceTimes1024PlusThePartition) {
  State state;
  Scratch scratch;
  const Command define{
      .resource = "villa", .actor = admin, .body = DefineRoom{.name = "Villa", .units = 1}};
  const auto defined = decide(state, define, {noon, {1}, {3}}, scratch);
  state.evolve({.resource = "villa", .version = {1}, .event = **defined}, noon);
  const Command book{.resource = "villa", .actor = admin, .body = CreateBooking{.customer = john}};
  const auto decision = decide(state, book, {noon, {41}, {3}}, scratch);
  EXPECT_EQ(std::get<BookingCreated>((*decision)->body).number, 41 * 1024 + 3);
}

// ---- defaults ----

TEST(RuleDefaults, ABookingIsOneUnitPendingAndUnpaid) {
  counter()
      .when(CreateBooking{.customer = john})
      .then("BookingCreated", R"({"units":1,"status":{"from":null,"to":"pending"},
                                  "payment":{"from":null,"to":"unpaid"}})");
}

TEST(RuleDefaults, ARoomIsInRupiahInJakartaActiveAndNotOverbooked) {
  Story story;
  story.when(DefineRoom{.name = "Villa", .units = 1})
      .then("RoomDefined",
            R"({"name":"Villa","units":1,"inventory":"counter","currency":"IDR",
                "timezone":"Asia/Jakarta","active":true,"overbook_limit":0,
                "occupancy":"on_confirm"})");
}

TEST(RuleDefaults, AServiceIsInRupiahInJakartaActiveAndNotOverbooked) {
  Story story;
  story.when(DefineService{.name = "Spa", .price_minor = 1, .duration_minutes = 60})
      .then("ServiceDefined",
            R"({"name":"Spa","price_minor":1,"duration_minutes":60,"currency":"IDR",
                "timezone":"Asia/Jakarta","active":true,"overbook_limit":0,
                "occupancy":"on_create"})");
}

// ---- price ----

TEST(RulePrice, ARoomsTotalIsPriceTimesNightsTimesUnits) {
  nightly({.name = "Hotel", .units = 9, .nightly_price_minor = 150'000, .currency = "USD"})
      .when(CreateBooking{.units = 2,
                          .check_in = "2026-12-02"_day,
                          .check_out = "2026-12-05"_day,
                          .customer = john})
      .then("BookingCreated",
            R"({"price_minor":150000,"currency":"USD","nights":3,"total_minor":900000})");
}

TEST(RulePrice, AServicesTotalIsPriceTimesUnits) {
  slots()
      .when(CreateBooking{.units = 2, .schedule_id = "s1", .customer = john})
      .then("BookingCreated", R"({"price_minor":75000,"currency":"IDR","total_minor":150000})");
}

TEST(RulePrice, WithoutAPriceThereIsNoCurrencyAndNoTotal) {
  const Then answer = nightly().when(
      CreateBooking{.check_in = "2026-12-02"_day, .check_out = "2026-12-05"_day, .customer = john});
  answer.then("BookingCreated", R"({"nights":3})");
  for (const auto* field : {"price_minor", "currency", "total_minor"}) {
    EXPECT_EQ(answer.data().find(field), std::string::npos) << field;
  }
}

TEST(RulePrice, ARoomBookedWithoutNightsHasAPriceAndNoTotal) {
  const Then answer = counter({.name = "Villa", .units = 1, .nightly_price_minor = 100})
                          .when(CreateBooking{.customer = john});
  answer.then("BookingCreated", R"({"price_minor":100,"currency":"IDR"})");
  EXPECT_EQ(answer.data().find("total_minor"), std::string::npos);
}

TEST(RulePrice, ATotalMayBeTenToTheFifteenthAndNoMore) {
  const CreateBooking two_nights{
      .check_in = "2026-12-02"_day, .check_out = "2026-12-04"_day, .customer = john};
  nightly({.name = "Hotel", .units = 9, .nightly_price_minor = 500'000'000'000'000})
      .when(two_nights)
      .then("BookingCreated", R"({"total_minor":1000000000000000})");
  nightly({.name = "Hotel", .units = 9, .nightly_price_minor = 500'000'000'000'001})
      .when(two_nights)
      .then_rejected(Code::invalid_range);
}

TEST(RulePrice, TheLargestOfEverythingIsRefusedAndDoesNotOverflow) {
  nightly({.name = "Hotel", .units = 1'000'000, .nightly_price_minor = 1'000'000'000'000'000})
      .when(CreateBooking{.units = 10'000,
                          .check_in = "2026-12-02"_day,
                          .check_out = "2036-12-09"_day,
                          .customer = john})
      .then_rejected(Code::invalid_range);
}

// ---- booked_for ----

TEST(RuleBookedFor, AStaysCheckInAtMidnight) {
  nightly()
      .when(CreateBooking{
          .check_in = "2026-12-02"_day, .check_out = "2026-12-05"_day, .customer = john})
      .then("BookingCreated", R"({"booked_for":"2026-12-02T00:00:00.000"})");
}

TEST(RuleBookedFor, TheAppointmentElseTheSlotsDateAndStart) {
  slots()
      .when(CreateBooking{.schedule_id = "s1", .customer = john})
      .then("BookingCreated", R"({"booked_for":"2026-12-02T10:00:00.000"})");
  slots()
      .when(CreateBooking{
          .schedule_id = "s1", .appointment_at = "2026-12-02T11:00"_local, .customer = john})
      .then("BookingCreated",
            R"({"booked_for":"2026-12-02T11:00:00.000","date":"2026-12-02","start":"10:00",
                "end":"12:00","appointment_at":"2026-12-02T11:00:00.000"})");
}

TEST(RuleBookedFor, ElseNowAsTheResourcesClockShowsIt) {
  counter()
      .at("2026-12-01T20:15:30.250Z"_utc)
      .when(CreateBooking{.customer = john})
      .then("BookingCreated", R"({"booked_for":"2026-12-02T03:15:30.250"})");
}

// Story reads every event back: this one could not be read.
TEST(RuleBookedFor, WestOfGreenwichAtTheVeryBeginningItIsIn1969) {
  Story story("villa", Instant{0});
  story.given(DefineRoom{.name = "Villa", .units = 1, .timezone = "America/New_York"})
      .when(CreateBooking{.customer = john})
      .then("BookingCreated", R"({"booked_for":"1969-12-31T19:00:00.000"})");
}

// ---- what this inventory needs and refuses ----

TEST(RuleFit, NightlyNeedsBothDates) {
  nightly()
      .when(CreateBooking{.customer = john})
      .then_rejected(Code::invalid_field, R"({"field":"check_in"})");
  nightly()
      .when(CreateBooking{.check_in = "2026-12-02"_day, .customer = john})
      .then_rejected(Code::invalid_field, R"({"field":"check_out"})");
  nightly()
      .when(CreateBooking{.check_out = "2026-12-02"_day, .customer = john})
      .then_rejected(Code::invalid_field, R"({"field":"check_in"})");
}

TEST(RuleFit, CounterTakesBothDatesOrNeither) {
  Story story = counter();
  story.when(CreateBooking{.customer = john}).then("BookingCreated");
  story
      .when(CreateBooking{
          .check_in = "2026-12-02"_day, .check_out = "2026-12-03"_day, .customer = john})
      .then("BookingCreated", R"({"nights":1})");
  story.when(CreateBooking{.check_in = "2026-12-02"_day, .customer = john})
      .then_rejected(Code::invalid_field, R"({"field":"check_out"})");
  story.when(CreateBooking{.check_out = "2026-12-02"_day, .customer = john})
      .then_rejected(Code::invalid_field, R"({"field":"check_in"})");
}

TEST(RuleFit, ARoomTakesNoScheduleWhichIsNotLookedUp) {
  counter()
      .when(CreateBooking{.schedule_id = "nowhere", .customer = john})
      .then_rejected(Code::invalid_field, R"({"field":"schedule_id"})");
}

TEST(RuleFit, ARoomTakesNoAppointment) {
  counter()
      .when(CreateBooking{.appointment_at = "2026-12-02T10:00"_local, .customer = john})
      .then_rejected(Code::invalid_field, R"({"field":"appointment_at"})");
}

TEST(RuleFit, AServiceNeedsAScheduleAndTakesNoDates) {
  Story story = slots();
  story.when(CreateBooking{.customer = john})
      .then_rejected(Code::invalid_field, R"({"field":"schedule_id"})");
  story.when(CreateBooking{.check_out = "2026-12-02"_day, .schedule_id = "s1", .customer = john})
      .then_rejected(Code::invalid_field, R"({"field":"check_out"})");
}

TEST(RuleFit, TheFirstOfDatesScheduleAndAppointmentAtFaultIsNamed) {
  nightly()
      .when(CreateBooking{.check_in = "2026-12-02"_day,
                          .schedule_id = "s1",
                          .appointment_at = "2026-12-02T10:00"_local,
                          .customer = john})
      .then_rejected(Code::invalid_field, R"({"field":"check_out"})");
  counter()
      .when(CreateBooking{
          .schedule_id = "s1", .appointment_at = "2026-12-02T10:00"_local, .customer = john})
      .then_rejected(Code::invalid_field, R"({"field":"schedule_id"})");
}

TEST(RuleFit, AnAppointmentLiesWithinItsSlotFromStartToBeforeEnd) {
  Story story = slots();
  const auto at = [](LocalDateTime when) {
    return CreateBooking{.schedule_id = "s1", .appointment_at = when, .customer = john};
  };
  story.when(at("2026-12-02T09:59"_local)).then_rejected(Code::invalid_range);
  story.when(at("2026-12-02T12:00"_local)).then_rejected(Code::invalid_range);
  story.when(at("2026-12-03T11:00"_local)).then_rejected(Code::invalid_range);
  story.when(at("2026-12-02T10:00"_local)).then("BookingCreated");
  story.when(at("2026-12-02T11:59"_local)).then("BookingCreated");
}

TEST(RuleFit, ASlotThatEndsAtMidnightTakesTheLastMinute) {
  Story story("spa", "2026-12-01T00:00:00Z"_utc);
  story.given(DefineService{.name = "Spa", .price_minor = 0, .duration_minutes = 60})
      .given(AddSchedule{"night", "2026-12-02"_day, "22:00"_time, "24:00"_time, 1})
      .when(CreateBooking{
          .schedule_id = "night", .appointment_at = "2026-12-02T23:59"_local, .customer = john})
      .then("BookingCreated", R"({"end":"24:00"})");
}

TEST(RuleFit, APartyMayBeMaxPartyTimesUnits) {
  Story story = counter({.name = "Villa", .units = 9, .max_party = 3});
  story.when(CreateBooking{.units = 2, .party_size = 6, .customer = john})
      .then("BookingCreated", R"({"party_size":6})");
  story.when(CreateBooking{.units = 2, .party_size = 7, .customer = john})
      .then_rejected(Code::party_too_large);
  story.when(CreateBooking{.customer = john}).then("BookingCreated");
}

TEST(RuleFit, NightsAreBoundedByMinAndMaxNights) {
  Story story = nightly({.name = "Hotel", .units = 9, .min_nights = 2, .max_nights = 3});
  const auto until = [](Date out) {
    return CreateBooking{.check_in = "2026-12-02"_day, .check_out = out, .customer = john};
  };
  story.when(until("2026-12-03"_day))
      .then_rejected(Code::stay_restriction, R"({"nights":1,"min_nights":2})");
  story.when(until("2026-12-04"_day)).then("BookingCreated");
  story.when(until("2026-12-05"_day)).then("BookingCreated");
  story.when(until("2026-12-06"_day))
      .then_rejected(Code::stay_restriction, R"({"nights":4,"max_nights":3})");
}

TEST(RuleFit, MinAndMaxNightsApplyToWhateverHasNights) {
  Story story = counter({.name = "Villa", .units = 9, .min_nights = 2});
  story.when(CreateBooking{.customer = john}).then("BookingCreated");
  story
      .when(CreateBooking{
          .check_in = "2026-12-02"_day, .check_out = "2026-12-03"_day, .customer = john})
      .then_rejected(Code::stay_restriction);
}

// ---- guards ----

TEST(RuleInactive, RefusesCreateBookingOnly) {
  Story story = counter();
  story.given(CreateBooking{.customer = john}).given(ChangeRoom{.active = false});
  story.when(CreateBooking{.customer = john}).then_rejected(Code::resource_inactive);
  story.when(ChangeStatus{"villa.1", confirmed}).then("BookingStatusChanged");
  story.when(CheckIn{"villa.1"}).then("BookingCheckedIn");
}

TEST(RuleClosed, AClosedScheduleRefusesCreateBookingUntilItIsOpenedAgain) {
  Story story = slots();
  const CreateBooking book{.schedule_id = "s1", .customer = john};
  story.given(CloseSchedule{"s1"}).when(book).then_rejected(Code::schedule_closed);
  story.given(OpenSchedule{"s1"}).when(book).then("BookingCreated");
}

}  // namespace
}  // namespace pesan
