// The threads of the roles: what is thrown outside of any step stops what its thread worked on, and
// nothing else.
#include "adapters/runtime/roles.hpp"

#include <stdexcept>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/forwarded_log.hpp"
#include "tests/support/event_stream.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/memory_read_model.hpp"

namespace pesan::runtime {
namespace {

/// A log that has no memory left to tidy up.
class TiredLog final : public ForwardedLog {
 public:
  using ForwardedLog::ForwardedLog;
  void idle() override { throw std::runtime_error("no memory to tidy up"); }
};

TEST(Roles, WhatIsThrownOutsideOfAStepStopsThatThreadAndNotTheProcess) {
  MemoryLog memory{{.partitions = 2, .clock = [] { return Instant{0}; }}};
  EventStream(memory, 1).open();
  TiredLog log(memory);
  metrics::Metrics metrics({.version = "1", .commit = "c"});
  RoleOptions options;
  options.roles = {RoleKind::registry};
  options.metrics = &metrics;
  Roles roles(log, [] { return fail(FailureKind::fatal, "no store"); }, options);
  roles.start();
  metrics.health().hold(std::nullopt);
  while (!roles.failure()) std::this_thread::yield();
  EXPECT_THAT(roles.failure()->what, testing::HasSubstr("no memory to tidy up"));
  EXPECT_TRUE(roles.stopped(RoleKind::registry, {Topic::customers, Partition{0}}));
  EXPECT_TRUE(roles.over());
  roles.stop();
  EXPECT_THAT(metrics.health().not_ready(std::chrono::steady_clock::now()).value_or("ready"),
              testing::HasSubstr("stopped"));
}

TEST(Roles, AProcessWithoutAProjectorThatGoesOnIsOverThoughItsRegistryGoesOn) {
  MemoryLog log{{.partitions = 2, .clock = [] { return Instant{0}; }}};
  EventStream(log, 1).open();
  Roles roles(log, [] { return fail(FailureKind::fatal, "no store"); },
              {.roles = {RoleKind::registry, RoleKind::projector}});
  EXPECT_FALSE(roles.over());
  roles.start();
  while (!roles.over()) std::this_thread::yield();
  EXPECT_THAT(roles.failure()->what, testing::HasSubstr("no store"));
  EXPECT_TRUE(roles.stopped(RoleKind::projector, {Topic::events, Partition{1}}));
  EXPECT_FALSE(roles.stopped(RoleKind::registry, customers_topic));
  EXPECT_FALSE(roles.ready());  // nobody decides here
  roles.stop();
}

}  // namespace
}  // namespace pesan::runtime
