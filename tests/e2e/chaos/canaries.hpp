// Canaries of the chaos runs: ways in which pesan could be wrong that only real processes on real
// servers show. Each is a mutant of the program (tests/e2e/mutants) and the faults under
// which it does harm. Values.
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "tests/e2e/chaos/run.hpp"

namespace pesan::chaos {

struct Canary {
  std::string_view name;
  std::string_view victims;  // the role that faults of processes hit
  std::map<Fault, int> faults;
  /// What stands in the finding, one of them, when it was found for its own sake.
  std::vector<std::string_view> says;
  bool all_static = false;                                     // members
  std::vector<kafka::TransactionPoint> points = all_points();  // at which faults of points happen
};

const std::vector<Canary>& all_canaries();
/// Null where there is none of that name.
const Canary* find_canary(std::string_view name);
/// A run with it instead of the program.
RunOptions with(const Canary& canary, RunOptions options);
/// Whether something is wrong, and for the reason that it must be.
bool is_caught(const Canary& canary, const Report& report);

}  // namespace pesan::chaos
