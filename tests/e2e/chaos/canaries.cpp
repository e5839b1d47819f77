#include "tests/e2e/chaos/canaries.hpp"

#include <map>
#include <string>

namespace pesan::chaos {

bool put_canary(std::string_view name, RunOptions& options) {
  using enum Fault;
  static const std::map<std::string_view, std::map<Fault, int>> faults{
      {"offsets_outside_transaction", {{kill, 4}, {kill_role, 1}}},
      {"compare_and_set_removed", {{zombie, 6}, {kill, 1}, {cut_after_commit, 1}}},
      {"outcomes_not_restored", {{kill, 3}, {terminate, 2}}},
      {"swap_in_two_steps", {{cut_rebuild_before, 2}, {cut_rebuild_after, 2}, {kill_rebuild, 2}}},
  };
  const auto found = faults.find(name);
  if (found == faults.end()) return false;
  options.weights = found->second;
  options.program = PESAN_CANARY;
  options.environment = {{"PESAN_MUTANT", std::string(name)}};
  return true;
}

}  // namespace pesan::chaos
