// One simulated process: the real loops - a worker with engines, the registry, rounds of projectors
// - over faulty ports. It starts them, steps them, and does what their contracts ask of their
// caller: pause after a transient failure, start anew after a conflict or a lost answer, stop at
// what is fatal. When it dies all of them vanish and a new life begins later. One thread.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/engine_worker.hpp"
#include "engine/registry.hpp"
#include "projections/projector_round.hpp"
#include "tests/simulation/faulty_log.hpp"
#include "tests/simulation/faulty_read_model.hpp"

namespace pesan::simulation {

enum class Role : std::uint8_t { engine, registry, projector };

struct Duty {
  Role role = Role::engine;
  TopicPartition source;  // what it consumes; of the registry, nothing in particular
  auto operator<=>(const Duty&) const = default;
};
std::string to_string(const Duty& duty);

/// Everything that a log of so many partitions needs done.
std::vector<Duty> all_duties(std::int32_t partitions);

/// What every process is told alike.
struct LoopSettings {
  std::size_t remember = 0;
  std::vector<std::set<Offset>> parked;  // by partition
};

class Process {
 public:
  Process(Nature& nature, const LoopSettings& settings, std::string name,
          const std::vector<Duty>& duties);

  /// One step of one loop: how many records it moved. A dead process, and a loop that pauses, moves
  /// none. `patient` steps are taken in a calm world: a loop that pauses is woken up, and every
  /// failure but a conflict is a violation.
  std::size_t step(std::size_t loop, bool patient);
  /// A step of one that somebody else has replaced. It may go on only where the port allows it (a
  /// projector), and is then gone for good.
  void step_zombie(std::size_t loop);
  std::size_t loops() const { return loops_.size(); }
  const Duty& duty(std::size_t loop) const { return loops_[loop].duty; }
  /// Whether its loop lives and nobody has opened the same name since (projectors have none).
  bool owns(std::size_t loop) const;
  /// The first command of that partition that a living engine here has not answered.
  std::optional<Offset> needs_command(Partition partition) const;
  void kill();
  /// Nothing moves until then; what it holds grows stale.
  void pause(Instant until) { paused_until_ = std::max(paused_until_, until); }
  void calm();
  const Life& life() const { return *life_; }

 private:
  struct Loop {
    Duty duty;
    bool decides = false;  // an engine: the worker has its partition
    bool retakes = false;  // an engine: it was in a round that failed, and takes it again
    std::unique_ptr<Registry> registry;
    std::unique_ptr<Projector> projector;
    bool on_stack = false;
    Instant paused_until;
    bool alive() const { return decides || registry || projector; }
  };

  void be_born();
  void bury();
  std::size_t run(Loop& loop, bool patient);
  Fallible<void> start(Loop& loop);
  void drop(Loop& loop);
  Fallible<void> enter(Loop& loop);
  /// A round of the worker: of this partition, and of others that it has.
  Fallible<std::size_t> decide(Loop& loop);
  /// A round of this projector, and of others here that nobody steps.
  Fallible<std::size_t> project(Loop& loop);
  RecoveryOptions recovery(Partition partition) const;
  /// Beside the engines, as a thread of its own would: it may fail or die like any reader.
  void make_snapshot(Partition partition);
  Fallible<std::size_t> advance(Loop& loop);
  void fail(Loop& loop, const Failure& failure, bool patient);

  Nature& nature_;
  const LoopSettings& settings_;
  std::string name_;
  std::vector<Loop> loops_;
  std::unique_ptr<Life> life_;
  std::unique_ptr<FaultyLog> log_;
  std::unique_ptr<FaultyReadModel> model_;
  std::unique_ptr<EngineWorker> worker_;  // of all engines here, one thread
  bool worker_on_stack_ = false;
  bool calm_ = false;
  std::size_t batch_ = 1;
  Instant paused_until_;
  int frames_ = 0;
};

}  // namespace pesan::simulation
