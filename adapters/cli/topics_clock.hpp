// `pesan topics end-backfill` and `topics mend-clock`: the clock of a log, changed on the record.
#pragma once

#include "adapters/cli/commands.hpp"

namespace pesan::cli {

void add_clock_commands(Program program, CLI::App& group);

}  // namespace pesan::cli
