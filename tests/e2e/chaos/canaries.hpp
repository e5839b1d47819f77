// Canaries of the chaos runs: ways in which pesan could be wrong that only real processes on real
// servers show. Each is a mutant of the program (tests/e2e/chaos/mutants) and the faults under
// which it does harm. Values.
#pragma once

#include <string_view>

#include "tests/e2e/chaos/run.hpp"

namespace pesan::chaos {

/// Makes a run one with this mutant. False: there is none of that name.
bool put_canary(std::string_view name, RunOptions& options);

}  // namespace pesan::chaos
