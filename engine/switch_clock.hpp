// Ends a backfill: one logged ClockSwitched per partition, after which `now` follows the log's
// append time (DESIGN 3.3, "Time"). It takes every partition over, so no engine may run meanwhile,
// and it refuses while commands are undecided: they belong to the backfill's own clock.
#pragma once

#include <vector>

#include "engine/log_writer.hpp"
#include "events/vocabulary.hpp"

namespace pesan {

/// The clock that the log follows now: LogOpened's, or that of a ClockSwitched behind it. Reads the
/// events of partition 0, which is switched first, when a backfill may have ended there.
Fallible<Clock> current_clock(LogReader& log);

/// By partition, whether it was switched; false: it followed that clock already. Nothing is
/// switched unless every partition can be. Stopped half-way, it goes on when called again.
Fallible<std::vector<bool>> switch_clock(Log& log, Clock to);

}  // namespace pesan
