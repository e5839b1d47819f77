// Ready and alive, by what the loops of a process say.
#include <chrono>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/metrics/health.hpp"

namespace pesan::metrics {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

constexpr TopicPartition engine_of(std::int32_t partition) {
  return {Topic::commands, {partition}};
}
constexpr TopicPartition rows_of(std::int32_t partition) { return {Topic::events, {partition}}; }

class MetricsHealth : public ::testing::Test {
 protected:
  Health::Time now_ = Health::Time{} + 1h;
  Health health_;
};

TEST_F(MetricsHealth, IsNotReadyWhileSomethingHoldsItAndSaysWhat) {
  EXPECT_EQ(health_.not_ready(now_), "starting");
  health_.hold("waiting for the log: no broker answers");
  EXPECT_EQ(health_.not_ready(now_), "waiting for the log: no broker answers");
  health_.hold(std::nullopt);
  EXPECT_EQ(health_.not_ready(now_), std::nullopt);
}

TEST_F(MetricsHealth, IsNotReadyBeforeEveryLoopHasReported) {
  health_.hold(std::nullopt);
  health_.add_loop("engine").report({{engine_of(0), Standing::mine}}, now_);
  auto& projector = health_.add_loop("projector");
  EXPECT_EQ(health_.not_ready(now_), "projector: not begun");
  projector.report({{rows_of(0), Standing::mine}}, now_);
  EXPECT_EQ(health_.not_ready(now_), std::nullopt);
}

TEST_F(MetricsHealth, IsReadyWhereWhatIsItsHasBegunAndTheRestIsOthers) {
  health_.hold(std::nullopt);
  health_.add_loop("engine").report(
      {{engine_of(0), Standing::mine}, {engine_of(1), Standing::others}}, now_);
  EXPECT_EQ(health_.not_ready(now_), std::nullopt);
}

TEST_F(MetricsHealth, CountsWhatWaitsAndWhatStoppedOverAllLoopsOfARole) {
  health_.hold(std::nullopt);
  auto& first = health_.add_loop("engine");
  auto& second = health_.add_loop("engine");
  auto& projector = health_.add_loop("projector");
  first.report({{engine_of(0), Standing::waiting}, {engine_of(2), Standing::mine}}, now_);
  second.report({{engine_of(1), Standing::stopped}}, now_);
  projector.report({{rows_of(0), Standing::stopped}}, now_);
  EXPECT_EQ(health_.not_ready(now_),
            "engine: 1 of 3 waiting, 1 of 3 stopped; projector: 1 of 1 stopped");
  second.report({{engine_of(1), Standing::mine}}, now_);
  projector.report({{rows_of(0), Standing::mine}}, now_);
  EXPECT_EQ(health_.not_ready(now_), "engine: 1 of 3 waiting");
}

TEST_F(MetricsHealth, IsAliveWhileEachLoopGoesOn) {
  auto& engine = health_.add_loop("engine");
  auto& registry = health_.add_loop("registry");
  engine.report({{engine_of(0), Standing::mine}}, now_);
  registry.report({{{Topic::customers, {0}}, Standing::mine}}, now_);
  EXPECT_EQ(health_.not_alive(now_ + 9min), std::nullopt);
  engine.beat(now_ + 9min);
  EXPECT_EQ(health_.not_alive(now_ + 11min), "registry: its loop has stood still for 660 s");
  registry.beat(now_ + 11min);
  EXPECT_EQ(health_.not_alive(now_ + 11min), std::nullopt);
}

TEST_F(MetricsHealth, ALoopThatRecoversOrEndedDoesNotStandStill) {
  health_.add_loop("engine");  // its first round replays a long log
  auto& ended = health_.add_loop("projector");
  ended.report({{rows_of(0), Standing::stopped}}, now_);
  ended.end();
  EXPECT_EQ(health_.not_alive(now_ + 24h), std::nullopt);
}

TEST_F(MetricsHealth, IsNotReadyWhileALoopThatWasReadyRecoversForLong) {
  auto& engine = health_.add_loop("engine");
  health_.hold(std::nullopt);
  engine.report({{engine_of(0), Standing::mine}}, now_);
  engine.recovers(now_);
  EXPECT_EQ(health_.not_ready(now_ + 9s), std::nullopt);  // in passing
  EXPECT_EQ(health_.not_ready(now_ + 10s), "engine: recovers");
  EXPECT_EQ(health_.not_alive(now_ + 24h), std::nullopt);
  engine.beat(now_ + 11s);
  EXPECT_EQ(health_.not_ready(now_ + 11s), std::nullopt);
}

TEST_F(MetricsHealth, KnowsWhichPartitionsOfARoleAreItsOwn) {
  health_.add_loop("engine").report({{engine_of(0), Standing::mine}}, now_);
  health_.add_loop("projector")
      .report({{rows_of(0), Standing::mine},
               {rows_of(1), Standing::others},
               {rows_of(2), Standing::stopped},
               {rows_of(3), Standing::waiting}},
              now_);
  EXPECT_THAT(health_.own("projector"), ElementsAre(rows_of(0), rows_of(2), rows_of(3)));
}

}  // namespace
}  // namespace pesan::metrics
