// The engines of one worker, a thread that has some partitions, and their writer. In a round each
// engine decides what is there for it, on its own state, and all of it is committed in one
// transaction: the cost of a round does not grow with the number of partitions. A partition that
// fails leaves the round before it is committed, and no other partition notices. What landed in
// inlets (inlet.hpp) is moved home in the same rounds. One thread, but
// for recoveries, which go on beside the rounds of those that have recovered.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "engine/engine.hpp"
#include "engine/inlet.hpp"

namespace pesan {

class EngineWorker {
 public:
  /// `recoveries`: whether they run on threads of their own, or when they are asked for.
  explicit EngineWorker(Log& log, std::launch recoveries = std::launch::async)
      : log_(log), recoveries_(recoveries) {}
  EngineWorker(const EngineWorker&) = delete;
  EngineWorker& operator=(const EngineWorker&) = delete;

  using MakeOptions = std::function<EngineOptions(Partition, const std::stop_token&)>;
  bool has(Partition partition, const ClaimProof& proof) const;
  /// Takes the partition over where it is not taken under that proof, and recovers where its engine
  /// does not stand where the log does. Null: it recovers; ask again.
  Fallible<const Engine*> enter(Partition partition, const ClaimProof& proof,
                                const MakeOptions& options);
  /// Of a partition that is entered: adds what its engine decides, and what its inlets hold, to the
  /// round; how many commands.
  /// Failures as Engine::decide; it is not in the round then.
  Fallible<std::size_t> decide(Partition partition);
  /// What was decided since the last call, in one transaction. Where it fails nothing of it was
  /// ever decided. transient: call again after a pause. conflict, unknown: `enter` takes anew.
  Fallible<void> commit();
  /// Nothing is left of its engine.
  void leave(Partition partition);
  /// Now and then while there is nothing to decide.
  void idle();

  /// Null where it has not recovered.
  const Engine* engine(Partition partition) const;

 private:
  using Recovery = std::future<Fallible<std::unique_ptr<Engine>>>;
  struct Place {
    std::optional<ClaimProof> proof;  // under which it is taken
    std::optional<Offset> committed;  // as it was then
    std::unique_ptr<Engine> engine;
    std::deque<Inlet> inlets;  // each stays where it is
    std::stop_source stop;     // of its recovery
    Recovery recovering;

    ~Place() { stop.request_stop(); }
    void commit();
    void rollback();
  };
  class OpenStep;
  class EndedRound;

  Fallible<std::optional<Offset>> take(Place& place, Partition partition, const ClaimProof& proof,
                                       const MakeOptions& options);
  bool stands(const Place& place);
  void abandon(Place& place);
  Fallible<const Engine*> begin(Place& place, Partition partition);
  void recover(Place& place, Partition partition, const MakeOptions& options);
  Fallible<const Engine*> recovered(Place& place, Partition partition);
  std::size_t recoveries() const;
  static bool is_over(const Recovery& recovery);
  std::size_t move_inlets(Place& place);

  Log& log_;
  std::launch recoveries_;
  std::unique_ptr<LogWriter> writer_;
  std::map<Partition, Place> places_;
  std::vector<Recovery> abandoned_;
  Transaction round_;
  std::vector<Place*> in_round_;
};

}  // namespace pesan
