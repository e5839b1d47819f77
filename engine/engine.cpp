#include "engine/engine.hpp"

#include <utility>

#include <fmt/format.h>

#include "engine/deciders.hpp"
#include "engine/log_clock.hpp"
#include "events/time_zone.hpp"

namespace pesan {

Fallible<void> check_time_zone(std::string_view iana_name) {
  if (TimeZone::find(iana_name)) return {};
  return fail(FailureKind::fatal,
              fmt::format("this system does not know the time zone {}, which resources have by "
                          "default: install its time zones (the package tzdata) and start again",
                          iana_name));
}

Fallible<std::unique_ptr<Engine>> Engine::start(LogReader& log, EngineOptions options,
                                                std::optional<Offset> committed) {
  if (auto known = check_time_zone(default_timezone); !known) {
    return std::unexpected(known.error());
  }
  const Partition partition = options.recovery.partition;
  auto processor = recover(log, options.recovery, committed);
  if (!processor) return std::unexpected(processor.error());
  const Instant now = (*processor)->position().now;
  const Instant wall_clock = options.wall_clock();
  if (now.ms > wall_clock.ms + most_ahead_ms) {
    options.recovery.say(
        fmt::format("partition {}: its clock stands at {}, ahead of this machine's ({}), and "
                    "commands are decided at that time: `pesan topics mend-clock` sets it back",
                    partition.value, to_string(now), to_string(wall_clock)));
  }
  return std::unique_ptr<Engine>(new Engine(log, std::move(options), *std::move(processor)));
}

Engine::Engine(LogReader& log, EngineOptions options, std::unique_ptr<CommandProcessor> processor)
    : log_(log),
      options_(std::move(options)),
      processor_(std::move(processor)),
      timers_(options_.timers) {}

Fallible<std::size_t> Engine::decide(Transaction& round) {
  answered_.commands.clear();
  if (stopped_) return std::unexpected(*stopped_);
  const TopicPartition source{Topic::commands, options_.recovery.partition};
  const ReadLimit limit{.records = options_.batch, .bytes = options_.batch_bytes};
  const auto read = log_.read(source, processor_->position().next_command, limit, commands_);
  if (!read) return std::unexpected(read.error());
  const Instant wall_clock = options_.wall_clock();
  if (auto decided = decide_commands(wall_clock, round); !decided) {
    return std::unexpected(decided.error());
  }
  const std::size_t sent = stops_ ? 0 : timers_.look(*processor_, wall_clock, round);
  const std::size_t all = answered_.commands.size() + sent;
  if (all == 0) return 0;
  round.consumed.push_back({.source = source, .next = processor_->position().next_command});
  return all;
}

Fallible<void> Engine::decide_commands(Instant wall_clock, Transaction& round) {
  const auto begun = options_.stopwatch();
  stops_.reset();
  for (const Record& command : commands_) {
    const auto processed = processor_->process(command, wall_clock, round);
    if (!processed) {
      // What was decided before it stands; the next step reports it. It is not decided again by
      // this engine: a bug may have left its state half changed.
      if (answered_.commands.empty()) return std::unexpected(processed.error());
      stops_ = processed.error();
      break;
    }
    answered_.commands.push_back(*processed);
  }
  answered_.deciding = options_.stopwatch() - begun;
  return {};
}

void Engine::commit() {
  processor_->commit();
  timers_.commit(answered_.commands, options_.wall_clock());
  stopped_ = std::move(stops_);
  stops_.reset();
}

bool Engine::rollback() {
  answered_.commands.clear();
  if (stops_) return false;  // nothing of that state is looked at again
  processor_->rollback();
  timers_.rollback();
  return true;
}

}  // namespace pesan
