#include "engine/recovery.hpp"

#include <utility>

#include <fmt/format.h>

#include "events/assert.hpp"
#include "events/digest.hpp"

namespace pesan {
namespace {

constexpr ReadLimit replay_limit{.records = 4000, .bytes = std::size_t{16} << 20, .wait = {}};

std::unexpected<Failure> refuse(TopicPartition where, Offset offset, std::string_view what) {
  return fail(FailureKind::fatal, fmt::format("{} {}-{}: {}", name_of(where.topic),
                                              where.partition.value, offset.value, what));
}

/// Calls `fold(record)` for every record of a partition, in order.
template <class Fold>
Fallible<void> for_each(LogReader& log, TopicPartition from, Fold fold) {
  const auto range = log.range(from);
  if (!range) return std::unexpected(range.error());
  std::vector<Record> records;
  for (Offset next = range->begin; next < range->end;) {
    if (auto read = log.read(from, next, replay_limit, records); !read) return read;
    if (records.empty()) break;  // what is left are gaps
    for (const Record& record : records) {
      if (auto folded = fold(record); !folded) return folded;
    }
    next = records.back().offset.next();
  }
  return {};
}

/// `needed` becomes the sequence of the last event that a command made, and so has a result.
Fallible<void> replay_events(LogReader& log, CommandProcessor& processor, Sequence& needed) {
  const TopicPartition from{Topic::events, processor.position().partition};
  EventDecoder decoder;
  Digest last;
  return for_each(log, from, [&](const Record& record) -> Fallible<void> {
    const Digest digest = digest_of(record.payload.value);
    const auto event = decoder.decode(record.payload.value);
    if (!event) return refuse(from, record.offset, event.error().what);
    // A late write of a fenced producer can repeat a record, byte for byte.
    if (event->sequence == processor.position().sequence && digest == last) return {};
    const bool opened = last == Digest{} && event->sequence == Sequence{0};
    last = digest;
    if (opened) return {};  // LogOpened, read before
    try {
      if (auto replayed = processor.replay(*event); !replayed) {
        return refuse(from, record.offset, replayed.error().what);
      }
    } catch (const Bug& bug) {
      return refuse(from, record.offset, bug.what());
    }
    if (std::holds_alternative<ResourceEvent>(event->what)) needed = event->sequence;
    return {};
  });
}

Fallible<void> replay_results(LogReader& log, CommandProcessor& processor, std::int64_t& count,
                              Sequence& last_sequence) {
  const TopicPartition from{Topic::results, processor.position().partition};
  ResultDecoder decoder;
  Digest last;
  return for_each(log, from, [&](const Record& record) -> Fallible<void> {
    const auto result = decoder.decode(record.payload.value);
    if (!result) return refuse(from, record.offset, result.error().what);
    const Digest digest = digest_of(record.payload.value);
    const bool again = count > 0 && digest == last;
    last = digest;
    if (again) return {};
    if (auto replayed = processor.replay(*result); !replayed) {
      return refuse(from, record.offset, replayed.error().what);
    }
    ++count;
    if (!result->duplicate) last_sequence = result->sequence;
    return {};
  });
}

}  // namespace

Fallible<Position> read_opened(LogReader& log, Partition partition) {
  const TopicPartition from{Topic::events, partition};
  std::vector<Record> records;
  if (auto read = log.read(from, {}, {.records = 1, .bytes = 1, .wait = {}}, records); !read) {
    return std::unexpected(read.error());
  }
  if (records.empty()) {
    return fail(FailureKind::fatal,
                fmt::format("events partition {} has no LogOpened: run `pesan topics create`",
                            partition.value));
  }
  EventDecoder decoder;
  const auto event = decoder.decode(records.front().payload.value);
  if (!event) return refuse(from, records.front().offset, event.error().what);
  const auto* opened = std::get_if<LogOpened>(&event->what);
  if (opened == nullptr || event->sequence != Sequence{0}) {
    return refuse(from, records.front().offset, "the partition does not begin with LogOpened");
  }
  if (opened->partition != partition.value || opened->partitions != log.partitions() ||
      opened->partitioner != "murmur2" || opened->format != 1) {
    return refuse(from, records.front().offset,
                  fmt::format("LogOpened speaks of partition {} of {} ({}, format {}), the topic "
                              "has {}",
                              opened->partition, opened->partitions, opened->partitioner,
                              opened->format, log.partitions()));
  }
  return Position{.log_id = std::string(opened->log_id),
                  .partition = partition,
                  .partitions = log.partitions(),
                  .clock = opened->clock,
                  .now = {},
                  .sequence = Sequence{0},
                  .next_command = {}};
}

Fallible<void> CommandProcessor::replay(const LoggedEvent& event) {
  if (event.log_id != position_.log_id) {
    return fail(FailureKind::fatal, "the event is of another log");
  }
  if (event.sequence != position_.sequence.next()) {
    return fail(FailureKind::fatal,
                fmt::format("sequence {} follows {}: the log has a gap or a repeat",
                            event.sequence.value, position_.sequence.value));
  }
  if (const auto* switched = std::get_if<ClockSwitched>(&event.what)) {
    position_.clock = switched->clock;
  } else if (const auto* changed = std::get_if<ResourceEvent>(&event.what)) {
    state_.evolve(*changed);
    state_.commit();
  } else {
    return fail(FailureKind::fatal, "LogOpened stands in the middle of the log");
  }
  position_.sequence = event.sequence;
  return {};
}

Fallible<void> CommandProcessor::replay(const Result& result) {
  if (result.log_id != position_.log_id || result.partition != position_.partition) {
    return fail(FailureKind::fatal, "the result is of another log or partition");
  }
  if (result.command < position_.next_command) {
    return fail(FailureKind::fatal, fmt::format("a second result for command {}-{}",
                                                result.partition.value, result.command.value));
  }
  position_.next_command = result.command.next();
  position_.now = std::max(position_.now, result.now);
  const bool remembered = result.kind != Result::Kind::forwarded && !result.duplicate &&
                          result.digest && result.resource && result.source && result.id &&
                          result.code != Code::idempotency_conflict;
  if (!remembered) return {};
  ledger_.add(key_digest(*result.resource, *result.source, *result.id), *result.digest,
              {.code = result.code,
               .booking_suffix =
                   result.booking_id ? BookingId{*result.booking_id}.suffix() : std::string_view{},
               .details = result.details,
               .has_event = result.event.has_value(),
               .sequence = result.sequence,
               .version = result.version});
  ledger_.commit();
  return {};
}

Fallible<std::unique_ptr<CommandProcessor>> recover(LogReader& log, const RecoveryOptions& options,
                                                    std::optional<Offset> committed) {
  auto position = read_opened(log, options.partition);
  if (!position) return std::unexpected(position.error());
  auto processor =
      std::make_unique<CommandProcessor>(*std::move(position), options.remember, options.parked);
  // Events build the state and results the memory of outcomes: two halves that do not touch.
  Sequence needed;
  Sequence last_sequence;
  std::int64_t results = 0;
  auto memory = std::async(options.threads,
                           [&] { return replay_results(log, *processor, results, last_sequence); });
  const auto events = replay_events(log, *processor, needed);
  const auto remembered = memory.get();
  if (!events) return std::unexpected(events.error());
  if (!remembered) return std::unexpected(remembered.error());

  const Sequence sequence = processor->position().sequence;
  if (last_sequence < needed || last_sequence > sequence) {
    return fail(FailureKind::fatal,
                fmt::format("results of partition {} end at sequence {}, events at {}: one of the "
                            "topics was cut or restored without the other",
                            options.partition.value, last_sequence.value, sequence.value));
  }
  const auto commands = log.range({Topic::commands, options.partition});
  if (!commands) return std::unexpected(commands.error());
  const Offset next = results == 0 ? commands->begin : processor->position().next_command;
  if (committed && *committed != next) {
    return fail(FailureKind::fatal,
                fmt::format("partition {}: results say that command {} is next, the committed "
                            "offset says {}: they are not of one history",
                            options.partition.value, next.value, committed->value));
  }
  if (!committed && results > 0) {
    options.say(
        fmt::format("partition {}: no committed offset (forgotten while idle); going on "
                    "at command {}, as the log's results say",
                    options.partition.value, next.value));
  }
  processor->resume_at(next);
  return processor;
}

}  // namespace pesan
