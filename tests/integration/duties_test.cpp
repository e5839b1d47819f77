// The duties of a role's thread, on a clock and over failures that the test owns.
#include "adapters/cli/duties.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pesan::cli {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A duty that always succeeds, until it is told otherwise.
struct Work {
  int steps = 0;
  int restarts = 0;
  int left = 0;
  bool of_others = false;
  std::optional<Failure> failure;

  Duty duty(int partition) {
    return {.name = "engine of partition " + std::to_string(partition),
            .place = {Topic::commands, Partition{partition}},
            .take = [this]() -> Fallible<bool> { return !of_others; },
            .leave = [this] { ++left; },
            .step = [this]() -> Fallible<Duty::Step> {
              ++steps;
              if (failure) return std::unexpected(*failure);
              return Duty::Step{};
            },
            .restart = [this] { ++restarts; }};
  }
};

class DutiesTest : public ::testing::Test {
 protected:
  Duties make(std::optional<std::chrono::milliseconds> patience = {}) {
    return Duties({.role = "engine", .patience = patience, .now = [this] { return now_; }},
                  {first_.duty(0), second_.duty(1)});
  }

  Duties::Time now_ = Duties::Time{} + 1h;
  Work first_;
  Work second_;
};

TEST_F(DutiesTest, OneThatMustNotGoOnStopsAloneAndIsNamedOnce) {
  auto duties = make();
  first_.failure = {FailureKind::fatal, "a bug at command 0-4711"};
  duties.round();
  ASSERT_EQ(duties.stops().size(), 1U);
  EXPECT_EQ(duties.stops()[0].failure.what,
            "engine of partition 0 stopped: a bug at command 0-4711");
  EXPECT_EQ(first_.left, 1);  // anyone's, who may know more
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

TEST_F(DutiesTest, WhatAnotherProcessDoesIsLeftToItUntilItEnds) {
  auto duties = make();
  first_.of_others = true;
  EXPECT_EQ(duties.round().again, now_ + 100ms);
  EXPECT_EQ(first_.steps, 0);
  EXPECT_FALSE(duties.all_begun());
  first_.of_others = false;
  now_ += 100ms;
  duties.round();
  EXPECT_EQ(first_.steps, 1);
  EXPECT_TRUE(duties.all_begun());
}

}  // namespace
}  // namespace pesan::cli
