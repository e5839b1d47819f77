// Ends a backfill: one logged ClockSwitched per partition, after which `now` follows the log's
// append time (DESIGN 3.3, "Time"). It takes the partition over, so no engine may run meanwhile,
// and it refuses while commands are undecided: they belong to the backfill's own clock.
#pragma once

#include "engine/log_writer.hpp"
#include "events/vocabulary.hpp"

namespace pesan {

/// False when the partition follows that clock already.
Fallible<bool> switch_clock(Log& log, Partition partition, Clock to);

}  // namespace pesan
