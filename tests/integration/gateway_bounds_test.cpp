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
  EXPECT_TRUE(bounds.enter("web", noon));
  EXPECT_TRUE(bounds.enter("web", noon));
  const auto refused = bounds.enter("web", noon);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, 429U);
  EXPECT_EQ(refused.error().headers.front().name, "Retry-After");
  EXPECT_EQ(refused.error().headers.front().value, "1");
  EXPECT_TRUE(bounds.enter("web", noon + 500ms));
  EXPECT_FALSE(bounds.enter("web", noon + 501ms));
}

TEST(GatewayBounds, ARestGathersNoMoreThanASecondsWorth) {
  Bounds bounds({.a_second = 2, .under_way = 32});
  EXPECT_TRUE(bounds.enter("web", noon));
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(bounds.enter("web", noon + 1h));
  EXPECT_FALSE(bounds.enter("web", noon + 1h));
}

TEST(GatewayBounds, AGreedyClientTakesNothingFromAnother) {
  Bounds bounds({.a_second = 1, .under_way = 32});
  EXPECT_TRUE(bounds.enter("web", noon));
  EXPECT_FALSE(bounds.enter("web", noon));
  EXPECT_TRUE(bounds.enter("desk", noon));
}

TEST(GatewayBounds, SoManyAreUnderWayAtATime) {
  Bounds bounds({.a_second = 1000, .under_way = 2});
  std::vector<Bounds::Place> places{*bounds.enter("web", noon), *bounds.enter("web", noon)};
  EXPECT_FALSE(bounds.enter("web", noon));
  places.pop_back();
  EXPECT_TRUE(bounds.enter("web", noon));
}

}  // namespace
}  // namespace pesan::http::v1
