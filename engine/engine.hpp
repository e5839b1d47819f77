// The booking engine's loop for one partition: read commands, decide them, commit {events, results,
// dead letters, forwarded commands, consumed offset} in one transaction. It performs one step a
// call and never sleeps beyond the read's own wait, so that threads and the simulator drive it
// alike.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/answered.hpp"
#include "engine/command_processor.hpp"
#include "engine/log_writer.hpp"
#include "engine/recovery.hpp"

namespace pesan {

struct EngineOptions {
  RecoveryOptions recovery;
  std::size_t batch = 1000;             // most commands in a transaction
  std::function<Instant()> wall_clock;  // only to notice stamps from the future
  /// Only to say how long it decided.
  std::function<std::chrono::nanoseconds()> stopwatch = [] { return std::chrono::nanoseconds{0}; };
};

/// Without the zone that resources have by default no engine starts: it would stop in the middle of
/// its work, at a command that is no bug.
Fallible<void> check_time_zone(std::string_view iana_name);

class Engine {
 public:
  /// Takes the partition over (fencing an older engine) and recovers.
  static Fallible<std::unique_ptr<Engine>> start(Log& log, EngineOptions options);

  /// Decides and commits one batch; the number of commands answered, 0 where there are none.
  /// transient: nothing changed, call again after a pause. Anything else: this engine is
  /// done; start another one (conflict: somebody else has the partition; unknown: recovery finds
  /// out; fatal: an operator is needed).
  Fallible<std::size_t> step();

  const CommandProcessor& processor() const { return *processor_; }
  /// What the last step answered; nothing where it committed nothing.
  const AnsweredBatch& answered() const { return answered_; }

 private:
  Engine(Log& log, EngineOptions options, std::unique_ptr<LogWriter> writer,
         std::unique_ptr<CommandProcessor> processor);

  Log& log_;
  EngineOptions options_;
  std::unique_ptr<LogWriter> writer_;
  std::unique_ptr<CommandProcessor> processor_;
  std::vector<Record> commands_;
  Transaction transaction_;
  AnsweredBatch answered_;
  std::optional<Failure> stopped_;  // at the command after the last batch
};

}  // namespace pesan
