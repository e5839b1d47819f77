// docs/domain.md#status: the status table, check-in and check-out, episodes.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/given_when_then.hpp"

namespace pesan {
namespace {

using enum Status;

constexpr std::array all_statuses{pending,   confirmed, in_progress, completed,
                                  cancelled, no_show,   expired};

/// Ten rooms and one booking of the guest's, in a status that it reached without a check-in.
Story in_status(Status status) {
  Story story;
  story.given(DefineRoom{.name = "Villa", .units = 10})
      .given(ask(CreateBooking{.customer = {.name = "John Doe"}}).by(guest));
  if (status == no_show) story.given(ChangeStatus{"villa.1", confirmed});
  if (status != pending) story.given(ask(ChangeStatus{"villa.1", status}).by(the_system));
  return story;
}

/// The rows and columns as the rule book prints them.
constexpr std::array<std::string_view, 7> table{
    // pending confirmed in_progress completed cancelled no_show expired
    "=      A         A           A         U         -       S",  // pending
    "A      =         A           A         U         A       -",  // confirmed
    "A      A         =           A         A         -       -",  // in_progress
    "A      A         -           =         A         -       -",  // completed
    "A      A         -           A         =         -       -",  // cancelled
    "-      A         A           -         A         =       -",  // no_show
    "-      A         -           -         A         -       =",  // expired
};

char cell(Status from, Status to) {
  std::string row(table[static_cast<std::size_t>(from)]);
  std::erase(row, ' ');
  return row[static_cast<std::size_t>(to)];
}

std::string_view answer_of(char cell, ActorType actor) {
  switch (cell) {
    case '=': return "nothing";
    case '-': return "invalid_transition";
    case 'U': return "accepted";
    case 'A': return actor == ActorType::user ? "forbidden_actor" : "accepted";
    case 'S': return actor == ActorType::system ? "accepted" : "forbidden_actor";
    default: return "a cell that is not in the book";
  }
}

TEST(RuleStatus, EveryCellOfTheTableAnswersEveryActorAsTheTableSays) {
  for (const Status from : all_statuses) {
    for (const Status to : all_statuses) {
      for (const Actor& actor : {guest, admin, the_system}) {
        Story story = in_status(from);
        const Then answer = story.when(ask(ChangeStatus{"villa.1", to}).by(actor));
        EXPECT_EQ(answer.word(), answer_of(cell(from, to), actor.type))
            << name_of(from) << " to " << name_of(to) << " by " << name_of(actor.type);
        const bool moved = answer.word() == "accepted";
        EXPECT_EQ(story.booking("villa.1").status, moved ? to : from);
      }
    }
  }
}

TEST(RuleStatus, AUserWhoseBookingItIsNotIsForbiddenEveryCell) {
  for (const Status from : all_statuses) {
    for (const Status to : all_statuses) {
      Story story = in_status(from);
      story.when(ask(ChangeStatus{"villa.1", to}).by(stranger))
          .then_rejected(Code::forbidden_actor);
    }
  }
}

TEST(RuleStatus, AUserIsForbiddenEveryCellAfterACheckIn) {
  for (const Status to : all_statuses) {
    Story story = in_status(confirmed);
    story.given(CheckIn{"villa.1"});
    story.when(ask(ChangeStatus{"villa.1", to}).by(guest)).then_rejected(Code::forbidden_actor);
  }
}

TEST(RuleStatus, ARefusedTransitionNamesBothSides) {
  in_status(completed)
      .when(ChangeStatus{"villa.1", no_show})
      .then_rejected(Code::invalid_transition, R"({"from":"completed","to":"no_show"})");
}

TEST(RuleStatus, AChangeSaysTheStatusOnBothSides) {
  in_status(pending)
      .when(ChangeStatus{"villa.1", confirmed})
      .then("BookingStatusChanged",
            R"({"booking_id":"villa.1","status":{"from":"pending","to":"confirmed"},
                "payment":{"from":"unpaid","to":"unpaid"},"occupies":{"from":false,"to":true},
                "held":{"from":null,"to":{"buckets":"*","units":1}},
                "actor":{"type":"admin","id":"a-1"}})");
}

// ---- check-in ----

TEST(RuleCheckIn, APendingBookingBecomesConfirmed) {
  in_status(pending)
      .when(CheckIn{"villa.1"})
      .then("BookingCheckedIn", R"({"status":{"from":"pending","to":"confirmed"},
                              "checked_in_at":"2026-12-01T05:00:00.000Z"})");
}

TEST(RuleCheckIn, AConfirmedBookingStaysConfirmed) {
  in_status(confirmed)
      .when(CheckIn{"villa.1"})
      .then("BookingCheckedIn", R"({"status":{"from":"confirmed","to":"confirmed"}})");
}

TEST(RuleCheckIn, ABookingInProgressStaysInProgress) {
  in_status(in_progress)
      .when(CheckIn{"villa.1"})
      .then("BookingCheckedIn", R"({"status":{"from":"in_progress","to":"in_progress"}})");
}

/// A nightly room and a confirmed stay from the 2nd to the 4th.
Story nightly_stay() {
  Story story;
  story.given(DefineRoom{.name = "Villa", .units = 1, .inventory = Inventory::nightly})
      .given(CreateBooking{.status = confirmed,
                           .check_in = "2026-12-02"_day,
                           .check_out = "2026-12-04"_day,
                           .customer = {.name = "John Doe"}});
  return story;
}

TEST(RuleCheckIn, ANightlyStayIsCheckedInBetweenItsDatesOnly) {
  const auto at = [](Instant now) {
    return nightly_stay().at(now).when(CheckIn{"villa.1"}).word();
  };
  // Midnight in Jakarta is 17:00Z of the day before.
  EXPECT_EQ(at("2026-12-01T16:59:59.999Z"_utc), "not_in_time");
  EXPECT_EQ(at("2026-12-01T17:00:00Z"_utc), "accepted");
  EXPECT_EQ(at("2026-12-04T16:59:59.999Z"_utc), "accepted");
  EXPECT_EQ(at("2026-12-04T17:00:00Z"_utc), "not_in_time");
}

TEST(RuleCheckIn, OutsideItsDatesItIsNotInTimeInEveryStatus) {
  for (const Status status : all_statuses) {
    Story story = nightly_stay();
    if (status == expired) story.given(ChangeStatus{"villa.1", pending});
    if (status != confirmed) story.given(ask(ChangeStatus{"villa.1", status}).by(the_system));
    story.when(CheckIn{"villa.1"}).then_rejected(Code::not_in_time);
  }
}

TEST(RuleCheckIn, ACounterRoomHasNoDatesToKeep) {
  Story story;
  story.given(DefineRoom{.name = "Villa", .units = 1})
      .given(CreateBooking{.check_in = "2026-12-24"_day,
                           .check_out = "2026-12-26"_day,
                           .customer = {.name = "John Doe"}})
      .when(CheckIn{"villa.1"})
      .then("BookingCheckedIn");
}

TEST(RuleCheckIn, WhoComesEarlyIsMovedFirst) {
  Story story = nightly_stay();
  story
      .given(RescheduleBooking{
          .booking_id = "villa.1", .check_in = "2026-12-01"_day, .check_out = "2026-12-04"_day})
      .when(CheckIn{"villa.1"})
      .then("BookingCheckedIn");
}

TEST(RuleCheckIn, FromAnyOtherStatusItIsAnInvalidTransition) {
  for (const Status status : {completed, cancelled, no_show, expired}) {
    in_status(status).when(CheckIn{"villa.1"}).then_rejected(Code::invalid_transition);
  }
}

TEST(RuleCheckIn, ASecondOneInTheSameEpisodeIsRefused) {
  in_status(confirmed)
      .given(CheckIn{"villa.1"})
      .when(CheckIn{"villa.1"})
      .then_rejected(Code::already_checked_in);
}

TEST(RuleCheckIn, ASecondOneIsAlreadyCheckedInAlsoWhereTheStatusWouldRefuseIt) {
  in_status(confirmed)
      .given(CheckIn{"villa.1"})
      .given(ChangeStatus{"villa.1", completed})
      .when(CheckIn{"villa.1"})
      .then_rejected(Code::already_checked_in);
}

TEST(RuleCheckIn, APendingBookingIsCheckedInOnlyWhereThereIsRoom) {
  Story story;
  story.given(DefineRoom{.name = "Villa", .units = 1})
      .given(CreateBooking{.customer = {.name = "John Doe"}})
      .given(CreateBooking{.status = confirmed, .customer = {.name = "Jane Doe"}})
      .when(CheckIn{"villa.1"})
      .then_rejected(Code::capacity_exceeded, R"({"bucket":"*","asked":1,"left":0})");
}

// ---- check-out ----

TEST(RuleCheckOut, NeedsACheckIn) {
  for (const Status status : all_statuses) {
    in_status(status).when(CheckOut{"villa.1"}).then_rejected(Code::not_checked_in);
  }
}

TEST(RuleCheckOut, FromConfirmedTheBookingIsCompleted) {
  in_status(confirmed)
      .given(CheckIn{"villa.1"})
      .at("2026-12-03T03:00:00Z"_utc)
      .when(CheckOut{"villa.1"})
      .then("BookingCheckedOut", R"({"status":{"from":"confirmed","to":"completed"},
                                     "checked_in_at":"2026-12-01T05:00:00.000Z",
                                     "checked_out_at":"2026-12-03T03:00:00.000Z"})");
}

TEST(RuleCheckOut, FromInProgressTheBookingIsCompleted) {
  in_status(in_progress)
      .given(CheckIn{"villa.1"})
      .when(CheckOut{"villa.1"})
      .then("BookingCheckedOut", R"({"status":{"from":"in_progress","to":"completed"}})");
}

TEST(RuleCheckOut, FromCompletedItStaysCompleted) {
  in_status(confirmed)
      .given(CheckIn{"villa.1"})
      .given(ChangeStatus{"villa.1", completed})
      .when(CheckOut{"villa.1"})
      .then("BookingCheckedOut", R"({"status":{"from":"completed","to":"completed"}})");
}

TEST(RuleCheckOut, FromAnyOtherStatusItIsAnInvalidTransition) {
  in_status(confirmed)
      .given(CheckIn{"villa.1"})
      .given(ChangeStatus{"villa.1", cancelled})
      .when(CheckOut{"villa.1"})
      .then_rejected(Code::invalid_transition);
}

TEST(RuleCheckOut, ASecondOneIsRefusedWhateverTheStatus) {
  in_status(confirmed)
      .given(CheckIn{"villa.1"})
      .given(CheckOut{"villa.1"})
      .given(ChangeStatus{"villa.1", cancelled})
      .when(CheckOut{"villa.1"})
      .then_rejected(Code::already_checked_out);
}

// ---- episodes ----

/// Checked in and out: both times are set.
Story after_a_stay() {
  Story story = in_status(confirmed);
  story.given(CheckIn{"villa.1"}).given(CheckOut{"villa.1"});
  return story;
}

TEST(RuleEpisode, EnteringPendingClearsBothTimes) {
  const Then answer = in_status(confirmed)
                          .given(CheckIn{"villa.1"})
                          .when(ChangeStatus{"villa.1", pending})
                          .then("BookingStatusChanged");
  EXPECT_EQ(answer.data().find("checked_in_at"), std::string::npos);
}

TEST(RuleEpisode, LeavingAnEndForPendingOrConfirmedClearsBothTimes) {
  for (const Status end : {completed, cancelled}) {
    for (const Status back : {pending, confirmed}) {
      Story story = after_a_stay();
      if (end != completed) story.given(ChangeStatus{"villa.1", end});
      story.given(ChangeStatus{"villa.1", back});
      EXPECT_EQ(story.booking("villa.1").checked_in_at(), std::nullopt);
      EXPECT_EQ(story.booking("villa.1").checked_out_at(), std::nullopt);
    }
  }
}

TEST(RuleEpisode, FromAnEndToAnotherEndTheTimesStay) {
  Story story = after_a_stay();
  story.given(ChangeStatus{"villa.1", cancelled}).given(ChangeStatus{"villa.1", completed});
  EXPECT_EQ(story.booking("villa.1").checked_in_at(), noon);
  EXPECT_EQ(story.booking("villa.1").checked_out_at(), noon);
}

TEST(RuleEpisode, BetweenConfirmedAndInProgressTheTimesStay) {
  Story story = in_status(confirmed);
  story.given(CheckIn{"villa.1"})
      .given(ChangeStatus{"villa.1", in_progress})
      .given(ChangeStatus{"villa.1", confirmed});
  EXPECT_EQ(story.booking("villa.1").checked_in_at(), noon);
}

TEST(RuleEpisode, ANewEpisodeIsCheckedInAnew) {
  after_a_stay()
      .given(ChangeStatus{"villa.1", confirmed})
      .when(CheckIn{"villa.1"})
      .then("BookingCheckedIn");
}

TEST(RuleEpisode, FromNoShowToInProgressIsANewEpisodeAndTakesAUnitAgain) {
  Story story = in_status(no_show);
  EXPECT_EQ(story.held("*"), 0);
  story.given(ChangeStatus{"villa.1", in_progress});
  EXPECT_EQ(story.held("*"), 1);
}

TEST(RuleStatus, NoShowAfterACheckInInThisEpisodeIsAlreadyCheckedIn) {
  in_status(confirmed)
      .given(CheckIn{"villa.1"})
      .when(ChangeStatus{"villa.1", no_show})
      .then_rejected(Code::already_checked_in);
}

TEST(RuleStatus, NoShowIsAskedAgainInANewEpisode) {
  after_a_stay()
      .given(ChangeStatus{"villa.1", confirmed})
      .when(ChangeStatus{"villa.1", no_show})
      .then("BookingStatusChanged");
}

// The upstream room system drifted on this sequence: 11 free of 10.
TEST(RuleStatus, ConfirmCheckInCompleteCheckOutLeavesAllTenFree) {
  Story story = in_status(pending);
  story.given(ChangeStatus{"villa.1", confirmed});
  EXPECT_EQ(story.held("*"), 1);
  story.given(CheckIn{"villa.1"});
  EXPECT_EQ(story.held("*"), 1);
  story.given(ChangeStatus{"villa.1", completed});
  EXPECT_EQ(story.held("*"), 0);
  story.given(CheckOut{"villa.1"});
  EXPECT_EQ(story.held("*"), 0);
}

TEST(RuleStatus, AnyFiveOperationsLeaveACounterEqualToWhoOccupies) {
  // 16 operations, five deep, on two rooms: the census of the upstream system's drift.
  std::vector<Asked> operations{CheckIn{"villa.1"}, CheckOut{"villa.1"}};
  for (const Status to : all_statuses) {
    operations.emplace_back(ask(ChangeStatus{"villa.1", to}).by(the_system));
  }
  const auto count = operations.size();
  std::size_t sequences = 0;
  for (std::size_t n = 0; n < count * count * count * count; ++n) {
    Story story;
    story.given(DefineRoom{.name = "Villa", .units = 1})
        .given(CreateBooking{.customer = {.name = "John Doe"}});
    for (std::size_t rest = n, step = 0; step < 4; ++step, rest /= count) {
      story.when(operations[rest % count]);
      const Booking& booking = story.booking("villa.1");
      const bool occupies = (booking.status == confirmed || booking.status == in_progress) &&
                            !booking.checked_out_at();
      ASSERT_EQ(story.held("*"), occupies ? 1 : 0) << n << " step " << step;
    }
    ++sequences;
  }
  EXPECT_EQ(sequences, 6561U);
}

}  // namespace
}  // namespace pesan
