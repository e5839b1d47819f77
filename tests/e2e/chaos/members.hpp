// The processes of a chaos run: engines, registries and projectors of the real program, each with a
// name, started, killed, stopped and woken up. A process that ends by itself is started again, as a
// supervisor would. What each wrote is kept in the run's folder. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/e2e/mutants/stopping_points.hpp"
#include "tests/e2e/program.hpp"

namespace pesan::chaos {

using Time = std::chrono::steady_clock::time_point;

struct Member;

/// A life in which a process stops by itself, all of it, at a point of a transaction.
struct Ambush {
  kafka::TransactionPoint point{};
  int passing = 1;                      // the how manieth one
  std::function<void(Member&)> then{};  // when it stands there
  Time until{};                         // it is killed then, wherever it is
};

struct Member {
  std::string name;  // engine-1
  std::string role;
  std::string instance{};  // of a static member of its groups
  std::unique_ptr<Program> program{};
  int lives = 0;
  bool paused = false;
  bool leaving = false;         // it was told to end
  bool replaced = false;        // another has its instance: it is not started again
  std::optional<Time> due{};    // to be woken up, or started again
  std::size_t read_so_far = 0;  // of what it wrote to stderr
  std::optional<Ambush> next_life{};
  std::optional<Ambush> this_life{};
};

class Members {
 public:
  struct Options {
    std::string program;
    Environment environment;
    Arguments places;    // --log … --store …
    std::string folder;  // for what they write
  };
  explicit Members(Options options) : options_(std::move(options)) {}

  void add(const std::string& role, bool is_static);
  /// Another process takes the instance of a static member, which does not know it yet.
  void replace(Member& member);
  void start(Member& member) const;
  /// Without a word to it.
  void kill(Member& member);
  /// SIGTERM; it has the time to leave its groups.
  void tell_to_end(Member& member);
  void pause(Member& member) const;
  void wake(Member& member) const;
  /// By a signal, its own too.
  static bool is_stopped(const Member& member);

  std::vector<std::unique_ptr<Member>>& all() { return all_; }
  /// Started again when due, or when it ended by itself.
  void look(Time now);
  /// All of them run, and none is paused.
  void calm();
  /// Asks all to end.
  void end();
  /// Asks the last one to end, and forgets it.
  void remove_last();
  /// Partitions that were stopped, and processes that do not end.
  const std::vector<std::string>& findings() const { return findings_; }
  int ended_by_themselves() const { return ended_by_themselves_; }

 private:
  void bury(Member& member);
  void await_end(Member& member);
  void forget_replaced();
  void read_errors(Member& member);

  Options options_;
  std::vector<std::unique_ptr<Member>> all_;
  std::vector<std::string> findings_;
  int ended_by_themselves_ = 0;
};

}  // namespace pesan::chaos
