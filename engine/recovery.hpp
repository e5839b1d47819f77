// From the log back to the state before the crash (DESIGN 4): state from events; position, clock
// and memory of outcomes from results. Whatever does not fit - a gap, another log, a committed
// offset that results do not explain - stops with a sentence, because going on would decide twice
// or lose.
#pragma once

#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <set>
#include <string>

#include "engine/command_processor.hpp"
#include "engine/log_writer.hpp"

namespace pesan {

struct RecoveryOptions {
  Partition partition;
  std::size_t remember = 1'000'000;
  std::set<Offset> parked;                                              // commands to set aside
  std::function<void(std::string_view)> say = [](std::string_view) {};  // notes for the operator
  /// Events and results are read side by side; `deferred`: one after the other, by the caller.
  std::launch threads = std::launch::async;
};

/// Reads LogOpened, sequence 0 of an events partition, and checks that it speaks of this log.
Fallible<Position> read_opened(LogReader& log, Partition partition);

/// `committed` is the offset that the group committed (nullopt: it never did, or Kafka forgot).
Fallible<std::unique_ptr<CommandProcessor>> recover(LogReader& log, const RecoveryOptions& options,
                                                    std::optional<Offset> committed);

}  // namespace pesan
