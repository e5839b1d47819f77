// docs/domain.md#holding: whether a booking occupies, and what it holds after a command.

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/holding.hpp"
#include "tests/support/given_when_then.hpp"

namespace pesan {
namespace {

using enum Status;
using enum Payment;

/// One letter a status, in the order of the book, for each payment: o occupies, . does not.
struct Row {
  Occupancy policy;
  Payment payment;
  std::string_view while_here;      // pending confirmed in_progress completed cancelled no_show
  std::string_view after_checkout;  // expired; the same after a check-out
};

TEST(RuleOccupancy, ThePolicyDecidesByStatusPaymentAndCheckOut) {
  const Row rows[] = {
      {Occupancy::on_create, unpaid, "oooo.o.", "oooo.o."},
      {Occupancy::on_create, partial, "oooo.o.", "oooo.o."},
      {Occupancy::on_create, paid, "oooo.o.", "oooo.o."},
      {Occupancy::on_create, refunded, "oooo.o.", "oooo.o."},
      {Occupancy::on_confirm, unpaid, ".oo....", "......."},
      {Occupancy::on_confirm, partial, ".oo....", "......."},
      {Occupancy::on_confirm, paid, ".oo....", "......."},
      {Occupancy::on_confirm, refunded, ".oo....", "......."},
      {Occupancy::on_payment, unpaid, ".......", "......."},
      {Occupancy::on_payment, partial, "ooo....", "ooo...."},
      {Occupancy::on_payment, paid, "ooo....", "ooo...."},
      {Occupancy::on_payment, refunded, ".......", "......."},
  };
  for (const Row& row : rows) {
    for (std::size_t status = 0; status < 7; ++status) {
      const auto says = [&](bool checked_out) {
        return occupies(row.policy, {.status = static_cast<Status>(status),
                                     .payment = row.payment,
                                     .checked_out = checked_out});
      };
      const std::string name = fmt::format("{} {} {}", name_of(row.policy), name_of(row.payment),
                                           EnumNames<Status>::names[status]);
      EXPECT_EQ(says(false), row.while_here[status] == 'o') << name;
      EXPECT_EQ(says(true), row.after_checkout[status] == 'o') << name << " checked out";
    }
  }
}

TEST(RuleOccupancy, RoomsOccupyOnConfirmUnlessDefinedOtherwise) {
  Story story;
  story.given(DefineRoom{.name = "Villa", .units = 1});
  EXPECT_EQ(story.resource().definition.occupancy, Occupancy::on_confirm);
}

TEST(RuleOccupancy, ServicesOccupyOnCreateUnlessDefinedOtherwise) {
  Story story("spa");
  story.given(DefineService{.name = "Spa", .price_minor = 0, .duration_minutes = 60});
  EXPECT_EQ(story.resource().definition.occupancy, Occupancy::on_create);
}

// ---- what is held: a stay of three nights, 1st to 4th of December ----

Story confirmed_stay(std::string_view occupancy = "on_confirm") {
  Story story("hotel");
  story
      .given(DefineRoom{.name = "Hotel",
                        .units = 2,
                        .inventory = Inventory::nightly,
                        .occupancy = parse_enum<Occupancy>(occupancy)})
      .given(CreateBooking{.status = confirmed,
                           .check_in = "2026-12-01"_day,
                           .check_out = "2026-12-04"_day,
                           .customer = {.name = "John Doe"},
                           .payment_status = paid});
  return story;
}

/// What is held of the 1st, 2nd and 3rd.
std::string nights(const Story& story) {
  return fmt::format("{}{}{}", story.held("2026-12-01"), story.held("2026-12-02"),
                     story.held("2026-12-03"));
}

TEST(RuleHolding, ABookingThatOccupiesHoldsAllItsNightsAndNotTheDayItLeaves) {
  const Story story = confirmed_stay();
  EXPECT_EQ(nights(story), "111");
  EXPECT_EQ(story.held("2026-12-04"), 0);
  EXPECT_EQ(story.held("2026-11-30"), 0);
}

TEST(RuleHolding, AnEarlyDepartureReturnsTheNightsThatAreLeft) {
  Story story = confirmed_stay();
  story.given(CheckIn{"hotel.1"})
      .at("2026-12-03T02:00:00Z"_utc)
      .when(CheckOut{"hotel.1"})
      .then("BookingCheckedOut",
            R"({"held":{"from":{"buckets":"2026-12-01/2026-12-04","units":1},
                        "to":{"buckets":"2026-12-01/2026-12-03","units":1}}})");
  EXPECT_EQ(nights(story), "110");
}

TEST(RuleHolding, ADepartureOnTheDayOfArrivalReturnsEveryNight) {
  Story story = confirmed_stay();
  story.given(CheckIn{"hotel.1"}).given(CheckOut{"hotel.1"});
  EXPECT_EQ(nights(story), "000");
}

TEST(RuleHolding, AStayThatIsOverStaysInTheOccupancyHistory) {
  Story story = confirmed_stay();
  story.given(CheckIn{"hotel.1"}).given(ask(CheckOut{"hotel.1"}).at("2026-12-04T04:00:00Z"_utc));
  EXPECT_EQ(nights(story), "111");
}

TEST(RuleHolding, WhatWasUsedIsKeptWhateverComesLaterUntilTheBookingOccupiesAgain) {
  Story story = confirmed_stay();
  story.given(CheckIn{"hotel.1"})
      .given(ask(CheckOut{"hotel.1"}).at("2026-12-02T04:00:00Z"_utc))
      .given(ask(RecordPayment{"hotel.1", refunded}).at("2026-12-09T04:00:00Z"_utc));
  EXPECT_EQ(nights(story), "100");
  story.given(ChangeStatus{"hotel.1", cancelled});  // still checked in: what was used stays used
  EXPECT_EQ(nights(story), "100");
  story.given(ChangeStatus{"hotel.1", confirmed});  // occupies again, all of it
  EXPECT_EQ(nights(story), "111");
  story.given(ChangeStatus{"hotel.1", pending});  // a new episode, used by nobody
  EXPECT_EQ(nights(story), "000");
}

TEST(RuleHolding, ACancellationBeforeArrivalReturnsEverythingEvenNightsThatArePast) {
  Story story = confirmed_stay();
  story.given(ask(ChangeStatus{"hotel.1", cancelled}).at("2026-12-03T05:00:00Z"_utc));
  EXPECT_EQ(nights(story), "000");
}

TEST(RuleHolding, ACancellationAfterArrivalKeepsWhatWasUsed) {
  Story story = confirmed_stay();
  story.given(CheckIn{"hotel.1"})
      .given(ask(ChangeStatus{"hotel.1", cancelled}).at("2026-12-03T05:00:00Z"_utc));
  EXPECT_EQ(nights(story), "110");
}

TEST(RuleHolding, CompletedWithoutACheckInKeepsWhatWasUsed) {
  Story story = confirmed_stay();
  story.given(ask(ChangeStatus{"hotel.1", completed}).at("2026-12-02T05:00:00Z"_utc));
  EXPECT_EQ(nights(story), "100");
}

TEST(RuleHolding, ANoShowReturnsEverything) {
  Story story = confirmed_stay();
  story.given(ask(ChangeStatus{"hotel.1", no_show}).at("2026-12-02T05:00:00Z"_utc));
  EXPECT_EQ(nights(story), "000");
}

TEST(RuleHolding, ARefundAfterArrivalKeepsTheNightsUsedAndReturnsTheOthers) {
  Story story = confirmed_stay("on_payment");
  story.given(CheckIn{"hotel.1"})
      .given(ask(RecordPayment{"hotel.1", refunded}).at("2026-12-02T05:00:00Z"_utc));
  EXPECT_EQ(nights(story), "100");
  story.given(RecordPayment{"hotel.1", paid});
  EXPECT_EQ(nights(story), "111");
}

TEST(RuleHolding, UsedNightsKeepTheirUnitsAlsoWhenTheBookingChangesThem) {
  Story story = confirmed_stay("on_payment");
  story.given(CheckIn{"hotel.1"})
      .given(ask(RecordPayment{"hotel.1", refunded}).at("2026-12-02T05:00:00Z"_utc))
      .when(ChangeBooking{.booking_id = "hotel.1", .units = 2})
      .then("BookingChanged",
            R"({"units":2,"held":{"from":{"buckets":"2026-12-01/2026-12-02","units":1},
                                  "to":{"buckets":"2026-12-01/2026-12-02","units":1}}})");
}

TEST(RuleHolding, ADeletedBookingHoldsNothingNotEvenWhatItUsed) {
  Story story = confirmed_stay();
  story.given(CheckIn{"hotel.1"})
      .given(ask(CheckOut{"hotel.1"}).at("2026-12-04T04:00:00Z"_utc))
      .when(DeleteBooking{"hotel.1"})
      .then("BookingDeleted",
            R"({"status":{"from":"completed","to":null},"payment":{"from":"paid","to":null},
                "occupies":{"from":false,"to":false},
                "held":{"from":{"buckets":"2026-12-01/2026-12-04","units":1},"to":null}})");
  EXPECT_EQ(nights(story), "000");
}

TEST(RuleHolding, ACounterHasNoDateSoNothingOfItIsEverUsed) {
  Story story;
  story.given(DefineRoom{.name = "Villa", .units = 1})
      .given(CreateBooking{.status = confirmed,
                           .check_in = "2026-12-01"_day,
                           .check_out = "2026-12-04"_day,
                           .customer = {.name = "John Doe"}})
      .given(CheckIn{"villa.1"})
      .given(ask(CheckOut{"villa.1"}).at("2026-12-04T04:00:00Z"_utc));
  EXPECT_EQ(story.held("*"), 0);
}

// ---- slots: 10:00 to 11:00 on the 1st of December, Jakarta ----

Story booked_slot(Occupancy occupancy) {
  Story story("spa", "2026-12-01T02:00:00Z"_utc);
  story
      .given(DefineService{
          .name = "Spa", .price_minor = 0, .duration_minutes = 60, .occupancy = occupancy})
      .given(AddSchedule{"s1", "2026-12-01"_day, "10:00"_time, "11:00"_time, 1})
      .given(CreateBooking{.status = confirmed,
                           .schedule_id = "s1",
                           .customer = {.name = "John Doe"},
                           .payment_status = paid});
  return story;
}

TEST(RuleHolding, ASlotThatWasUsedIsNotSoldAgain) {
  Story story = booked_slot(Occupancy::on_confirm);
  story.given(ask(ChangeStatus{"spa.1", completed}).at("2026-12-01T03:00:00Z"_utc));
  EXPECT_EQ(story.held("s1"), 1);
  story
      .when(
          CreateBooking{.status = confirmed, .schedule_id = "s1", .customer = {.name = "Jane Doe"}})
      .then_rejected(Code::capacity_exceeded, R"({"bucket":"s1","asked":1,"left":0})");
}

TEST(RuleHolding, ASlotIsUsedFromTheMinuteInWhichItStarts) {
  Story before = booked_slot(Occupancy::on_confirm);
  before.given(ask(ChangeStatus{"spa.1", completed}).at("2026-12-01T02:59:59.999Z"_utc));
  EXPECT_EQ(before.held("s1"), 0);

  Story after = booked_slot(Occupancy::on_confirm);
  after.given(ask(ChangeStatus{"spa.1", completed}).at("2026-12-01T03:00:00Z"_utc));
  EXPECT_EQ(after.held("s1"), 1);
}

TEST(RuleHolding, UnderOnCreateACompletedBookingKeepsItsSlotEvenBeforeItStarts) {
  Story story = booked_slot(Occupancy::on_create);
  story.given(ChangeStatus{"spa.1", completed});
  EXPECT_EQ(story.held("s1"), 1);
  story.given(ChangeStatus{"spa.1", cancelled});
  EXPECT_EQ(story.held("s1"), 0);
}

TEST(RuleHolding, ASlotUsedStaysUsedWhenTheClocksGoBack) {
  // In New York 2018-11-04 01:00 to 02:00 comes twice: at 05:00Z and again at 06:00Z.
  Story story("spa", "2018-11-03T12:00:00Z"_utc);
  story
      .given(DefineService{.name = "Spa",
                           .price_minor = 0,
                           .duration_minutes = 60,
                           .occupancy = Occupancy::on_confirm,
                           .timezone = "America/New_York"})
      .given(AddSchedule{"s1", "2018-11-04"_day, "01:30"_time, "02:30"_time, 1})
      .given(
          CreateBooking{.status = confirmed, .schedule_id = "s1", .customer = {.name = "John Doe"}})
      .given(ask(ChangeStatus{"spa.1", completed}).at("2018-11-04T05:45:00Z"_utc));
  EXPECT_EQ(story.held("s1"), 1) << "01:45 the first time: it has started";
  story.given(ask(RecordPayment{"spa.1", paid}).at("2018-11-04T06:15:00Z"_utc));
  EXPECT_EQ(story.held("s1"), 1) << "01:15 the second time: what was used keeps its units";
}

TEST(RuleHolding, ANightUsedStaysUsedWhenTheClocksGoBackOverMidnight) {
  // In Newfoundland 2010-11-07 00:01 became 2010-11-06 23:01, at 02:31Z.
  Story story("hotel", "2010-11-05T12:00:00Z"_utc);
  story
      .given(DefineRoom{.name = "Hotel",
                        .units = 1,
                        .inventory = Inventory::nightly,
                        .timezone = "America/St_Johns"})
      .given(CreateBooking{.status = confirmed,
                           .check_in = "2010-11-05"_day,
                           .check_out = "2010-11-09"_day,
                           .customer = {.name = "John Doe"}})
      .given(ask(ChangeStatus{"hotel.1", completed}).at("2010-11-07T02:30:30Z"_utc));
  EXPECT_EQ(story.held("2010-11-06"), 1) << "it is the 7th: the night of the 6th is over";
  EXPECT_EQ(story.held("2010-11-07"), 0);
  story.given(ask(RecordPayment{"hotel.1", paid}).at("2010-11-07T02:40:00Z"_utc));
  EXPECT_EQ(story.held("2010-11-06"), 1) << "the 6th again: what was used keeps its units";
}

}  // namespace
}  // namespace pesan
