// The booking engine of one partition: it reads commands and decides them; who commits what it
// decided, in one transaction with other partitions, is engine_worker.hpp. It never sleeps, so that
// threads and the simulator drive it alike.
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
#include "engine/timer_sender.hpp"

namespace pesan {

struct EngineOptions {
  RecoveryOptions recovery;
  std::size_t batch = 1000;                        // most commands of the partition in a round
  std::size_t batch_bytes = std::size_t{8} << 20;  // likewise
  std::function<Instant()> wall_clock;  // to notice stamps from the future, and to look at timers
  /// Whether it sends what is due; it decides what is sent in any case.
  bool timers = true;
  /// Only to say how long it decided.
  std::function<std::chrono::nanoseconds()> stopwatch = [] { return std::chrono::nanoseconds{0}; };
};

/// Without the zone that resources have by default no engine starts: it would stop in the middle of
/// its work, at a command that is no bug.
Fallible<void> check_time_zone(std::string_view iana_name);

class Engine {
 public:
  /// Recovers. The partition is taken over already, and its group has committed that offset.
  static Fallible<std::unique_ptr<Engine>> start(LogReader& log, EngineOptions options,
                                                 std::optional<Offset> committed);

  /// Decides the commands that are there and adds what answers them to `round`, and RunTimer for
  /// what is due; how many of both, 0 where there is none. It stands once `commit` is called, and
  /// `rollback` leaves no trace of it. transient: nothing changed. Anything else: this engine is
  /// done; an operator is needed.
  Fallible<std::size_t> decide(Transaction& round);
  void commit();
  /// False where a bug may have left its state half changed: this engine decides nothing more.
  bool rollback();

  Partition partition() const { return options_.recovery.partition; }
  const CommandProcessor& processor() const { return *processor_; }
  /// What was decided last; nothing where it was rolled back.
  const AnsweredBatch& answered() const { return answered_; }
  std::size_t timers_due() const { return timers_.due(); }

 private:
  Fallible<void> decide_commands(Instant wall_clock, Transaction& round);
  Engine(LogReader& log, EngineOptions options, std::unique_ptr<CommandProcessor> processor);

  LogReader& log_;
  EngineOptions options_;
  std::unique_ptr<CommandProcessor> processor_;
  std::vector<Record> commands_;
  AnsweredBatch answered_;
  TimerSender timers_;
  std::optional<Failure> stops_;  // at the command after the last batch, once that stands
  std::optional<Failure> stopped_;
};

}  // namespace pesan
