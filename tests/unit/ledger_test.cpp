// The memory of outcomes: what it forgets, and that taking back leaves it as it was.
#include "engine/ledger.hpp"

#include <gtest/gtest.h>

namespace pesan {
namespace {

Digest key(std::uint64_t number) { return {.high = 1, .low = number}; }

void add(Ledger& ledger, std::uint64_t number, std::int64_t sequence) {
  ledger.add(key(number), {},
             {.code = {},
              .booking_suffix = {},
              .details = {},
              .sequence = Sequence{sequence},
              .version = {}});
}

TEST(Ledger, ForgetsTheFirstOfMoreThanItRemembers) {
  Ledger ledger(2);
  add(ledger, 1, 1);
  add(ledger, 2, 2);
  add(ledger, 3, 3);
  EXPECT_EQ(ledger.find(key(1)), nullptr);
  EXPECT_NE(ledger.find(key(2)), nullptr);
  EXPECT_NE(ledger.find(key(3)), nullptr);
}

TEST(Ledger, TakesBackABatchLargerThanWhatItRemembers) {
  Ledger ledger(2);
  add(ledger, 1, 1);
  add(ledger, 2, 2);
  ledger.commit();
  for (std::uint64_t n = 3; n < 40; ++n) add(ledger, n, static_cast<std::int64_t>(n));
  ledger.rollback();
  EXPECT_EQ(ledger.entries().size(), 2U);
  EXPECT_NE(ledger.find(key(1)), nullptr);
  EXPECT_NE(ledger.find(key(2)), nullptr);
  EXPECT_EQ(ledger.find(key(3)), nullptr);
}

TEST(Ledger, TakesBackAKeyThatWasForgottenAndUsedAgainTwiceInOneBatch) {
  Ledger ledger(2);
  add(ledger, 1, 1);
  add(ledger, 2, 2);
  ledger.commit();
  for (const std::uint64_t n : {3, 4, 1, 5, 6, 1, 7, 8}) add(ledger, n, 10);
  ledger.rollback();
  ASSERT_NE(ledger.find(key(1)), nullptr);
  EXPECT_EQ(ledger.find(key(1))->sequence, Sequence{1});
  add(ledger, 3, 3);
  EXPECT_EQ(ledger.find(key(1)), nullptr);
  add(ledger, 1, 4);
  EXPECT_EQ(ledger.find(key(1))->sequence, Sequence{4});
}

}  // namespace
}  // namespace pesan
