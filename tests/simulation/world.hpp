// One simulated run from one seed: a log, tables, clients, processes that come and go. A fault
// phase in which anything may happen; then a calm phase that must come to rest; then every process
// is started anew and has to answer what was asked before; then the judges. The same seed is the
// same run. One thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/nature.hpp"
#include "tests/simulation/process.hpp"
#include "tests/support/judges/evidence.hpp"
#include "tests/support/workload.hpp"

namespace pesan::simulation {

using judges::Evidence;

struct RunOptions {
  std::uint64_t seed = 0;
  std::optional<std::int32_t> partitions;  // instead of the seed's own
  Mutant mutant = Mutant::none;
  bool verbose = false;
};

class World {
 public:
  explicit World(const RunOptions& options);

  /// Throws Violation. `step` tells how far it came.
  void run();
  int step() const { return step_; }
  std::string phase() const { return phase_; }
  std::string description() const;
  /// Commands that were decided.
  std::size_t commands() const;
  /// What became of them: event types, rejection codes, and `duplicate`, `forwarded`, `nothing`.
  void tally(std::map<std::string, std::int64_t>& into) const;

 private:
  struct Shape {
    std::int32_t partitions = 1;
    bool command_clock = false;
    bool commit_markers = false;
    int commands = 0;
    int steps = 0;
  };
  struct Placed {
    Process* process;
    std::size_t loop;
  };

  static Shape shape_from(Random& random, const RunOptions& options);
  void open_log();
  void settle_roles();
  void fault_phase();
  void calm_phase();
  void second_life();
  void judge();
  void judge_timers(const audit::Model& decided) const;

  void act();
  void interlude();
  void step_something();
  void send(bool repeat);
  void move_clock();
  void drop_answered_commands();
  void end_backfill();
  void come_to_rest();
  Evidence evidence() const;

  Random random_;
  Shape shape_;
  Nature nature_;
  Workload workload_;
  LoopSettings settings_;
  std::vector<std::unique_ptr<Process>> processes_;
  std::vector<Placed> kept_;     // the processes of the calm world
  std::vector<Placed> zombies_;  // processes that think they are
  std::vector<std::vector<Record>> dropped_;
  std::vector<std::optional<Offset>> backfill_ended_at_;
  Instant latest_;  // that the clock ever showed
  int sent_ = 0;
  int step_ = 0;
  std::string phase_ = "fault phase";
};

}  // namespace pesan::simulation
