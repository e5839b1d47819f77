// The duties of a role's thread, on a clock and over failures that the test owns.
#include "adapters/runtime/duties.hpp"

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pesan::runtime {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr TopicPartition first_place{Topic::commands, Partition{0}};

/// A duty that always succeeds, until it is told otherwise.
struct Told {
  int steps = 0;
  int restarts = 0;
  int ended = 0;
  int committed = 0;
  int undone = 0;
  std::optional<Failure> failure;
  bool throws = false;
  bool throws_at_its_end = false;
  std::function<void()> lasts;
  Duty::Step step;

  std::unique_ptr<Duty> duty(int partition);
  void count(int& times) const {
    ++times;
    if (throws_at_its_end) throw std::runtime_error("no memory to end with");
  }
};

class WorkDuty final : public Duty {
 public:
  WorkDuty(Told& work, int partition)
      : Duty("engine of partition " + std::to_string(partition),
             {Topic::commands, Partition{partition}}),
        work_(work) {}
  Fallible<Step> step(const ClaimProof& /*proof*/) override {
    ++work_.steps;
    if (work_.throws) throw std::runtime_error("no memory");
    if (work_.failure) return std::unexpected(*work_.failure);
    if (work_.lasts) work_.lasts();
    return work_.step;
  }
  void settled(bool committed) override { ++(committed ? work_.committed : work_.undone); }
  void end() override { work_.count(work_.ended); }
  void restart() override { work_.count(work_.restarts); }

 private:
  Told& work_;
};

std::unique_ptr<Duty> Told::duty(int partition) {
  return std::make_unique<WorkDuty>(*this, partition);
}

/// Claims that the test settles.
struct SettledClaims final : Claims {
  std::map<TopicPartition, Claim> answers;  // else mine
  int in_step = 0;
  std::vector<TopicPartition> released;
  std::vector<TopicPartition> given_up;
  std::string throws_in;  // the name of a call
  void may_throw(std::string_view call) const {
    if (throws_in == call) throw std::runtime_error("no memory for a claim");
  }

  Fallible<Claim> begin(TopicPartition place) override {
    if (place == first_place) may_throw("begin");
    const auto found = answers.find(place);
    const Claim claim = found == answers.end() ? Claim::mine : found->second;
    if (claim == Claim::mine) ++in_step;
    return claim;
  }
  void done(TopicPartition place) override {
    --in_step;
    if (place == first_place) may_throw("done");
  }
  void release(TopicPartition place) override {
    released.push_back(place);
    may_throw("release");
  }
  void give_up(TopicPartition place) override {
    given_up.push_back(place);
    may_throw("give_up");
  }
};

class DutiesTest : public ::testing::Test {
 protected:
  Duties make(std::optional<std::chrono::milliseconds> patience = {}) {
    runtime::Work both{.duties = {}, .commit = [this] { return commits(); }};
    both.duties.push_back(first_.duty(0));
    both.duties.push_back(second_.duty(1));
    return Duties({.role = "engine", .patience = patience, .now = [this] { return now_; }}, claims_,
                  std::move(both));
  }

  /// The commit of a round.
  Fallible<void> commits() {
    ++commits_;
    if (refused_) return std::unexpected(*refused_);
    return {};
  }

  Duties::Time now_ = Duties::Time{} + 1h;
  int commits_ = 0;
  std::optional<Failure> refused_;
  SettledClaims claims_;
  Told first_;
  Told second_;
};

TEST_F(DutiesTest, OneThatMustNotGoOnStopsAloneAndIsNamedOnce) {
  auto duties = make();
  first_.failure = {FailureKind::fatal, "a bug at command 0-4711"};
  duties.round();
  ASSERT_EQ(duties.stops().size(), 1U);
  EXPECT_EQ(duties.stops()[0].failure.what,
            "engine of partition 0 stopped: a bug at command 0-4711");
  EXPECT_EQ(first_.ended, 1);
  EXPECT_THAT(claims_.released, ElementsAre(first_place));  // anyone's, who may know more
  EXPECT_EQ(claims_.in_step, 0);
  duties.round();
  EXPECT_THAT(duties.stops(), IsEmpty());
  EXPECT_EQ(first_.steps, 1);
  EXPECT_EQ(second_.steps, 2);
  EXPECT_FALSE(duties.all_stopped());
  EXPECT_TRUE(duties.all_begun());
}

TEST_F(DutiesTest, OneReasonOfSeveralIsSaidOnce) {
  auto duties = make();
  first_.failure = second_.failure = {FailureKind::fatal, "no such time zone"};
  duties.round();
  ASSERT_EQ(duties.stops().size(), 1U);
  EXPECT_EQ(duties.stops()[0].places.size(), 2U);
  EXPECT_TRUE(duties.all_stopped());
}

TEST_F(DutiesTest, AFailureInPassingDelaysNoOther) {
  auto duties = make();
  first_.failure = {FailureKind::transient, "the disk is full"};
  EXPECT_EQ(duties.round().again, now_ + 10ms);
  duties.round();
  EXPECT_EQ(first_.steps, 1);
  EXPECT_EQ(second_.steps, 2);
  now_ += 10ms;
  EXPECT_EQ(duties.round().again, now_ + 20ms);
  EXPECT_EQ(first_.steps, 2);
  EXPECT_EQ(first_.restarts, 0);
  first_.failure.reset();
  now_ += 20ms;
  EXPECT_EQ(duties.round().again, std::nullopt);
}

TEST_F(DutiesTest, AFailureInPassingThatLastsIsGivenUpWherePatienceEnds) {
  auto duties = make(10s);
  first_.failure = {FailureKind::transient, "the disk is full"};
  duties.round();
  now_ += 9s;
  duties.round();
  EXPECT_THAT(duties.stops(), IsEmpty());
  now_ += 1s;
  duties.round();
  ASSERT_EQ(duties.stops().size(), 1U);
  EXPECT_THAT(duties.stops()[0].failure.what, HasSubstr("given up after 10 s"));
}

// A process whose database was away for an hour went on saying that it was ready.
TEST_F(DutiesTest, OneThatHasBegunAndFailsForTenSecondsIsWaitingUntilItGoesOn) {
  auto duties = make();
  const auto standing = [&] { return duties.standings()[0].standing; };
  duties.round();
  first_.failure = {FailureKind::transient, "no database"};
  duties.round();
  now_ += 9s;
  duties.round();
  EXPECT_EQ(standing(), metrics::Standing::mine);
  now_ += 1s;
  duties.round();
  EXPECT_EQ(standing(), metrics::Standing::waiting);
  EXPECT_EQ(duties.standings()[1].standing, metrics::Standing::mine);
  first_.failure.reset();
  now_ += 1s;
  duties.round();
  EXPECT_EQ(standing(), metrics::Standing::mine);
}

TEST_F(DutiesTest, WhatAnotherProcessDoesIsLeftToItUntilItEnds) {
  auto duties = make();
  claims_.answers[first_place] = Claim::others;
  EXPECT_EQ(duties.round().again, now_ + 100ms);
  EXPECT_EQ(first_.steps, 0);
  EXPECT_TRUE(duties.all_begun());  // standing by is all that there is to do
  claims_.answers.clear();
  now_ += 100ms;
  duties.round();
  EXPECT_EQ(first_.steps, 1);
}

TEST_F(DutiesTest, WhatComesBackFromARebalanceIsGoneOnWithAndNotStartedAgain) {
  auto duties = make();
  claims_.answers[first_place] = Claim::settling;
  EXPECT_EQ(duties.round().again, now_ + 10ms);
  EXPECT_FALSE(duties.all_begun());
  claims_.answers.clear();
  now_ += 10ms;
  duties.round();
  claims_.answers[first_place] = Claim::settling;
  duties.round();
  claims_.answers.clear();
  now_ += 10ms;
  duties.round();
  EXPECT_EQ(first_.steps, 2);
  EXPECT_EQ(first_.ended, 0);
}

TEST_F(DutiesTest, WhatARebalanceGivesToAnotherProcessIsEndedHere) {
  auto duties = make();
  duties.round();
  claims_.answers[first_place] = Claim::others;
  duties.round();
  EXPECT_EQ(first_.ended, 1);
  EXPECT_EQ(first_.steps, 1);
}

TEST_F(DutiesTest, AnExceptionStopsOneDutyAndNoOther) {
  auto duties = make();
  first_.throws = true;
  duties.round();
  duties.round();
  ASSERT_EQ(first_.steps, 1);
  EXPECT_EQ(second_.steps, 2);
  EXPECT_THAT(claims_.given_up, ElementsAre(first_place));
}

TEST_F(DutiesTest, WhatItsClaimsOrItsEndThrowStopsOneDutyAndNoOther) {
  for (const char* call : {"begin", "done", "release", "give_up", "end"}) {
    SCOPED_TRACE(call);
    first_ = {.throws = call == std::string("give_up")};
    second_ = {};
    claims_.throws_in = call;
    first_.throws_at_its_end = call == std::string("end");
    {
      auto duties = make();
      duties.round();
      if (call == std::string("end")) {
        first_.failure = {FailureKind::unknown, "the answer was lost"};
        duties.round();
        EXPECT_EQ(first_.restarts, 1);
      }
      now_ += 1h;
      duties.round();
      EXPECT_GE(second_.steps, 2);
      EXPECT_EQ(claims_.in_step, 0);
    }
    EXPECT_EQ(second_.ended, 1);
  }
}

TEST_F(DutiesTest, WhatComesBackAfterALossIsNotReadyBeforeItHasRecovered) {
  using metrics::Standing;
  auto duties = make();
  first_.failure = {FailureKind::transient, "no broker"};
  duties.round();
  now_ += 1h;
  first_.failure.reset();
  duties.round();
  EXPECT_EQ(duties.standings()[0].standing, Standing::mine);
  first_.failure = {FailureKind::transient, "no broker"};
  duties.round();
  claims_.answers[first_place] = Claim::others;
  now_ += 1s;
  duties.round();
  EXPECT_EQ(duties.standings()[0].standing, Standing::others);

  claims_.answers.clear();
  first_.failure.reset();
  std::vector<Standing> shown;
  duties.on_taking([&] { shown.push_back(duties.standings()[0].standing); });
  first_.lasts = [&] {
    EXPECT_THAT(shown, ElementsAre(Standing::waiting)) << "before the step that recovers";
  };
  now_ += 1s;
  duties.round();
  EXPECT_THAT(shown, ElementsAre(Standing::waiting));
  EXPECT_EQ(duties.standings()[0].standing, Standing::mine);
  now_ += 1s;
  duties.round();
  EXPECT_EQ(shown.size(), 1U) << "only a first step";
}

TEST_F(DutiesTest, WhoWasFencedWaitsBeforeItFencesInReturn) {
  auto duties = make();
  first_.failure = {FailureKind::conflict, "a newer writer has the name"};
  EXPECT_EQ(duties.round().again, now_ + 500ms);
  EXPECT_EQ(first_.restarts, 1);
}

TEST_F(DutiesTest, ARoundSaysHowLongTheStepsTookThatDidSomething) {
  auto duties = make();
  first_.lasts = [this] { now_ += 30ms; };
  first_.step = {.done = 7};
  second_.lasts = [this] { now_ += 5ms; };
  second_.step = {.done = 0};
  const auto round = duties.round();
  EXPECT_EQ(round.done, 7U);
  EXPECT_EQ(round.worked, 30ms);
}

TEST_F(DutiesTest, SaysHowEachOfThemStands) {
  using metrics::Standing;
  auto duties = make();
  const auto standings = [&] {
    std::vector<Standing> all;
    for (const auto& duty : duties.standings()) all.push_back(duty.standing);
    return all;
  };
  EXPECT_EQ(duties.standings()[0].place, first_place);
  EXPECT_THAT(standings(), ElementsAre(Standing::waiting, Standing::waiting));
  claims_.answers[first_place] = Claim::others;
  second_.failure = {FailureKind::transient, "no broker"};
  duties.round();
  EXPECT_THAT(standings(), ElementsAre(Standing::others, Standing::waiting));
  claims_.answers[first_place] = Claim::mine;
  second_.failure = {FailureKind::fatal, "a bug"};
  now_ += 1s;
  duties.round();
  EXPECT_THAT(standings(), ElementsAre(Standing::mine, Standing::stopped));
}

// ---- rounds ----

TEST_F(DutiesTest, TheOpenStepsOfARoundAreCommittedTogether) {
  auto duties = make();
  duties.round();  // they begin
  first_.step = second_.step = {.done = 3, .open = true};
  EXPECT_EQ(duties.round().done, 6U);
  EXPECT_EQ(commits_, 1);
  EXPECT_EQ(first_.committed, 1);
  EXPECT_EQ(second_.committed, 1);
  EXPECT_EQ(claims_.in_step, 0);
}

TEST_F(DutiesTest, ARoundInWhichNothingIsOpenIsNotCommitted) {
  auto duties = make();
  duties.round();  // they begin
  duties.round();
  EXPECT_EQ(commits_, 0);
}

TEST_F(DutiesTest, OneThatBeginsGoesFirstAndAloneAsThatMayLast) {
  auto duties = make();
  first_.step = second_.step = {.done = 3, .open = true};
  duties.round();
  EXPECT_EQ(commits_, 2);
  duties.round();
  EXPECT_EQ(commits_, 3);
}

TEST_F(DutiesTest, OneThatFailsLeavesTheRoundAndTheOthersAreCommitted) {
  auto duties = make();
  duties.round();  // they begin
  first_.failure = {FailureKind::fatal, "a bug at command 0-4711"};
  second_.step = {.done = 3, .open = true};
  EXPECT_EQ(duties.round().done, 3U);
  EXPECT_EQ(commits_, 1);
  EXPECT_EQ(second_.committed, 1);
  EXPECT_EQ(first_.ended, 1);
}

TEST_F(DutiesTest, AfterARoundThatFailedEachGoesAloneUntilItSucceeds) {
  auto duties = make();
  duties.round();  // they begin
  first_.step = second_.step = {.done = 3, .open = true};
  refused_ = {FailureKind::poison, "a record is too large"};
  EXPECT_EQ(duties.round().done, 0U);
  EXPECT_EQ(first_.undone, 1);
  EXPECT_EQ(second_.undone, 1);
  EXPECT_THAT(duties.stops(), IsEmpty());  // which of them it was is not known

  now_ += 1s;
  commits_ = 0;
  refused_.reset();
  EXPECT_EQ(duties.round().done, 6U);
  EXPECT_EQ(commits_, 2);
  now_ += 1s;
  EXPECT_EQ(duties.round().done, 6U);
  EXPECT_EQ(commits_, 3);  // together again
}

TEST_F(DutiesTest, OneThatFailsAloneStopsAloneAndHarmsNoOther) {
  auto duties = make();
  duties.round();  // they begin
  first_.step = second_.step = {.done = 3, .open = true};
  refused_ = {FailureKind::poison, "a record is too large"};
  duties.round();
  now_ += 1s;
  second_.step.open = false;  // it commits by itself, and that is not refused
  EXPECT_EQ(duties.round().done, 3U);
  ASSERT_EQ(duties.stops().size(), 1U);
  EXPECT_EQ(duties.stops()[0].failure.what, "engine of partition 0 stopped: a record is too large");
  EXPECT_EQ(claims_.in_step, 0);
}

TEST_F(DutiesTest, OneThatFailsSlowlyBesideOthersPausesForFourTimesAsLong) {
  auto duties = make();
  duties.round();  // they begin
  first_.lasts = [this] { now_ += 2s; };
  first_.step = {.done = 1, .open = true};
  refused_ = {FailureKind::transient, "the partition has no leader"};
  const auto round = duties.round();
  ASSERT_TRUE(round.again);
  EXPECT_EQ(*round.again - now_, 8s);
}

TEST_F(DutiesTest, OneThatRecoversHasNotBegunAndDelaysNoOther) {
  auto duties = make();
  first_.step = {.soon = true, .begins = true};
  second_.step = {.done = 3, .open = true};
  EXPECT_EQ(duties.round().done, 3U);
  EXPECT_FALSE(duties.all_begun());
  first_.step = {.done = 1, .open = true};
  now_ += 1s;
  EXPECT_EQ(duties.round().done, 4U);
  EXPECT_TRUE(duties.all_begun());
}

}  // namespace
}  // namespace pesan::runtime
