#include "engine/log_clock.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "engine/inlet.hpp"
#include "engine/recovery.hpp"
#include "events/event_codec.hpp"

namespace pesan {
namespace {

/// A partition that it takes over, with the inlets that belong to it: from then on nobody commits
/// anything there, and whatever was committed, also forwarded commands, is seen.
Fallible<Position> take_over(Log& log, LogWriter& writer, Partition partition,
                             std::span<const ClaimProof> proofs) {
  const TopicPartition commands{Topic::commands, partition};
  const auto there = log.command_partitions();
  if (!there) return std::unexpected(there.error());
  auto sources = inlets_of(partition, log.partitions(), *there);
  sources.insert(sources.begin(), commands);
  auto taken = writer.take(
      {.place = commands,
       .sources = std::move(sources),
       .answers = {{Topic::events, partition}, {Topic::results, partition}, commands},
       .proof = proofs.empty() ? ClaimProof() : proofs[static_cast<std::size_t>(partition.value)]});
  if (!taken) return std::unexpected(taken.error());
  const auto committed = writer.committed(commands);
  if (!committed) return std::unexpected(committed.error());
  RecoveryOptions options;
  options.partition = partition;
  options.remember = 1;  // nothing is decided here
  const auto processor = recover(log, options, *committed);
  if (!processor) return std::unexpected(processor.error());
  return (*processor)->position();
}

Fallible<void> check_decided(Log& log, const Position& position) {
  const TopicPartition commands{Topic::commands, position.partition};
  const auto range = log.range(commands);
  if (!range) return std::unexpected(range.error());
  const auto undecided = holds_records(log, commands, position.next_command, range->end);
  if (!undecided) return std::unexpected(undecided.error());
  if (*undecided) {
    return fail(FailureKind::fatal,
                fmt::format("partition {} has undecided commands from {} on: run the engine until "
                            "they are decided, then switch",
                            position.partition.value, position.next_command.value));
  }
  return {};
}

/// What waits there is of the backfill too.
Fallible<void> check_moved_home(Log& log, LogWriter& writer, Partition partition) {
  const auto there = log.command_partitions();
  if (!there) return std::unexpected(there.error());
  for (const TopicPartition inlet : inlets_of(partition, log.partitions(), *there)) {
    const auto committed = writer.committed(inlet);
    if (!committed) return std::unexpected(committed.error());
    const auto range = log.range(inlet);
    if (!range) return std::unexpected(range.error());
    const Offset next = std::max(committed->value_or(range->begin), range->begin);
    const auto left = holds_records(log, inlet, next, range->end);
    if (!left) return std::unexpected(left.error());
    if (!*left) continue;
    return fail(FailureKind::fatal,
                fmt::format("partition {}, which was added to commands, has records from {} on "
                            "that were not moved home: run the engine until they are, then switch",
                            inlet.partition.value, next.value));
  }
  return {};
}

Fallible<void> check_not_ahead(const Position& position, Instant wall_clock) {
  if (position.now.ms <= wall_clock.ms + most_ahead_ms) return {};
  return fail(
      FailureKind::fatal,
      fmt::format("the clock of partition {} stands at {}, ahead of this machine's ({}), and "
                  "would stay there: set it back with `pesan topics mend-clock` first",
                  position.partition.value, to_string(position.now), to_string(wall_clock)));
}

/// The next event of the partition, at its clock as it is from then on.
template <class What>
Fallible<void> log_event(LogWriter& writer, const Position& position, Instant now, What what) {
  Transaction transaction;
  transaction.places = {{Topic::commands, position.partition}};
  auto& record = transaction.records.emplace_back();
  record.to = {Topic::events, position.partition};
  append_event(
      record.payload.value,
      {.log_id = position.log_id, .sequence = position.sequence.next(), .time = now, .what = what});
  auto done = writer.commit(transaction);
  if (!done && done.error().kind == FailureKind::conflict) {
    return fail(FailureKind::fatal,
                fmt::format("an engine took partition {} back meanwhile: stop the engines, then "
                            "call again; what is done stays done",
                            position.partition.value));
  }
  return done;
}

}  // namespace

Fallible<Clock> current_clock(LogReader& log) {
  const auto opened = read_opened(log, Partition{0});
  if (!opened) return std::unexpected(opened.error());
  if (opened->clock == Clock::append) return Clock::append;  // nothing leads back from there
  const TopicPartition events{Topic::events, Partition{0}};
  const auto range = log.range(events);
  if (!range) return std::unexpected(range.error());
  Clock clock = opened->clock;
  EventDecoder decoder;
  std::vector<Record> records;
  for (Offset next = range->begin; next < range->end; next = records.back().offset.next()) {
    if (auto read = log.read(events, next, {.records = 4000}, records); !read) {
      return std::unexpected(read.error());
    }
    if (records.empty()) break;
    for (const Record& record : records) {
      // Inside a text these quotes would be escaped.
      if (!record.payload.value.contains(R"("type":"ClockSwitched")")) continue;
      const auto event = decoder.decode(record.payload.value);
      if (!event) return fail(FailureKind::fatal, event.error().what);
      if (const auto* switched = std::get_if<ClockSwitched>(&event->what)) clock = switched->clock;
    }
  }
  return clock;
}

Fallible<std::vector<bool>> switch_clock(Log& log, Clock to, Instant wall_clock,
                                         std::span<const ClaimProof> proofs) {
  const auto writer = log.open_writer("engine");
  if (!writer) return std::unexpected(writer.error());
  std::vector<Position> partitions;
  for (std::int32_t p = 0; p < log.partitions(); ++p) {
    auto position = take_over(log, **writer, Partition{p}, proofs);
    if (!position) return std::unexpected(position.error());
    partitions.push_back(*std::move(position));
  }
  // All of them are taken: what one still had on its way to another is there.
  for (const Position& position : partitions) {
    if (position.clock == to) continue;
    if (auto moved = check_moved_home(log, **writer, position.partition); !moved) {
      return std::unexpected(moved.error());
    }
    if (auto decided = check_decided(log, position); !decided) {
      return std::unexpected(decided.error());
    }
    if (auto good = check_not_ahead(position, wall_clock); !good) {
      return std::unexpected(good.error());
    }
  }
  std::vector<bool> switched;
  for (const Position& position : partitions) {
    switched.push_back(position.clock != to);
    if (!switched.back()) continue;
    const ClockSwitched what{.partition = position.partition.value, .clock = to};
    if (auto done = log_event(**writer, position, position.now, what); !done) {
      return std::unexpected(done.error());
    }
  }
  return switched;
}

Fallible<std::vector<std::optional<Mended>>> mend_clock(Log& log, Instant wall_clock,
                                                        std::span<const ClaimProof> proofs) {
  const auto writer = log.open_writer("engine");
  if (!writer) return std::unexpected(writer.error());
  std::vector<std::optional<Mended>> mended;
  for (std::int32_t p = 0; p < log.partitions(); ++p) {
    const auto taken = take_over(log, **writer, Partition{p}, proofs);
    if (!taken) return std::unexpected(taken.error());
    const Position& position = *taken;
    if (position.now <= wall_clock) {
      mended.emplace_back();
      continue;
    }
    const ClockMended what{.partition = p,
                           .from = position.now,
                           .to = wall_clock,
                           .next_command = position.next_command.value};
    if (auto done = log_event(**writer, position, wall_clock, what); !done) {
      return std::unexpected(done.error());
    }
    mended.push_back(Mended{.from = position.now, .to = wall_clock});
  }
  return mended;
}

}  // namespace pesan
