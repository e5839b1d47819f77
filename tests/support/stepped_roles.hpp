// The roles of a log, which do as much as a test lets them and when it does: so the test decides
// how far each of them has come. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/registry.hpp"
#include "projections/projector.hpp"
#include "tests/support/lone_engine.hpp"
#include "tests/support/must.hpp"

namespace pesan {

class SteppedRoles {
 public:
  /// Each of them stands by until it is first asked.
  SteppedRoles(Log& log, ReadModel& store)
      : log_(log), store_(store), engines_(static_cast<std::size_t>(log.partitions())) {}

  /// All that is there; how many commands.
  std::size_t decide(Partition partition = {}) {
    auto& engine = engines_[static_cast<std::size_t>(partition.value)];
    if (!engine) {
      engine = must(LoneEngine::start(
          log_, {.recovery = {.partition = partition}, .wall_clock = [] { return far_ahead; }}));
    }
    std::size_t decided = 0;
    while (const std::size_t step = must(engine->step())) decided += step;
    return decided;
  }
  void link() {
    if (!registry_) registry_ = must(Registry::start(log_, {.linked = nullptr}));
    while (must(registry_->step()) > 0) {
    }
  }
  void project(TopicPartition source = {Topic::events, {0}}) {
    Projector projector(log_, store_, source, {});
    while (must(projector.step()).kind == ProjectorStep::Kind::progress) {
    }
  }
  void project_customers() { project({Topic::customers, {0}}); }
  /// Everything, once.
  void work() {
    for (std::int32_t p = 0; p < log_.partitions(); ++p) {
      decide({p});
      project({Topic::events, {p}});
    }
    link();
    project_customers();
  }

 private:
  /// No record of the log is from the future.
  static constexpr Instant far_ahead{std::int64_t{1} << 50};

  Log& log_;
  ReadModel& store_;
  std::vector<std::unique_ptr<LoneEngine>> engines_;
  std::unique_ptr<Registry> registry_;
};

}  // namespace pesan
