// What all simulated ports share: the stores that survive crashes, the virtual clock, the dice, and
// what is under way between a port and its store (commits whose answer was lost and that arrive
// later, commits that readers do not see yet). It knows nothing of loops; one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "tests/simulation/faults.hpp"
#include "tests/simulation/mutants.hpp"
#include "tests/support/judges/evidence.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/memory_read_model.hpp"
#include "tests/support/memory_snapshots.hpp"
#include "tests/support/random.hpp"

namespace pesan::simulation {

/// Thrown out of a port call of a process that dies there: its loops vanish with all they knew.
struct Crash {};

using judges::Violation;

/// One incarnation of a process, as its ports see it.
struct Life {
  std::string name;
  int serial = 0;
  bool dead = false;
  bool lied_to = false;  // a read lost a record: a loop may stop and say so
  std::int64_t clock_skew_ms = 0;
  bool wrong_clock = false;  // an engine may refuse to decide
};

class Nature {
 public:
  Nature(Random random, const MemoryLog::Options& log);

  MemoryLog log;
  MemoryReadModel model;
  MemorySnapshots snapshots;
  Random random;
  Faults faults;
  Mutant mutant = Mutant::none;
  Instant now;
  int lives = 0;  // of processes, so far
  /// Runs something else for a while, in the middle of somebody's port call.
  std::function<void()> let_others_act;

  // Every port call is between these two; either may throw Crash. `begin` tells whether the call
  // is to fail as transient.
  bool begin(Life& life, std::string_view call);
  void end(Life& life, std::string_view call);

  /// What readers see of a partition; later it may be more, never less.
  Offset visible_end(TopicPartition place);
  void show(TopicPartition place);
  void show_everything() { visible_.clear(); }

  /// Something that was sent and has not arrived.
  void send_late(std::function<void()> arrive) { late_.push_back(std::move(arrive)); }
  void deliver_one();
  void deliver_all();

  /// The process that opened a writer last.
  std::map<std::pair<std::string, Partition>, int> owners;

  template <class... Args>
  void note(fmt::format_string<Args...> text, Args&&... args) {
    if (verbose) fmt::print("{}\n", fmt::format(text, std::forward<Args>(args)...));
  }
  bool verbose = false;

 private:
  [[noreturn]] void die(Life& life, std::string_view call, std::string_view when);

  std::map<TopicPartition, Offset> visible_;  // where readers lag
  std::vector<std::function<void()>> late_;
  int depth_ = 0;
};

}  // namespace pesan::simulation
