// The clock of a log: which one its partitions follow, the end of a backfill, and setting back what
// a wrong time has put ahead. Changing it takes every partition over, as an engine does, and is
// logged as an event. An engine that works meanwhile takes its partition back, and the change
// fails.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "engine/log_writer.hpp"
#include "events/vocabulary.hpp"

namespace pesan {

/// A clock that is ahead of the machine's by more is said, and ends no backfill.
inline constexpr std::int64_t most_ahead_ms = 10 * ms_per_minute;

/// The clock that the log follows now: LogOpened's, or that of a ClockSwitched behind it. Reads the
/// events of partition 0, which is switched first, when a backfill may have ended there.
Fallible<Clock> current_clock(LogReader& log);

/// By partition, whether it was switched; false: it followed that clock already. Nothing is
/// switched unless every partition can be: while commands are undecided they belong to the
/// backfill's own clock, and one that is ahead of `wall_clock` would stay there. Stopped half-way,
/// it goes on when called again.
/// `proofs`: of the claims on commands, a partition each; none where they need none.
Fallible<std::vector<bool>> switch_clock(Log& log, Clock to, Instant wall_clock,
                                         std::span<const ClaimProof> proofs = {});

struct Mended {
  Instant from;
  Instant to;
};

/// Sets the clock of every partition that is ahead of `wall_clock` back to it. By partition;
/// nothing: it was not ahead.
Fallible<std::vector<std::optional<Mended>>> mend_clock(Log& log, Instant wall_clock,
                                                        std::span<const ClaimProof> proofs = {});

}  // namespace pesan
