// How much one client may ask.
#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "adapters/http/v1/bounds.hpp"

namespace pesan::http::v1 {
namespace {

using namespace std::chrono_literals;

constexpr Bounds::Time noon{12h};

TEST(GatewayBounds, AfterSoManyAClientWaitsForTheNextSecond) {
  Bounds bounds({.a_second = 2, .under_way = 32});
  EXPECT_TRUE(bounds.enter("web", 0, noon));
  EXPECT_TRUE(bounds.enter("web", 0, noon));
  const auto refused = bounds.enter("web", 0, noon);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, 429U);
  EXPECT_EQ(refused.error().headers.front().name, "Retry-After");
  EXPECT_EQ(refused.error().headers.front().value, "1");
  EXPECT_TRUE(bounds.enter("web", 0, noon + 500ms));
  EXPECT_FALSE(bounds.enter("web", 0, noon + 501ms));
}

TEST(GatewayBounds, ARestGathersNoMoreThanASecondsWorth) {
  Bounds bounds({.a_second = 2, .under_way = 32});
  EXPECT_TRUE(bounds.enter("web", 0, noon));
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(bounds.enter("web", 0, noon + 1h));
  EXPECT_FALSE(bounds.enter("web", 0, noon + 1h));
}

TEST(GatewayBounds, AGreedyClientTakesNothingFromAnother) {
  Bounds bounds({.a_second = 1, .under_way = 32});
  EXPECT_TRUE(bounds.enter("web", 0, noon));
  EXPECT_FALSE(bounds.enter("web", 0, noon));
  EXPECT_TRUE(bounds.enter("desk", 0, noon));
}

TEST(GatewayBounds, SoManyAreUnderWayAtATime) {
  Bounds bounds({.a_second = 1000, .under_way = 2});
  std::vector<Bounds::Place> places{*bounds.enter("web", 0, noon), *bounds.enter("web", 0, noon)};
  EXPECT_FALSE(bounds.enter("web", 0, noon));
  places.pop_back();
  EXPECT_TRUE(bounds.enter("web", 0, noon));
}

TEST(GatewayBounds, ArraysHaveRoomForSoManyBytesOfOneClientAndOfAll) {
  Bounds bounds({.bytes = 8, .all_arrays = 12});
  auto first = bounds.take_room("web", 4, noon);
  auto second = bounds.take_room("web", 4, noon);
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(bounds.take_room("web", 1, noon)) << "8 of one client";
  EXPECT_TRUE(bounds.take_room("desk", 4, noon)) << "and given back at once";
  const auto third = bounds.take_room("desk", 4, noon);
  EXPECT_FALSE(bounds.take_room("till", 1, noon)) << "12 of all";
  first->reset();
  EXPECT_TRUE(bounds.take_room("till", 1, noon));
}

TEST(GatewayBounds, AnArrayCountsAsTheCommandsThatItIs) {
  Bounds bounds({.a_second = 10, .under_way = 32});
  const auto place = bounds.enter("web", 0, noon);
  ASSERT_TRUE(place);
  EXPECT_TRUE(bounds.unpack("web", *place, 25, noon));
  const auto refused = bounds.enter("web", 0, noon);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().headers.front().value, "2") << "16 of 10 a second are missing";
  EXPECT_FALSE(bounds.enter("web", 0, noon + 1s));
  EXPECT_TRUE(bounds.enter("web", 0, noon + 2s));
}

TEST(GatewayBounds, SoManyCommandsOfArraysAreUnderWayAtATime) {
  Bounds bounds({.a_second = 10'000, .commands = 500});
  auto first = bounds.enter("web", 0, noon);
  const auto second = bounds.enter("web", 0, noon);
  EXPECT_TRUE(bounds.unpack("web", *first, 300, noon));
  EXPECT_FALSE(bounds.unpack("web", *second, 201, noon));
  EXPECT_TRUE(bounds.unpack("web", *second, 200, noon));
  first->reset();
  EXPECT_TRUE(bounds.unpack("web", *bounds.enter("web", 0, noon), 300, noon));
}

TEST(GatewayBounds, SoManyBytesOfAClientAreUnderWayAtATime) {
  Bounds bounds({.a_second = 1000, .bytes = 100});
  auto first = bounds.enter("web", 60, noon);
  EXPECT_TRUE(first);
  EXPECT_FALSE(bounds.enter("web", 41, noon));
  EXPECT_TRUE(bounds.enter("desk", 41, noon));
  first->reset();
  EXPECT_TRUE(bounds.enter("web", 41, noon));
}

}  // namespace
}  // namespace pesan::http::v1
