#include "tests/simulation/run.hpp"

#include <fmt/format.h>

namespace pesan::simulation {

Report run_seed(const RunOptions& options, std::map<std::string, std::int64_t>* tally) {
  Report report{.options = options, .violation = {}, .phase = {}, .world = {}};
  activate(options.mutant);
  World world(options);
  report.world = world.description();
  try {
    world.run();
  } catch (const Violation& violation) {
    report.violation = violation.what;
  }
  if (tally != nullptr) world.tally(*tally);
  report.phase = world.phase();
  report.step = world.step();
  report.commands = world.commands();
  return report;
}

std::string describe(const Report& report) {
  if (!report.violation) {
    return fmt::format("seed {}: all is well after {} steps and {} commands ({})",
                       report.options.seed, report.step, report.commands, report.world);
  }
  return fmt::format(
      "seed {}, {}, step {}: {}\n({})\nreplay it with: simulation_tests --seed {}{}",
      report.options.seed, report.phase, report.step, *report.violation, report.world,
      report.options.seed,
      report.options.partitions ? fmt::format(" --partitions {}", *report.options.partitions) : "");
}

std::uint64_t seeds_per_case() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return 5;
#else
  return 100;
#endif
}

}  // namespace pesan::simulation
