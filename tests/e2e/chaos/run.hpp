// One chaos run on a stack that is up: a log and a database of its own, processes of every role, a
// load and a nemesis; then calm, in which everything must come to rest; then the judgement. One
// thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/e2e/chaos/nemesis.hpp"

namespace pesan::chaos {

struct RunOptions {
  std::string stack;
  std::uint64_t seed = 0;
  std::chrono::seconds length{60};
  int per_second = 100;
  std::map<Fault, int> weights = usual_weights();
  std::string victims{};  // the role that faults of processes hit; empty: any
  std::vector<kafka::TransactionPoint> points = all_points();
  /// All members are static ones: one that comes back in time goes on at once, so that the others
  /// work on when one is killed every other second.
  bool all_static = false;
  std::string program = PESAN_PROGRAM;
  Environment environment{};
  /// How long the calm may last before what is left to do counts as lost.
  std::chrono::seconds calm{120};
  bool keep = false;  // the folder, even if nothing is wrong
};

struct Report {
  std::vector<std::string> findings;  // empty: nothing is wrong
  std::vector<std::string> story;
  std::string folder;  // what the processes wrote
  std::map<std::string, int> counts;
  std::map<Fault, int> faults;
  std::map<std::string, int> outcomes;
};

Report run(const RunOptions& options);

/// For people: counts a line each, and, where something is wrong, what happened before.
std::string describe(const RunOptions& options, const Report& report);

}  // namespace pesan::chaos
