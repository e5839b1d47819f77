// Which late records are known again, and which are not.
#include "events/repeat_window.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace pesan {
namespace {

constexpr auto length = static_cast<std::int64_t>(RepeatWindow::length);

Digest digest(std::int64_t number) {
  return {.high = 7, .low = static_cast<std::uint64_t>(number)};
}

TEST(RepeatWindow, KnowsARecordByItsNumberAndDigest) {
  RepeatWindow window;
  EXPECT_EQ(window.find(0), nullptr);
  for (const std::int64_t number : {3, 4, 9}) window.add(number, digest(number));
  EXPECT_TRUE(window.has(4, digest(4)));
  EXPECT_FALSE(window.has(4, digest(9)));
  ASSERT_NE(window.find(9), nullptr);
  EXPECT_EQ(*window.find(9), digest(9));
}

TEST(RepeatWindow, KnowsNothingOfWhatIsNewOrLeftOut) {
  RepeatWindow window;
  for (const std::int64_t number : {3, 4, 9}) window.add(number, digest(number));
  for (const std::int64_t number : {0, 2, 5, 8, 10}) {
    EXPECT_EQ(window.find(number), nullptr) << number;
  }
}

TEST(RepeatWindow, KeepsTheFirstOfWhatCameTwice) {
  RepeatWindow window;
  window.add(3, digest(3));
  window.add(4, digest(4));
  window.add(3, digest(99));
  EXPECT_EQ(*window.find(3), digest(3));
  EXPECT_EQ(*window.find(4), digest(4));
}

TEST(RepeatWindow, ForgetsTheOldestFirst) {
  RepeatWindow window;
  for (std::int64_t i = 0; i < 2 * length + 5; ++i) {
    window.add(i, digest(i));
    const std::int64_t oldest = std::max<std::int64_t>(i - length + 1, 0);
    ASSERT_TRUE(window.has(oldest, digest(oldest)));
    if (i >= length) {
      ASSERT_EQ(window.find(i - length), nullptr);
    }
  }
  window.clear();
  EXPECT_EQ(window.find(2 * length), nullptr);
}

}  // namespace
}  // namespace pesan
