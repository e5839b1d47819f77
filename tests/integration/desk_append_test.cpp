// How the desk brings commands into the log: together, in their order, once, and what it says where
// the log does not answer.
#include <string>
#include <vector>

#include "tests/integration/desk_fixture.hpp"

namespace pesan::runtime {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(DeskTest, WhatManySubmittedGoesInOneAppend) {
  for (const char* id : {"1", "2", "3"}) submit(room_line(villa, id));
  step();
  submit(room_line(villa, "4"));
  step();
  EXPECT_THAT(log.appends, ElementsAre(3U, 1U));
  EXPECT_FALSE(desk->send()) << "nothing is left";
}

// The engine may be faster than the acknowledgement.
TEST_F(DeskTest, AResultThatIsThereBeforeTheAppendIsAcknowledgedWaitsForIt) {
  submit(room_line(villa, "earlier"), Milestone::rows);
  desk->send();
  log.next = [this](const ScriptedLog::Records& records) {
    auto offsets = memory.append(records);
    roles.decide();
    desk->follow();  // it reads the result of the earlier one, and meets that of this one
    EXPECT_THAT(answers, IsEmpty()) << "its rows are not there";
    return offsets;
  };
  submit(room_line(villa, "1"));
  desk->send();
  desk->follow();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].brief.code, Code::resource_exists);
  EXPECT_FALSE(answers[0].failure);
}

TEST_F(DeskTest, AnAppendThatFailsInPassingGoesAgainInItsOrder) {
  lose_append_after(0, FailureKind::transient);
  submit(room_line(villa, "1"));
  submit(booking_line(villa, "2"));
  step();
  submit(booking_line(villa, "3"));
  EXPECT_FALSE(desk->send()) << "not at once";
  now += 1s;
  step();
  step();
  roles.decide();
  desk->follow();
  EXPECT_THAT(log.appends, ElementsAre(2U, 2U, 1U));
  ASSERT_EQ(answers.size(), 3U);
  for (const TicketOutcome& answer : answers) {
    EXPECT_EQ(answer.brief.kind, Result::Kind::accepted);
  }
}

TEST_F(DeskTest, ALostAppendThatIsInTheLogIsFoundByItsResultAndAnsweredOnce) {
  lose_append_after(2);
  submit(room_line(villa, "1"));
  submit(booking_line(villa, "2"));
  step();
  EXPECT_THAT(answers, IsEmpty());
  roles.decide();
  desk->follow();
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[1].reached, Milestone::decided);
  EXPECT_FALSE(answers[1].brief.duplicate);
  EXPECT_EQ(answers[1].offset, Offset{1});
  now += 1s;
  step();
  EXPECT_EQ(commands(), 2U) << "it is not appended again";
  EXPECT_EQ(answers.size(), 2U);
}

TEST_F(DeskTest, ALostAppendThatIsNotInTheLogGoesAgain) {
  lose_append_after(1);
  submit(room_line(villa, "1"));
  submit(booking_line(villa, "2"));
  step();
  roles.decide();
  desk->follow();
  EXPECT_EQ(answers.size(), 1U);
  now += 1s;
  step();
  roles.decide();
  step();
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[1].brief.kind, Result::Kind::accepted);
  EXPECT_THAT(log.appends, ElementsAre(2U, 1U)) << "without the one that was found";
}

TEST_F(DeskTest, ACommandThatIsInTheLogTwiceIsDecidedOnceAndAnsweredOnce) {
  lose_append_after(1);
  submit(room_line(villa, "1"));
  step();
  now += 1s;
  step();
  EXPECT_EQ(commands(), 2U);
  roles.decide();
  step();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].brief.kind, Result::Kind::accepted);
  EXPECT_EQ(answers[0].brief.version, Version{1});
  step();
  EXPECT_EQ(answers.size(), 1U);
}

TEST_F(DeskTest, AnothersCommandOfTheSameNameIsNotTakenForALostOne) {
  lose_append_after(0);
  submit(room_line(villa, "1"));
  step();
  const std::string other =
      command_line(villa, "1", "DefineRoom", R"("name":"W","units":1,"inventory":"counter")");
  must(memory.append({{.to = {Topic::commands, {0}}, .payload = record_of(villa, other)}}));
  roles.decide();
  desk->follow();
  EXPECT_THAT(answers, IsEmpty());
  now += 1s;
  step();
  roles.decide();
  step();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].brief.code, Code::idempotency_conflict);
}

TEST_F(DeskTest, ALostAppendOfWhatIsNoCommandIsUnknownAtOnce) {
  lose_append_after(1);
  submit("no JSON at all");
  step();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_FALSE(answers[0].reached);
  EXPECT_EQ(answers[0].failure->kind, FailureKind::unknown);
  now += 1s;
  EXPECT_FALSE(desk->send());
}

TEST_F(DeskTest, ALostAppendIsUnknownWhenItsTimeIsOver) {
  lose_append_after(1);
  submit(ticket(room_line(villa, "1"), Milestone::decided, 5s));
  step();
  now += 5s;
  desk->follow();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_FALSE(answers[0].reached);
  EXPECT_EQ(answers[0].failure->kind, FailureKind::unknown);
  EXPECT_THAT(answers[0].failure->what, HasSubstr("the connection broke"));
  EXPECT_FALSE(desk->send()) << "nobody waits for it";
}

TEST_F(DeskTest, WhatCouldNotBeAppendedInTimeIsNotAppendedLater) {
  lose_append_after(0, FailureKind::transient);
  submit(ticket(room_line(villa, "1"), Milestone::appended, 5s));
  step();
  submit(ticket(room_line(villa, "2"), Milestone::appended, 5s));
  now += 5s;
  step();
  ASSERT_EQ(answers.size(), 2U);
  for (const TicketOutcome& answer : answers) {
    EXPECT_FALSE(answer.reached);
    EXPECT_EQ(answer.failure->kind, FailureKind::transient);
  }
  now += 1s;
  step();
  EXPECT_EQ(commands(), 0U);
}

TEST_F(DeskTest, ALogThatFailsInPassingForTooLongIsSaid) {
  submit(room_line(villa, "1"));
  for (int i = 0; i < 32; ++i) {
    lose_append_after(0, FailureKind::transient);
    step();
    now += 1s;
  }
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].failure->what, "the connection broke");
}

TEST_F(DeskTest, ALogThatFailsForGoodAnswersThoseThatWereToBeAppended) {
  lose_append_after(0, FailureKind::fatal);
  submit(room_line(villa, "1"));
  submit(room_line(villa, "2"));
  step();
  ASSERT_EQ(answers.size(), 2U);
  for (const TicketOutcome& answer : answers) {
    EXPECT_FALSE(answer.reached);
    EXPECT_EQ(answer.failure->kind, FailureKind::fatal);
  }
  submit(room_line(villa, "3"), Milestone::appended);
  step();
  EXPECT_EQ(answers.back().reached, Milestone::appended) << "the next one is tried all the same";
}

class SmallDeskTest : public DeskTest {
 protected:
  SmallDeskTest() : DeskTest({.most_tickets = 2, .most_bytes = 2000}) {}
};

TEST_F(SmallDeskTest, MoreThanItHoldsIsRefusedWholeAndNothingOfItIsTaken) {
  submit(room_line(villa, "1"));
  std::vector<Ticket> two;
  two.push_back(ticket(room_line(villa, "2"), Milestone::decided));
  two.push_back(ticket(room_line(villa, "3"), Milestone::decided));
  const auto refused = desk->submit(two);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::transient);
  EXPECT_THAT(refused.error().what, HasSubstr("busy"));
  EXPECT_EQ(two[0].record.value, room_line(villa, "2"));
  step();
  roles.decide();
  step();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_TRUE(desk->submit(two)) << "there is room again";
}

TEST_F(SmallDeskTest, MoreThanItEverHoldsIsAskedWrongly) {
  std::vector<Ticket> many;
  for (int i = 0; i < 1000; ++i) {
    many.push_back(ticket(room_line(villa, std::to_string(i)), Milestone::appended));
  }
  EXPECT_EQ(desk->submit(many).error().kind, FailureKind::usage);
  EXPECT_TRUE(answers.empty());
}

TEST_F(SmallDeskTest, BytesAreBoundedAsWellAsTickets) {
  Ticket large = ticket(std::string(2001, 'x'), Milestone::decided);
  EXPECT_FALSE(desk->submit(std::span(&large, 1)));
  Ticket largest = ticket(std::string(std::size_t{3} << 20, 'x'), Milestone::decided);
  const auto refused = desk->submit(std::span(&largest, 1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::poison) << "trying again is in vain";
}

}  // namespace
}  // namespace pesan::runtime
