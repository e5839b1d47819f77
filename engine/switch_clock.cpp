#include "engine/switch_clock.hpp"

#include <fmt/format.h>

#include "engine/recovery.hpp"
#include "events/event_codec.hpp"

namespace pesan {

Fallible<bool> switch_clock(Log& log, Partition partition, Clock to) {
  const auto writer = log.open_writer({.role = "engine", .partition = partition});
  if (!writer) return std::unexpected(writer.error());
  const TopicPartition commands{Topic::commands, partition};
  const auto committed = (*writer)->committed(commands);
  if (!committed) return std::unexpected(committed.error());
  RecoveryOptions options;
  options.partition = partition;
  options.remember = 1;  // nothing is decided here
  const auto processor = recover(log, options, *committed);
  if (!processor) return std::unexpected(processor.error());
  const Position& position = (*processor)->position();
  if (position.clock == to) return false;
  const auto range = log.range(commands);
  if (!range) return std::unexpected(range.error());
  const auto undecided = holds_records(log, commands, position.next_command, range->end);
  if (!undecided) return std::unexpected(undecided.error());
  if (*undecided) {
    return fail(FailureKind::fatal,
                fmt::format("partition {} has undecided commands from {} on: run the engine until "
                            "they are decided, then switch",
                            partition.value, position.next_command.value));
  }
  Transaction transaction;
  transaction.source = commands;
  auto& record = transaction.records.emplace_back();
  record.to = {Topic::events, partition};
  append_event(record.payload.value,
               {.log_id = position.log_id,
                .sequence = position.sequence.next(),
                .time = position.now,
                .what = ClockSwitched{.partition = partition.value, .clock = to}});
  if (const auto done = (*writer)->commit(transaction); !done) {
    return std::unexpected(done.error());
  }
  return true;
}

}  // namespace pesan
