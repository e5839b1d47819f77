// Members of a consumer group on a real Kafka. Each case has topics and a group of its own.
#include <chrono>
#include <functional>
#include <random>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/kafka/group_offsets.hpp"
#include "adapters/kafka/kafka_log.hpp"
#include "adapters/kafka/membership.hpp"
#include "tests/support/must.hpp"
#include "tests/support/stack.hpp"

namespace pesan::kafka {
namespace {

using std::chrono::seconds;

class KafkaMembership : public ::testing::Test {
 protected:
  KafkaMembership() { must(KafkaLog::create(place_, 4, {})); }

  std::unique_ptr<Membership> join(const std::string& instance = {}) const {
    return must(Membership::join(place_, {.group = group_,
                                          .instance = instance,
                                          .topics = {Topic::events},
                                          .commits_reached = true}));
  }
  static TopicPartition events(int partition) { return {Topic::events, Partition{partition}}; }
  /// How many partitions a step may begin for.
  static int owned(Membership& member) {
    int count = 0;
    for (int p = 0; p < 4; ++p) {
      const auto answer = member.enter(events(p));
      if (!answer || *answer != Claim::mine) continue;
      member.exit(events(p));
      ++count;
    }
    return count;
  }
  static bool comes_true(const std::function<bool()>& condition, seconds limit = seconds{20}) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(milliseconds{10});
    }
    return true;
  }

  Place place_{.brokers = kafka_brokers(),
               .prefix = fmt::format("member-{:08x}", std::random_device{}()),
               .properties = {}};
  std::string group_ = place_.prefix + "-projector";
};

TEST_F(KafkaMembership, NothingIsAnybodysBeforeTheGroupHasAnswered) {
  EXPECT_EQ(must(join()->enter(events(0))), Claim::settling);
}

TEST_F(KafkaMembership, TheOnlyMemberHasAllAndSharesThemWithTheNext) {
  const auto first = join();
  EXPECT_TRUE(comes_true([&] { return owned(*first) == 4; }));
  auto second = join();
  EXPECT_TRUE(comes_true([&] { return owned(*first) == 2 && owned(*second) == 2; }));
  for (int p = 0; p < 4; ++p) {
    const auto has = [&](Membership& member) {
      const auto answer = must(member.enter(events(p)));
      if (answer == Claim::mine) member.exit(events(p));
      return answer == Claim::mine;
    };
    EXPECT_NE(has(*first), has(*second)) << p;
  }
  second.reset();
  EXPECT_TRUE(comes_true([&] { return owned(*first) == 4; })) << "who leaves is not waited for";
}

TEST_F(KafkaMembership, ARebalanceWaitsForTheStepInHand) {
  const auto first = join();
  ASSERT_TRUE(comes_true([&] { return owned(*first) == 4; }));
  ASSERT_EQ(must(first->enter(events(3))), Claim::mine);
  const auto second = join();
  ASSERT_TRUE(comes_true([&] { return must(first->enter(events(0))) == Claim::settling; }));
  EXPECT_EQ(owned(*second), 0);
  first->exit(events(3));
  EXPECT_TRUE(comes_true([&] { return owned(*second) == 2; }));
}

TEST_F(KafkaMembership, WhoTakesItsInstanceEndsTheOneBefore) {
  const auto first = join("pod-1");
  ASSERT_TRUE(comes_true([&] { return owned(*first) == 4; }));
  const auto second = join("pod-1");
  EXPECT_TRUE(comes_true([&] { return owned(*second) == 4; }));
  ASSERT_TRUE(comes_true([&] { return !first->enter(events(0)); }));
  const auto refused = first->enter(events(0));
  EXPECT_EQ(refused.error().kind, FailureKind::fatal);
  EXPECT_THAT(refused.error().what, ::testing::HasSubstr("Give every process an --instance"));
}

TEST_F(KafkaMembership, WhoCanWorkOnNothingThatItWasGivenLeavesItToOthers) {
  const auto sick = join();
  const auto sound = join();
  ASSERT_TRUE(comes_true([&] { return owned(*sick) == 2 && owned(*sound) == 2; }));
  int given_up = 0;
  for (int p = 0; p < 4; ++p) {
    if (must(sick->enter(events(p))) != Claim::mine) continue;
    sick->exit(events(p));
    sick->give_up(events(p));
    if (++given_up == 1) {
      EXPECT_EQ(owned(*sick), 2) << "one of several may be the log's own trouble";
    }
  }
  EXPECT_TRUE(comes_true([&] { return owned(*sound) == 4; }));
  EXPECT_EQ(must(sick->enter(events(0))), Claim::others);
}

TEST_F(KafkaMembership, WhatWasReachedIsTheGroupsOffsetForToolsThatShowLag) {
  {
    const auto member = join();
    ASSERT_TRUE(comes_true([&] { return owned(*member) == 4; }));
    member->reached(events(2), Offset{17});
    member->reached(events(2), Offset{18});
    GroupOffsets offsets(place_, group_);
    EXPECT_TRUE(comes_true([&] { return must(offsets.last(events(2))).next == Offset{18}; }));
    EXPECT_EQ(must(offsets.last(events(1))).next, std::nullopt);
    member->reached(events(1), Offset{5});
  }
  GroupOffsets offsets(place_, group_);
  EXPECT_EQ(must(offsets.last(events(1))).next, Offset{5}) << "committed when it left";
}

}  // namespace
}  // namespace pesan::kafka
