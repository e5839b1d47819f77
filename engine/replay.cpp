#include "engine/replay.hpp"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "events/assert.hpp"
#include "events/digest.hpp"
#include "events/repeat_window.hpp"
#include "events/time_zone.hpp"

namespace pesan {
namespace {

constexpr ReadLimit replay_limit{.records = 4000, .bytes = std::size_t{16} << 20};

std::unexpected<Failure> refuse(TopicPartition where, Offset offset, std::string_view what) {
  return fail(FailureKind::fatal, fmt::format("{} {}-{}: {}", name_of(where.topic),
                                              where.partition.value, offset.value, what));
}

/// Calls `fold(record, digest)` for every record of a partition after the mark, in order, and moves
/// the mark. The mark's own record again is none.
template <class Fold>
Fallible<void> for_each(LogReader& log, TopicPartition from, std::optional<ReadMark>& mark,
                        const std::stop_token& stop, Fold fold) {
  const auto range = log.range(from);
  if (!range) return std::unexpected(range.error());
  std::vector<Record> records;
  for (Offset next = mark ? mark->offset.next() : range->begin; next < range->end;) {
    if (stop.stop_requested()) return fail(FailureKind::transient, "asked to stop");
    if (auto read = log.read(from, next, replay_limit, records); !read) return read;
    if (records.empty()) break;  // what is left are gaps
    for (const Record& record : records) {
      const Digest digest = digest_of(record.payload.value);
      if (!mark || mark->digest != digest) {
        if (auto folded = fold(record, digest); !folded) return folded;
      }
      mark = ReadMark{.offset = record.offset, .digest = digest};
    }
    next = records.back().offset.next();
  }
  return {};
}

/// Decided where this zone was known: no other zone may stand in for it.
Fallible<void> check_zone(const ResourceEvent& event) {
  const auto* room = std::get_if<RoomDefined>(&event.event.body);
  const auto* service = std::get_if<ServiceDefined>(&event.event.body);
  if (room == nullptr && service == nullptr) return {};
  const std::string_view zone = room != nullptr ? room->timezone : service->timezone;
  if (TimeZone::find(zone)) return {};
  return fail(FailureKind::fatal,
              fmt::format("this system does not know the time zone {} of {}: install its time "
                          "zones (the package tzdata; Debian 13 and newer keep old names in "
                          "tzdata-legacy) and start again",
                          zone, event.resource.text));
}

Fallible<void> replay_events(LogReader& log, Replay& replay, const std::stop_token& stop) {
  CommandProcessor& processor = *replay.processor;
  const TopicPartition from{Topic::events, processor.position().partition};
  EventDecoder decoder;
  RepeatWindow recent;
  bool opened = replay.marks.event.has_value();
  const auto fold = [&](const Record& record, const Digest& digest) -> Fallible<void> {
    const auto event = decoder.decode(record.payload.value);
    if (!event) return refuse(from, record.offset, event.error().what);
    if (recent.has(event->sequence.value, digest)) return {};
    recent.add(event->sequence.value, digest);
    // LogOpened was read before anything else.
    if (!std::exchange(opened, true) && event->sequence == Sequence{0}) return {};
    try {
      if (auto replayed = processor.replay(*event); !replayed) {
        return refuse(from, record.offset, replayed.error().what);
      }
    } catch (const Bug& bug) {
      return refuse(from, record.offset, bug.what());
    }
    if (std::holds_alternative<ResourceEvent>(event->what)) replay.marks.needed = event->sequence;
    return {};
  };
  return for_each(log, from, replay.marks.event, stop, fold);
}

Fallible<void> replay_results(LogReader& log, Replay& replay, const std::stop_token& stop) {
  const TopicPartition from{Topic::results, replay.processor->position().partition};
  ResultDecoder decoder;
  RepeatWindow recent;
  const auto fold = [&](const Record& record, const Digest& digest) -> Fallible<void> {
    const auto result = decoder.decode(record.payload.value);
    if (!result) return refuse(from, record.offset, result.error().what);
    if (recent.has(result->command.value, digest)) return {};
    recent.add(result->command.value, digest);
    if (auto replayed = replay.processor->replay(*result); !replayed) {
      return refuse(from, record.offset, replayed.error().what);
    }
    if (!result->duplicate) replay.marks.answered = result->sequence;
    return {};
  };
  return for_each(log, from, replay.marks.result, stop, fold);
}

}  // namespace

Fallible<void> catch_up(LogReader& log, Replay& replay, const CatchUp& how) {
  auto memory = std::async(how.threads, [&] { return replay_results(log, replay, how.stop); });
  const auto state = replay_events(log, replay, how.stop);
  const auto remembered = memory.get();
  return state ? remembered : state;
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
    state_.switch_clock(event.time);
  } else if (const auto* mended = std::get_if<ClockMended>(&event.what)) {
    state_.mend_clock(mended->to);
    mended_ = MendedClock{.next_command = {mended->next_command}, .to = mended->to};
  } else if (const auto* changed = std::get_if<ResourceEvent>(&event.what)) {
    if (auto known = check_zone(*changed); !known) return known;
    state_.evolve(*changed, event.time);
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
  position_.now = result.now;  // it goes back where the clock was mended, and nowhere else
  const bool remembered = result.kind != Result::Kind::forwarded && !result.duplicate &&
                          result.digest && result.resource && result.source && result.id &&
                          result.code != Code::idempotency_conflict && is_remembered(*result.type);
  if (!remembered) return {};
  remember(key_digest(*result.resource, *result.source, *result.id), result);
  ledger_.commit();
  return {};
}

}  // namespace pesan
