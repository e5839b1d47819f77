// What one thread of a role has to do: one duty a partition. A duty is done while it is this
// process's (events/claims.hpp), backs off after a failure in passing, and stops by itself where it
// must not go on: the others are not stopped. Whatever a duty or its claims throw stops that duty
// and nothing else. The steps of a round are committed together, but for those of duties that have
// not begun, or failed last: each of them goes first and alone until it has succeeded once, so that
// what is wrong with one harms no other. A round never sleeps; its caller does, until there may be
// something to do. One thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/metrics/health.hpp"
#include "adapters/runtime/duty.hpp"
#include "events/claims.hpp"
#include "events/failure.hpp"
#include "events/log.hpp"

namespace pesan::runtime {

class Duties {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Options {
    std::string role;
    /// How long a duty may go on failing before it stops; for ever without.
    std::optional<std::chrono::milliseconds> patience;
    std::function<Time()> now = std::chrono::steady_clock::now;
  };
  struct Round {
    std::size_t done = 0;
    std::chrono::nanoseconds worked{0};  // all steps that did something
    std::optional<Time> again;           // when to look again though the log does not change
  };
  /// Duties that stopped for one reason in one round.
  struct Stop {
    std::vector<TopicPartition> places;
    Failure failure;  // as a sentence that names them
  };

  /// Called before a first step of what has become this process's, which may take long: the
  /// standings are to be shown before it.
  void on_taking(std::function<void()> call) { on_taking_ = std::move(call); }

  /// `claims` must outlive it.
  Duties(Options options, Claims& claims, Work work);
  Duties(const Duties&) = delete;
  Duties& operator=(const Duties&) = delete;
  ~Duties();

  /// Every duty that is due, a step each.
  Round round();
  /// What stopped in the last round, each reason once.
  const std::vector<Stop>& stops() const { return stops_; }
  bool all_stopped() const;
  /// Every duty has done its first step, is another process's, or stopped.
  bool all_begun() const;
  /// How each stands, in their order.
  std::vector<metrics::DutyStanding> standings() const;

 private:
  struct Running {
    std::unique_ptr<Duty> duty;
    bool mine = false;
    bool others = false;  // another process has it
    bool begun = false;
    bool stopped = false;
    bool open = false;   // its step waits for the commit of the round
    bool alone = false;  // since it failed, or the commit of a round that it was in
    Time step_began{};
    Duty::Step step{};  // the last one
    Time due{};
    std::chrono::milliseconds pause{};  // after the next failure
    std::optional<Time> failing_since;
  };

  /// A step of each that is due, and the commit of what they did: of each one that goes alone, then
  /// of those that go together.
  void step_all(Round& round);
  /// A step where it is due, and this process's.
  void step(Running& running, Round& round);
  void commit(Round& round);
  void committed_nothing(const std::vector<Running*>& together, const Failure& failure);
  /// The step itself, with the claim that it has.
  Fallible<Duty::Step> work(Running& running, const ClaimProof& proof);
  void succeeded(Running& running, Round& round);
  /// The next owner waits for this, whatever came of the step.
  Fallible<void> claim_done(const Running& running);
  void lost(Running& running);
  void failed(Running& running, const Failure& failure);
  void stop(Running& running, FailureKind kind, const std::string& why);
  void say_who_stands_by();
  void name_stops();

  Options options_;
  Claims& claims_;
  std::function<void()> on_taking_;
  std::function<Fallible<void>()> commit_;
  std::vector<Running> all_;
  std::vector<Stop> stops_;
  std::size_t said_standing_by_ = 0;
};

}  // namespace pesan::runtime
