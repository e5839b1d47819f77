// What all Claims must do, whatever settles them. A test that includes this names the claims to
// try, as `using ClaimHarnesses = testing::Types<...>` in namespace pesan, before the include. A
// harness has
//   std::unique_ptr<Claims> join();   those of one more process
//   std::vector<TopicPartition> places;   three of one topic, all that there are
#pragma once

#include <chrono>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "events/claims.hpp"
#include "tests/support/must.hpp"

namespace pesan {

template <class Harness>
class ClaimsContract : public ::testing::Test {
 protected:
  /// Asks as roles do, a step each, until the group of those who ask is settled and each place is
  /// somebody's; how many are whose. A process that asks for nothing more is not among them.
  std::vector<int> deal(const std::vector<Claims*>& processes) {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    while (std::chrono::steady_clock::now() < patience) {
      std::vector<int> mine(processes.size());
      bool settled = true;
      for (const TopicPartition place : harness.places) {
        std::vector<std::size_t> owners;  // none is done before all have asked
        for (std::size_t i = 0; i < processes.size(); ++i) {
          const Claim claim = must(processes[i]->begin(place));
          settled = settled && claim != Claim::settling;
          if (claim == Claim::mine) owners.push_back(i);
        }
        EXPECT_LE(owners.size(), 1U) << "two processes have one partition";
        for (const std::size_t owner : owners) {
          ++mine[owner];
          processes[owner]->done(place);
        }
        settled = settled && owners.size() == 1;
      }
      if (settled) return mine;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    throw std::runtime_error("nobody has some partition");
  }

  Harness harness;
};

TYPED_TEST_SUITE(ClaimsContract, ClaimHarnesses);

TYPED_TEST(ClaimsContract, AProcessThatIsAloneHasEveryPartition) {
  const auto alone = this->harness.join();
  EXPECT_EQ(this->deal({alone.get()}), std::vector{3});
}

TYPED_TEST(ClaimsContract, EachPartitionIsOneProcesssAndNobodysTwice) {
  const auto one = this->harness.join();
  const auto other = this->harness.join();
  const auto mine = this->deal({one.get(), other.get()});
  EXPECT_EQ(mine[0] + mine[1], 3);
}

TYPED_TEST(ClaimsContract, WhatIsMineStaysMineFromStepToStep) {
  const auto one = this->harness.join();
  this->deal({one.get()});
  for (int step = 0; step < 100; ++step) {
    for (const TopicPartition place : this->harness.places) {
      ASSERT_EQ(must(one->begin(place)), Claim::mine);
      one->done(place);
    }
  }
}

TYPED_TEST(ClaimsContract, AProcessThatEndsLeavesItsPartitionsToTheOther) {
  auto one = this->harness.join();
  const auto other = this->harness.join();
  this->deal({one.get(), other.get()});
  one.reset();
  EXPECT_EQ(this->deal({other.get()}), std::vector{3});
}

TYPED_TEST(ClaimsContract, OneThatComesLaterTakesNothingThatIsInAStep) {
  const auto one = this->harness.join();
  this->deal({one.get()});
  const TopicPartition place = this->harness.places.front();
  ASSERT_EQ(must(one->begin(place)), Claim::mine);
  const auto later = this->harness.join();
  // Until the one is told no, or the other is asked to let go, which waits for its step.
  const TopicPartition elsewhere = this->harness.places.back();
  for (;;) {
    const Claim asked = must(later->begin(place));
    ASSERT_NE(asked, Claim::mine);
    if (asked == Claim::others) break;
    const Claim still = must(one->begin(elsewhere));
    if (still != Claim::mine) break;
    one->done(elsewhere);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_NE(must(later->begin(place)), Claim::mine);
  one->done(place);
  this->deal({one.get(), later.get()});
}

}  // namespace pesan
