// Runs a seed and tells how it went. What the tests, the canaries and the replay of one seed have
// in common; any thread, one run a thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/simulation/world.hpp"

namespace pesan::simulation {

struct Report {
  RunOptions options;
  std::optional<std::string> violation;
  std::string phase;
  int step = 0;
  std::size_t commands = 0;
  std::string world;
};

/// `tally` grows by what happened.
Report run_seed(const RunOptions& options, std::map<std::string, std::int64_t>* tally = nullptr);

/// What a person needs to begin with: seed, step, expected and found, how to replay it.
std::string describe(const Report& report);

/// Fewer where sanitizers make each of them slow.
std::uint64_t seeds_per_case();

}  // namespace pesan::simulation
