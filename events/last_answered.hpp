// How far the commands of a partition are answered, as its results say. Any thread that may use the
// log's reader.
#pragma once

#include <optional>

#include "events/failure.hpp"
#include "events/log.hpp"

namespace pesan {

/// The last command that has its result, if any has.
Fallible<std::optional<Offset>> last_answered(LogReader& log, Partition partition);

}  // namespace pesan
