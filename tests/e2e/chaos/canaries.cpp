#include "tests/e2e/chaos/canaries.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace pesan::chaos {

const std::vector<Canary>& all_canaries() {
  using enum Fault;
  using enum kafka::TransactionPoint;
  // Results, events and the committed offset, one of which is ahead; or records of two writers. Two
  // that decide one command decide it alike: then it is only answered twice.
  const std::vector<std::string_view> two_histories{
      "they are not of one history", "was cut or restored without the other", "a gap or a repeat",
      "is of another timeline", "answered twice"};
  static const std::vector<Canary> all{
      {.name = "offsets_outside_transaction",
       .victims = "engine",
       .faults = {{kill, 4}, {kill_role, 1}},
       .says = {"they are not of one history"},
       .all_static = true},
      {.name = "outcomes_not_restored",
       .victims = "engine",
       .faults = {{kill, 3}, {terminate, 2}},
       .says = {"\n  expected "}},
      {.name = "compare_and_set_removed",
       .victims = "projector",
       .faults = {{zombie, 4}, {terminate, 2}, {pause_database, 2}},
       .says = {"A row is there that should not be"}},
      {.name = "swap_in_two_steps",
       .victims = "projector",
       .faults = {{cut_rebuild_before, 1}, {cut_rebuild_after, 3}, {kill_rebuild, 2}},
       .says = {"doesn't exist"}},
      {.name = "offsets_without_generation",
       .victims = "engine",
       .faults = {{zombie_at_point, 1}},
       .says = two_histories,
       .points = {begun}},
      {.name = "offset_taken_unstable",
       .victims = "engine",
       .faults = {{zombie_at_point, 1}},
       .says = two_histories,
       .points = {offsets_sent}},
      {.name = "recovers_to_last_stable",
       .victims = "engine",
       .faults = {{kill_amid_markers, 1}},
       .says = two_histories,
       .all_static = true},
      {.name = "round_kept_after_abort",
       .victims = "engine",
       .faults = {{pause_broker, 1}},
       .says = {"version", "\n  expected "}},
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
  options.points = canary.points;
  options.calm = std::chrono::seconds{45};  // many of them never come to rest
  options.all_static = canary.all_static;
  options.program = PESAN_CANARY;
  options.environment = {{"PESAN_MUTANT", std::string(canary.name)}};
  return options;
}

bool is_caught(const Canary& canary, const Report& report) {
  return std::ranges::any_of(report.findings, [&](const std::string& finding) {
    return std::ranges::any_of(canary.says,
                               [&](std::string_view said) { return finding.contains(said); });
  });
}

}  // namespace pesan::chaos
