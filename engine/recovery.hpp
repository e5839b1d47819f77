// From the log back to the state before the crash: state from events; position, clock and memory
// of outcomes from results (docs/wire.md#results); from a snapshot on where one fits. What does not
// fit - a gap, another log, a committed offset that results do not explain - stops with a sentence,
// because going on would decide twice or lose.
#pragma once

#include <memory>
#include <optional>

#include "engine/command_processor.hpp"
#include "engine/log_writer.hpp"
#include "engine/snapshots.hpp"

namespace pesan {

/// What LogOpened says, sequence 0 of an events partition, of which this program knows the format.
Fallible<LogInfo> read_log_info(LogReader& log, Partition partition);

/// The calling code that LogOpened names, or the one that it stands for without.
Fallible<std::string> read_calling_code(LogReader& log);

/// Reads LogOpened, sequence 0 of an events partition, and checks that it speaks of this log.
Fallible<Position> read_opened(LogReader& log, Partition partition);

/// `committed` is the offset that the group committed (nullopt: it never did, or Kafka forgot).
Fallible<std::unique_ptr<CommandProcessor>> recover(LogReader& log, const RecoveryOptions& options,
                                                    std::optional<Offset> committed);

}  // namespace pesan
