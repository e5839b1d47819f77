// What the desk says of commands that stand in the log, when those who should bring them further
// do not, or something fails on the way.
#include <string>
#include <vector>

#include "tests/integration/desk_fixture.hpp"

namespace pesan::runtime {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(DeskTest, AnAnswerMaySubmitAgain) {
  Ticket first = ticket(room_line(villa, "1"), Milestone::decided);
  first.answer = [this](TicketOutcome&&) { submit(booking_line(villa, "2")); };
  submit(std::move(first));
  for (int i = 0; i < 2; ++i) {
    step();
    roles.decide();
    step();
  }
  roles.decide();
  step();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].brief.kind, Result::Kind::accepted);
}

TEST_F(DeskTest, WhoWaitsIsFollowedThoughThoseBeforeWereOnlyAppendedOrLate) {
  submit(room_line(villa, "1"), Milestone::appended);
  step();
  log.next = [this](const ScriptedLog::Records& records) {
    now += 1s;
    desk->follow();
    return memory.append(records);
  };
  submit(ticket(booking_line(villa, "2"), Milestone::decided, 1s));
  desk->send();
  EXPECT_EQ(answers.size(), 2U);
  submit(booking_line(villa, "3"));
  step();
  roles.decide();
  step();
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(answers[2].reached, Milestone::decided);
  EXPECT_EQ(answers[2].offset, Offset{2});
}

TEST_F(DeskTest, WhoseRowsAreNotWrittenInTimeGetsTheResultAndNoSecondAnswer) {
  submit(ticket(room_line(villa, "1"), Milestone::rows, 10s));
  step();
  roles.decide();
  step();
  EXPECT_EQ(desk->standing().without_rows, (std::vector<std::size_t>{1, 0}));
  now += 10s;
  step();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].reached, Milestone::decided);
  EXPECT_THAT(answers[0].result, HasSubstr("CommandAccepted"));
  EXPECT_THAT(answers[0].failure->what, HasSubstr("`pesan projector`"));
  roles.work();
  step();
  EXPECT_EQ(answers.size(), 1U);
}

TEST_F(DeskTest, WhoseCustomerIsNotLinkedInTimeHasTheRows) {
  submit(room_line(villa, "1"));
  submit(ticket(booking_line(villa, "2"), Milestone::links, 10s));
  step();
  roles.decide();
  roles.project();
  step();
  now += 10s;
  step();
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[1].reached, Milestone::rows);
  EXPECT_THAT(answers[1].failure->what, HasSubstr("`pesan registry`"));
}

TEST_F(DeskTest, RowsOfCustomersAreWaitedForAfterTheLink) {
  submit(room_line(villa, "1"));
  submit(booking_line(villa, "2"), Milestone::links);
  step();
  roles.decide();
  roles.project();
  roles.link();
  step();
  EXPECT_EQ(answers.size(), 1U) << "the customer's rows are not there";
  roles.project_customers();
  step();
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[1].reached, Milestone::links);
}

TEST_F(DeskTest, AStoreThatDoesNotAnswerForAMomentIsAskedAgain) {
  submit(room_line(villa, "1"), Milestone::rows);
  step();
  roles.work();
  store_failure = Failure{FailureKind::transient, "the server starts again"};
  step();
  EXPECT_THAT(answers, IsEmpty());
  store_failure.reset();
  step();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].reached, Milestone::rows);
}

TEST_F(DeskTest, AStoreThatFailsForGoodTakesTheRowsAndLeavesTheResult) {
  submit(room_line(villa, "1"), Milestone::rows);
  step();
  roles.work();
  store_failure = Failure{FailureKind::fatal, "the database is gone"};
  step();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].reached, Milestone::decided);
  EXPECT_EQ(answers[0].failure->what, "the database is gone");
}

TEST_F(DeskTest, AStoreThatStaysAwayIsSaidAfterAWhile) {
  submit(room_line(villa, "1"), Milestone::rows);
  step();
  roles.work();
  store_failure = Failure{FailureKind::transient, "the server starts again"};
  step();
  now += 30s;
  step();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].reached, Milestone::decided);
}

TEST_F(DeskTest, ALogThatCannotBeReadForGoodAnswersThoseThatAreInIt) {
  submit(room_line(villa, "1"));
  step();
  log.read_failure = Failure{FailureKind::fatal, "another timeline"};
  step();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].reached, Milestone::appended);
  EXPECT_EQ(answers[0].failure->what, "another timeline");
  log.read_failure.reset();
  submit(room_line(villa, "2"));
  step();
  roles.decide();
  step();
  ASSERT_EQ(answers.size(), 2U) << "who comes later is followed again";
  EXPECT_EQ(answers[1].brief.code, Code::resource_exists);
}

TEST_F(DeskTest, ALogThatCannotBeReadForAMomentDelaysOnly) {
  submit(room_line(villa, "1"));
  step();
  roles.decide();
  log.read_failure = Failure{FailureKind::transient, "no broker"};
  step();
  EXPECT_THAT(answers, IsEmpty());
  log.read_failure.reset();
  step();
  EXPECT_EQ(answers.size(), 1U);
}

// Two programs that disagree about the number of partitions.
TEST_F(DeskTest, AfterResultsCouldNotBeFollowedTheNextCommandIsFollowedAgain) {
  submit(room_line(villa, "1"));
  step();
  // The second one is on its way when track is lost, and the third comes soon after.
  log.next = [this](const ScriptedLog::Records& records) {
    log.read_failure = Failure{FailureKind::fatal, "the disk is damaged"};
    desk->follow();
    log.read_failure.reset();
    return memory.append(records);
  };
  submit(booking_line(villa, "2"));
  step();
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_THAT(answers[1].failure->what, HasSubstr("could not be followed any more"));
  submit(booking_line(villa, "3"));
  step();
  roles.decide();
  step();
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(answers[2].reached, Milestone::decided);
  EXPECT_EQ(answers[2].offset, Offset{2});
}

TEST_F(DeskTest, AnOutageThatEndedUnseenIsNotHeldAgainstThoseWhoComeLater) {
  submit(ticket(room_line(villa, "1"), Milestone::rows, 5s));
  step();
  roles.decide();
  store_failure = Failure{FailureKind::transient, "gone away"};
  step();
  now += 5s;
  step();
  ASSERT_EQ(answers.size(), 1U);
  now += 1h;
  submit(booking_line(villa, "2"), Milestone::rows);
  step();
  roles.decide();
  step();
  store_failure.reset();
  roles.project();
  step();
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[1].reached, Milestone::rows);
}

TEST_F(DeskTest, ARefusalIsToldWhenItIsDecidedAsNothingCameOfItThatRowsCouldShow) {
  submit(booking_line(villa, "1"), Milestone::rows);
  step();
  roles.decide();
  step();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].brief.code, Code::resource_not_found);
  EXPECT_FALSE(answers[0].failure);
}

TEST_F(DeskTest, ACommandThatIsForwardedIsAnErrorOfTheDesk) {
  Ticket misplaced = ticket(room_line(barn, "1"), Milestone::rows);
  submit(std::move(misplaced));  // under a key of partition 0
  step();
  roles.work();
  step();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].reached, Milestone::decided);
  EXPECT_EQ(answers[0].failure->kind, FailureKind::fatal);
  EXPECT_THAT(answers[0].failure->what, HasSubstr("disagree about how many partitions"));
  EXPECT_THAT(answers[0].result, HasSubstr("CommandForwarded"));
}

TEST_F(DeskTest, AResultThatPassesACommandByIsSaid) {
  submit(room_line(villa, "1"));
  step();
  Result later{.kind = Result::Kind::rejected, .log_id = "log", .command = Offset{7}};
  later.code = Code::malformed;
  std::string text;
  append_result(text, later);
  must(memory.append(
      {{.to = {Topic::results, {0}}, .payload = {.key = {}, .value = text, .headers = {}}}}));
  step();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].reached, Milestone::appended);
  EXPECT_THAT(answers[0].failure->what, HasSubstr("none of this one"));
}

TEST_F(DeskTest, WhatNobodyWillDoIsAnsweredAfterWhatIsThereWasLookedAt) {
  submit(room_line(villa, "1"), Milestone::rows);
  step();
  roles.work();
  submit(booking_line(villa, "2"), Milestone::rows);
  desk->send();
  const Failure stopped{FailureKind::fatal, "it stopped"};
  desk->give_up(Milestone::decided, {0}, stopped);
  desk->give_up(Milestone::rows, {0}, stopped);
  step();
  step();
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0].reached, Milestone::rows);
  EXPECT_FALSE(answers[0].failure);
  EXPECT_EQ(answers[1].reached, Milestone::appended);
  EXPECT_EQ(answers[1].failure->what, "it stopped");
}

TEST_F(DeskTest, RowsThatNobodyWillWriteAreNotWaitedFor) {
  desk->give_up(Milestone::rows, {0}, {FailureKind::fatal, "the projector stopped"});
  submit(room_line(villa, "1"), Milestone::rows);
  step();
  roles.decide();
  step();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].reached, Milestone::decided);
  EXPECT_EQ(answers[0].failure->what, "the projector stopped");
}

TEST_F(DeskTest, LinksThatNobodyWillMakeAreNotWaitedFor) {
  desk->give_up(Milestone::links, {}, {FailureKind::fatal, "the registry stopped"});
  submit(room_line(villa, "1"));
  submit(booking_line(villa, "2"), Milestone::links);
  step();
  roles.decide();
  roles.project();
  step();
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[1].reached, Milestone::rows);
  EXPECT_EQ(answers[1].failure->what, "the registry stopped");
}

TEST_F(DeskTest, ItsEndAnswersEveryTicketWhereverItStands) {
  submit(room_line(villa, "1"));
  submit(booking_line(villa, "2"), Milestone::rows);
  submit(booking_line(villa, "3"), Milestone::links);
  step();
  roles.decide();
  step();
  submit(room_line(villa, "appended"));
  step();
  lose_append_after(0);
  submit(room_line(villa, "lost"));
  step();
  submit(room_line(villa, "queued"));
  answers.clear();
  desk.reset();
  std::vector<std::optional<Milestone>> reached;
  std::vector<FailureKind> kinds;
  for (const TicketOutcome& answer : answers) {
    reached.push_back(answer.reached);
    kinds.push_back(answer.failure->kind);
  }
  using enum FailureKind;
  EXPECT_THAT(reached, ElementsAre(std::nullopt, std::nullopt, Milestone::appended,
                                   Milestone::decided, Milestone::decided));
  EXPECT_THAT(kinds, ElementsAre(transient, unknown, transient, transient, transient));
}

TEST_F(DeskTest, AfterALongRestOnlyNewResultsAreRead) {
  submit(room_line(villa, "1"));
  step();
  roles.decide();
  step();
  now += 1h;
  must(memory.append({{.to = {Topic::results, {0}},
                       .payload = {.key = {}, .value = "what nobody can read", .headers = {}}}}));
  submit(booking_line(villa, "2"));
  desk->send();
  desk->follow();
  EXPECT_EQ(answers.size(), 1U) << "what came before is passed over unread";
}

TEST_F(DeskTest, ALogOfAnotherStoreIsRefusedBeforeAnythingIsSent) {
  roles.project();
  const auto refused = Desk::open(log, std::make_unique<LentReadModel>(rows), {.log_id = "log-2"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::fatal);
  EXPECT_THAT(refused.error().what, HasSubstr("was folded from log log, and this is log log-2"));
}

}  // namespace
}  // namespace pesan::runtime
