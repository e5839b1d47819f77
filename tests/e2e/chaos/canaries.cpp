#include "tests/e2e/chaos/canaries.hpp"

#include <map>
#include <string>

namespace pesan::chaos {

bool put_canary(std::string_view name, RunOptions& options) {
  using enum Fault;
  struct Canary {
    std::string victims;
    std::map<Fault, int> faults;
  };
  static const std::map<std::string_view, Canary> canaries{
      {"offsets_outside_transaction", {"engine", {{kill, 4}, {kill_role, 1}}}},
      {"compare_and_set_removed",
       {"projector", {{zombie, 4}, {terminate, 2}, {pause_database, 2}}}},
      {"outcomes_not_restored", {"engine", {{kill, 3}, {terminate, 2}}}},
      {"swap_in_two_steps",
       {"projector", {{cut_rebuild_before, 1}, {cut_rebuild_after, 3}, {kill_rebuild, 2}}}},
  };
  const auto found = canaries.find(name);
  if (found == canaries.end()) return false;
  options.victims = found->second.victims;
  options.weights = found->second.faults;
  options.program = PESAN_CANARY;
  options.environment = {{"PESAN_MUTANT", std::string(name)}};
  return true;
}

}  // namespace pesan::chaos
