#include "tests/e2e/chaos/canaries.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace pesan::chaos {

const std::vector<Canary>& all_canaries() {
  using enum Fault;
  static const std::vector<Canary> all{
      {.name = "offsets_outside_transaction",
       .victims = "engine",
       .faults = {{kill, 4}, {kill_role, 1}},
       .says = "they are not of one history",
       .all_static = true},
      {.name = "outcomes_not_restored",
       .victims = "engine",
       .faults = {{kill, 3}, {terminate, 2}},
       .says = "\n  expected "},
      {.name = "compare_and_set_removed",
       .victims = "projector",
       .faults = {{zombie, 4}, {terminate, 2}, {pause_database, 2}},
       .says = "A row is there that should not be"},
      {.name = "swap_in_two_steps",
       .victims = "projector",
       .faults = {{cut_rebuild_before, 1}, {cut_rebuild_after, 3}, {kill_rebuild, 2}},
       .says = "doesn't exist"},
  };
  return all;
}

const Canary* find_canary(std::string_view name) {
  const auto found = std::ranges::find(all_canaries(), name, &Canary::name);
  return found == all_canaries().end() ? nullptr : &*found;
}

RunOptions with(const Canary& canary, RunOptions options) {
  options.victims = canary.victims;
  options.weights = canary.faults;
  options.all_static = canary.all_static;
  options.program = PESAN_CANARY;
  options.environment = {{"PESAN_MUTANT", std::string(canary.name)}};
  return options;
}

bool is_caught(const Canary& canary, const Report& report) {
  return std::ranges::any_of(
      report.findings, [&](const std::string& finding) { return finding.contains(canary.says); });
}

}  // namespace pesan::chaos
