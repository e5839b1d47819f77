// Calls of librdkafka that are to be made again.
#include <gtest/gtest.h>

#include "adapters/kafka/repeat.hpp"

namespace pesan::kafka {
namespace {

using namespace std::chrono_literals;

TEST(KafkaRepeat, ACallThatIsRefusedAtOnceIsMadeAgainWithPausesThatGrowUntilPatienceEnds) {
  Repeating::Clock::time_point now{};
  const Repeating how{.patience = 10s,
                      .now = [&] { return now; },
                      .sleep = [&](std::chrono::milliseconds time) { now += time; }};
  int calls = 0;
  const auto refused = [&]() -> std::optional<Refusal> {
    ++calls;
    return Refusal{.code = RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, .retriable = true};
  };
  EXPECT_TRUE(repeat(refused, how));
  EXPECT_GE(now.time_since_epoch(), 10s);
  EXPECT_LT(calls, 150);
}

TEST(KafkaRepeat, WhatIsDoneOrNotToBeRepeatedIsNotMadeAgain) {
  int calls = 0;
  const Repeating how{.patience = 10s, .sleep = [](auto) {}};
  const auto third_time = [&]() -> std::optional<Refusal> {
    if (++calls == 3) return std::nullopt;
    return Refusal{.code = RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, .retriable = true};
  };
  EXPECT_FALSE(repeat(third_time, how));
  EXPECT_EQ(calls, 3);
  const auto fenced = [&]() -> std::optional<Refusal> {
    ++calls;
    return Refusal{.code = RD_KAFKA_RESP_ERR__FENCED, .fatal = true};
  };
  EXPECT_TRUE(repeat(fenced, how));
  EXPECT_EQ(calls, 4);
}

}  // namespace
}  // namespace pesan::kafka
