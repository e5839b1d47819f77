// Each mutant must be caught by the harness that finds nothing wrong with pesan itself: a check
// that cannot fail is no check.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/simulation/run.hpp"

namespace pesan::simulation {
namespace {

class Canary : public ::testing::TestWithParam<Mutant> {};

TEST_P(Canary, IsCaught) {
  constexpr std::uint64_t most_seeds = 300;
  for (std::uint64_t seed = 0; seed < most_seeds; ++seed) {
    const auto report = run_seed({.seed = seed, .mutant = GetParam()});
    if (!report.violation) continue;
    fmt::print("{} is caught by seed {}, {}: {}\n", name_of(GetParam()), seed, report.phase,
               *report.violation);
    return;
  }
  FAIL() << name_of(GetParam()) << " lives: " << most_seeds << " seeds found nothing wrong";
}

constexpr auto every_mutant = [] {
  std::array<Mutant, EnumNames<Mutant>::names.size() - 1> mutants{};
  for (std::size_t i = 0; i < mutants.size(); ++i) mutants[i] = static_cast<Mutant>(i + 1);
  return mutants;
}();

INSTANTIATE_TEST_SUITE_P(Simulation, Canary, ::testing::ValuesIn(every_mutant),
                         [](const auto& mutant) { return std::string(name_of(mutant.param)); });

}  // namespace
}  // namespace pesan::simulation
