// Commands that an operator sets aside: whether they make sense on the log as it stands. Any
// thread.
#pragma once

#include <utility>
#include <vector>

#include "events/log.hpp"

namespace pesan::runtime {

using Parked = std::vector<std::pair<Partition, Offset>>;

/// A failure where one names no command that is there: it would set aside whatever comes to that
/// place. Warns of those that have no effect: they are decided already, as after a restart, or this
/// process runs no engine.
Fallible<void> check_parked(const Parked& parked, LogReader& log, bool runs_engine);

}  // namespace pesan::runtime
