// docs/holds.md#timers: what is due, from both sides of each instant.

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/given_when_then.hpp"

namespace pesan {
namespace {

using enum Status;

constexpr Customer john{.name = "John Doe"};
constexpr Instant half_past{noon.ms + 30 * ms_per_minute};  // 2026-12-01T05:30:00Z

Instant before(Instant instant) { return {instant.ms - 1}; }

Story counter() {
  Story story;
  story.given(DefineRoom{.name = "Villa", .units = 9});
  return story;
}

/// A booking `villa.1` on hold until half past noon.
Story on_hold() {
  Story story = counter();
  story.given(CreateBooking{.customer = john, .hold_until = half_past});
  return story;
}

/// A confirmed stay `hotel.1` from the 2nd to the 4th; who has not come by 02:00 of the 2nd in
/// Jakarta, which is 19:00Z of the 1st, is late.
Story expected() {
  Story story("hotel");
  story
      .given(DefineRoom{
          .name = "Hotel", .units = 9, .inventory = Inventory::nightly, .no_show_minutes = 120})
      .given(CreateBooking{.status = confirmed,
                           .check_in = "2026-12-02"_day,
                           .check_out = "2026-12-04"_day,
                           .customer = john});
  return story;
}
constexpr Instant late{1'796'151'600'000};  // 2026-12-01T19:00:00Z

Asked expiry(std::string_view id = "villa.1") {
  return ask(RunTimer{BookingId{id}, Timer::expiry}).by(the_system);
}
Asked no_show_of(std::string_view id = "hotel.1") {
  return ask(RunTimer{BookingId{id}, Timer::no_show}).by(the_system);
}

/// Ids and instants of all that will ever be due, in order.
std::vector<std::string> timers_of(const Story& story) {
  std::vector<std::string> all;
  for_each_due(story.state(), Instant{std::numeric_limits<std::int64_t>::max()},
               [&](std::uint32_t number, const BookingTimer& timer) {
                 const Booking& booking = story.state().bookings()[number];
                 all.push_back(fmt::format("{} {}.{} {}", name_of(timer.timer),
                                           story.state().resource_of(booking).id, booking.suffix(),
                                           to_string(timer.due)));
                 return true;
               });
  return all;
}

// ---- expiry ----

TEST(RuleExpiry, AHoldEndsAtItsInstantAndNotBefore) {
  on_hold().when(expiry().at(before(half_past))).then_rejected(Code::not_due);
  on_hold().when(expiry().at(half_past)).then("BookingStatusChanged", R"({
      "status":{"from":"pending","to":"expired"},"occupies":{"from":true,"to":false},
      "held":{"from":{"buckets":"*","units":1},"to":null}})");
}

TEST(RuleExpiry, WithMoneyOnItAHoldDoesNotEndByItself) {
  const auto paid = [](Payment payment) {
    Story story = on_hold();
    if (payment != Payment::unpaid) story.given(RecordPayment{"villa.1", payment});
    return story.when(expiry().at(half_past)).word();
  };
  EXPECT_EQ(paid(Payment::unpaid), "accepted");
  EXPECT_EQ(paid(Payment::partial), "not_due");
  EXPECT_EQ(paid(Payment::paid), "not_due");
  EXPECT_EQ(paid(Payment::refunded), "accepted");
}

TEST(RuleExpiry, WhoTouchesAHoldLateHasNotMovedIt) {
  Story story = on_hold();
  story.at({half_past.ms + 1}).given(ChangeBooking{.booking_id = "villa.1", .party_size = 2});
  story.when(expiry()).then("BookingStatusChanged");
}

TEST(RuleExpiry, AHoldThatIsMovedEndsAtItsNewInstant) {
  Story story = on_hold();
  const Instant later{half_past.ms + ms_per_minute};
  story.given(ChangeBooking{.booking_id = "villa.1", .hold_until = later});
  story.when(expiry().at(before(later))).then_rejected(Code::not_due);
  story.when(expiry().at(later)).then("BookingStatusChanged");
}

TEST(RuleExpiry, ABookingThatIsNotOnHoldHasNone) {
  Story story = counter();
  story.given(CreateBooking{.customer = john}).when(expiry()).then_rejected(Code::not_due);
  story.given(ChangeStatus{"villa.1", confirmed}).when(expiry()).then_rejected(Code::not_due);
}

// ---- no_show ----

TEST(RuleNoShow, OfAStayItIsItsCheckInAtMidnightAndTheMinutes) {
  expected().when(no_show_of().at(before(late))).then_rejected(Code::not_due);
  expected().when(no_show_of().at(late)).then("BookingStatusChanged", R"({
      "status":{"from":"confirmed","to":"no_show"},"occupies":{"from":true,"to":false}})");
}

TEST(RuleNoShow, OfASlotItIsTheAppointmentOrElseTheStart) {
  const auto at = [](std::optional<LocalDateTime> appointment, Instant now) {
    Story story("spa");
    story
        .given(DefineService{
            .name = "Spa", .price_minor = 1, .duration_minutes = 60, .no_show_minutes = 15})
        .given(AddSchedule{"s1", "2026-12-02"_day, "10:00"_time, "12:00"_time, 9})
        .given(CreateBooking{.status = confirmed,
                             .schedule_id = "s1",
                             .appointment_at = appointment,
                             .customer = john});
    const Then answer = story.when(no_show_of("spa.1").at(now));
    EXPECT_EQ(story.held("s1"), 1) << "an on_create service keeps its slot";
    return answer.word();
  };
  EXPECT_EQ(at({}, "2026-12-02T03:14:59.999Z"_utc), "not_due");
  EXPECT_EQ(at({}, "2026-12-02T03:15:00Z"_utc), "accepted");
  EXPECT_EQ(at("2026-12-02T11:00"_local, "2026-12-02T04:14:59.999Z"_utc), "not_due");
  EXPECT_EQ(at("2026-12-02T11:00"_local, "2026-12-02T04:15:00Z"_utc), "accepted");
}

TEST(RuleNoShow, ACounterStayHasOneByItsDatesAndNoneWithoutThem) {
  Story story;
  story.given(DefineRoom{.name = "Villa", .units = 9, .no_show_minutes = 120})
      .given(CreateBooking{.status = confirmed, .customer = john})
      .given(CreateBooking{.status = confirmed,
                           .check_in = "2026-12-02"_day,
                           .check_out = "2026-12-04"_day,
                           .customer = john});
  story.at("2027-12-01T00:00:00Z"_utc).when(no_show_of("villa.1")).then_rejected(Code::not_due);
  story.when(no_show_of("villa.2")).then("BookingStatusChanged");
}

TEST(RuleNoShow, OnlyAConfirmedBookingWhoseGuestHasNotComeHasOne) {
  const auto after = [](const Asked& asked) {
    Story story = expected();
    story.given(asked);
    return story.when(no_show_of().at(late)).word();
  };
  EXPECT_EQ(after(ask(ChangeStatus{"hotel.1", in_progress})), "not_due");
  EXPECT_EQ(after(ask(ChangeStatus{"hotel.1", pending})), "not_due");
  EXPECT_EQ(after(ask(ChangeStatus{"hotel.1", cancelled})), "not_due");
  EXPECT_EQ(after(ask(CheckIn{"hotel.1"}).at("2026-12-01T17:00:00Z"_utc)), "not_due");
  EXPECT_EQ(after(ask(ChangeRoom{.no_show_minutes = 0})), "not_due");
}

TEST(RuleNoShow, WhoTouchesABookingLateHasLookedAtIt) {
  const auto touched_at = [](Instant instant) {
    Story story = expected();
    story.at(instant).given(ChangeBooking{.booking_id = "hotel.1", .party_size = 2});
    return story.when(no_show_of().at({late.ms + ms_per_day})).word();
  };
  EXPECT_EQ(touched_at(before(late)), "accepted");
  EXPECT_EQ(touched_at(late), "not_due");
  EXPECT_EQ(touched_at({late.ms + 1}), "not_due");
}

TEST(RuleNoShow, OneWhoBooksLateIsNotANoShow) {
  Story story("hotel");
  story
      .given(DefineRoom{
          .name = "Hotel", .units = 9, .inventory = Inventory::nightly, .no_show_minutes = 120})
      .given(ask(CreateBooking{.status = confirmed,
                               .check_in = "2026-12-02"_day,
                               .check_out = "2026-12-04"_day,
                               .customer = john})
                 .at(late))
      .when(no_show_of().at("2026-12-03T00:00:00Z"_utc))
      .then_rejected(Code::not_due);
}

TEST(RuleNoShow, WhoIsMovedToALaterDayIsAwaitedAgain) {
  Story story = expected();
  story.at({late.ms + 1})
      .given(RescheduleBooking{
          .booking_id = "hotel.1", .check_in = "2026-12-03"_day, .check_out = "2026-12-04"_day});
  story.when(no_show_of().at({late.ms + ms_per_day - 1})).then_rejected(Code::not_due);
  story.when(no_show_of().at({late.ms + ms_per_day})).then("BookingStatusChanged");
}

TEST(RuleNoShow, OtherMinutesCountFromWhenTheyAreSet) {
  // 60 minutes: late at 18:00Z.
  const auto set_at = [](Instant instant) {
    Story story = expected();
    story.given(ask(ChangeRoom{.no_show_minutes = 60}).at(instant));
    return story.when(no_show_of().at({late.ms + ms_per_day})).word();
  };
  EXPECT_EQ(set_at("2026-12-01T17:59:59.999Z"_utc), "accepted");
  EXPECT_EQ(set_at("2026-12-01T18:00:00Z"_utc), "not_due");
  Story same = expected();
  same.given(ask(ChangeRoom{.units = 8, .no_show_minutes = 120}).at({late.ms + 1}));
  same.when(no_show_of()).then("BookingStatusChanged");
}

TEST(RuleNoShow, MinutesThatAreTakenAwayAndGivenAgainCountFromThen) {
  Story story = expected();
  story.given(ask(ChangeRoom{.no_show_minutes = 0}).at(before(late)))
      .given(ask(ChangeRoom{.no_show_minutes = 120}).at(late));
  story.when(no_show_of()).then_rejected(Code::not_due);
}

TEST(RuleNoShow, WhereClocksGoForwardOverTheLocalTimeItIsTheChange) {
  // New York, 2018-03-11: 02:00 becomes 03:00 at 07:00Z.
  Story story("hotel", "2018-03-01T00:00:00Z"_utc);
  story
      .given(DefineRoom{.name = "Hotel",
                        .units = 9,
                        .inventory = Inventory::nightly,
                        .no_show_minutes = 150,
                        .timezone = "America/New_York"})
      .given(CreateBooking{.status = confirmed,
                           .check_in = "2018-03-11"_day,
                           .check_out = "2018-03-12"_day,
                           .customer = john});
  story.when(no_show_of().at("2018-03-11T06:59:59.999Z"_utc)).then_rejected(Code::not_due);
  story.when(no_show_of().at("2018-03-11T07:00:00Z"_utc)).then("BookingStatusChanged");
}

TEST(RuleNoShow, WhereClocksGoBackOverTheLocalTimeItIsTheFirstOfTheTwo) {
  // New York, 2018-11-04: 01:30 comes at 05:30Z and at 06:30Z.
  Story story("hotel", "2018-11-01T00:00:00Z"_utc);
  story
      .given(DefineRoom{.name = "Hotel",
                        .units = 9,
                        .inventory = Inventory::nightly,
                        .no_show_minutes = 90,
                        .timezone = "America/New_York"})
      .given(CreateBooking{.status = confirmed,
                           .check_in = "2018-11-04"_day,
                           .check_out = "2018-11-05"_day,
                           .customer = john});
  story.when(no_show_of().at("2018-11-04T05:29:59.999Z"_utc)).then_rejected(Code::not_due);
  story.when(no_show_of().at("2018-11-04T05:30:00Z"_utc)).then("BookingStatusChanged");
}

// ---- the end of a backfill, and a clock that was set back ----

TEST(RuleNoShow, WhoWasLateWhenABackfillEndedStaysAsTheyAre) {
  const auto word = [](Instant switched) {
    Story story = expected();
    const_cast<State&>(story.state()).switch_clock(switched);
    return story.when(no_show_of().at({late.ms + ms_per_day})).word();
  };
  EXPECT_EQ(word(before(late)), "accepted");
  EXPECT_EQ(word(late), "not_due");
}

TEST(RuleNoShow, AfterAMendedClockLaterTimesCountAsWhereItWasSetBackTo) {
  const auto word = [](Instant touched, Instant mended) {
    Story story = expected();
    story.given(ask(ChangeBooking{.booking_id = "hotel.1", .party_size = 2}).at(touched));
    const_cast<State&>(story.state()).mend_clock(mended);
    return story.when(no_show_of().at({late.ms + ms_per_day})).word();
  };
  EXPECT_EQ(word("2030-01-01T00:00:00Z"_utc, before(late)), "accepted");
  EXPECT_EQ(word("2030-01-01T00:00:00Z"_utc, late), "not_due");
  EXPECT_EQ(word(before(late), before(late)), "accepted");
}

// ---- RunTimer itself ----

TEST(RuleRunTimer, IsTheSystemsAlone) {
  for (const Actor& actor : {admin, guest}) {
    on_hold().when(expiry().by(actor).at(half_past)).then_rejected(Code::forbidden_actor);
    on_hold().when(expiry().by(actor)).then_rejected(Code::forbidden_actor);
  }
}

TEST(RuleRunTimer, LooksUpGuardsAndOnlyThenAsksWhetherItIsDue) {
  Story().when(expiry()).then_rejected(Code::resource_not_found);
  counter().when(expiry()).then_rejected(Code::booking_not_found);
  on_hold().when(expiry().by(guest).expecting(9)).then_rejected(Code::version_conflict);
  on_hold().when(expiry().expecting(9).at(half_past)).then_rejected(Code::version_conflict);
  on_hold().when(expiry().expecting(2).at(half_past)).then("BookingStatusChanged");
  Story deleted = on_hold();
  deleted.given(DeleteBooking{"villa.1"});
  deleted.when(expiry().at(half_past)).then_rejected(Code::booking_not_found);
}

TEST(RuleRunTimer, OneOfAnotherKindIsNotDue) {
  on_hold().when(no_show_of("villa.1").at(half_past)).then_rejected(Code::not_due);
  expected().when(expiry("hotel.1").at(late)).then_rejected(Code::not_due);
}

TEST(RuleRunTimer, TwiceItIsNotDue) {
  Story story = on_hold();
  story.given(expiry().at(half_past)).when(expiry()).then_rejected(Code::not_due);
}

TEST(RuleRunTimer, DoesNotEnterTheMemoryOfOutcomes) {
  Desk desk;
  desk.given("DefineRoom", R"("name":"Villa","units":1,"inventory":"counter")");
  desk.given("CreateBooking", R"("customer":{"name":"John"},"hold_until":"2026-12-01T05:30:00Z")");
  const std::string timer = R"("booking_id":"villa.1","timer":"expiry")";
  const Letter letter{.id = "t", .actor = R"({"type":"system","id":"timers"})"};
  desk.send("RunTimer", timer, letter).then_rejected(Code::not_due);
  desk.at(half_past).send("RunTimer", timer, letter).then_event("BookingStatusChanged");
  desk.send("RunTimer", timer, letter).then_rejected(Code::not_due);
  EXPECT_EQ(desk.processor().ledger().entries().size(), 2U);
}

TEST(RuleRunTimer, AKeyThatAnotherCommandUsedIsAConflict) {
  Desk desk;
  desk.given("DefineRoom", R"("name":"Villa","units":1,"inventory":"counter")");
  desk.send("RunTimer", R"("booking_id":"villa.1","timer":"expiry")",
            {.id = "c1", .actor = R"({"type":"system","id":"timers"})"})
      .then_rejected(Code::idempotency_conflict);
}

// ---- the index ----

TEST(TimerIndex, IsInTheOrderOfInstantsAndThenOfIdsByBytes) {
  Story story = counter();
  story.given(ask(DefineRoom{.name = "Hut", .units = 9}).of("villa-2"));
  for (const char* id : {"villa.b", "villa.a", "villa.B"}) {
    story.given(CreateBooking{
        .booking_id = BookingId{std::string_view(id)}, .customer = john, .hold_until = half_past});
  }
  story.given(ask(CreateBooking{.customer = john, .hold_until = half_past}).of("villa-2"));
  story.given(CreateBooking{
      .booking_id = "villa.z", .customer = john, .hold_until = Instant{half_past.ms - 1}});
  const std::string at = " 2026-12-01T05:30:00.000Z";
  EXPECT_EQ(timers_of(story),
            (std::vector<std::string>{"expiry villa.z 2026-12-01T05:29:59.999Z",
                                      "expiry villa-2.1" + at, "expiry villa.B" + at,
                                      "expiry villa.a" + at, "expiry villa.b" + at}));
}

TEST(TimerIndex, HoldsWhatCanBeDueAndNothingElse) {
  Story story = on_hold();
  EXPECT_EQ(story.state().timers().size(), 1U);
  story.given(RecordPayment{"villa.1", Payment::paid});
  EXPECT_EQ(story.state().timers().size(), 0U);
  story.given(RecordPayment{"villa.1", Payment::refunded});
  EXPECT_EQ(story.state().timers().size(), 1U);
  story.given(ChangeStatus{"villa.1", confirmed});
  EXPECT_EQ(story.state().timers().size(), 0U);
  EXPECT_EQ(expected().state().timers().size(), 1U);
}

}  // namespace
}  // namespace pesan
