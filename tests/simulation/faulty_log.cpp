#include "tests/simulation/faulty_log.hpp"

#include <algorithm>
#include <utility>

#include "events/event_codec.hpp"

namespace pesan::simulation {
namespace {

std::unexpected<Failure> for_a_moment() {
  return fail(FailureKind::transient, "the simulated log is away for a moment");
}
std::unexpected<Failure> lost() {
  return fail(FailureKind::unknown, "the simulated log's answer was lost");
}

/// Puts an event that says nothing in the place of one, so that nobody misses it.
void conceal(Record& record) {
  EventDecoder decoder;
  const auto event = decoder.decode(record.payload.value);
  std::string nothing;
  append_event(nothing, {.log_id = event->log_id,
                         .sequence = event->sequence,
                         .time = event->time,
                         .what = ClockSwitched{}});
  record.payload.value = std::move(nothing);
}

bool may_lose_records(Topic topic) { return topic == Topic::events || topic == Topic::customers; }

}  // namespace

Fallible<void> FaultyLog::read(TopicPartition source, Offset from, const ReadLimit& limit,
                               std::vector<Record>& into) {
  into.clear();
  if (nature_.begin(life_, "read")) return for_a_moment();
  const Offset end = nature_.visible_end(source);
  ReadLimit shorter = limit;
  if (nature_.random.chance(nature_.faults.short_read)) {
    shorter.records = std::min(limit.records, 1 + nature_.random.below(4));
  }
  auto done = nature_.log.read(source, from, shorter, into);
  if (!done) return done;
  std::erase_if(into, [end](const Record& record) { return record.offset >= end; });
  if (into.size() >= 2 && may_lose_records(source.topic) &&
      nature_.random.chance(nature_.faults.lossy_read)) {
    const std::size_t lost_one = nature_.random.below(into.size() - 1);
    nature_.note("      {}: a read of {}-{} loses offset {}", life_.name, name_of(source.topic),
                 source.partition.value, into[lost_one].offset.value);
    if (nature_.mutant == Mutant::gap_check_removed && source.topic == Topic::events) {
      conceal(into[lost_one]);
    } else {
      into.erase(into.begin() + static_cast<std::ptrdiff_t>(lost_one));
    }
    life_.lied_to = true;
  }
  nature_.end(life_, "read");
  return {};
}

Fallible<OffsetRange> FaultyLog::range(TopicPartition source) {
  if (nature_.begin(life_, "range")) return for_a_moment();
  auto range = nature_.log.range(source);
  if (range) range->end = nature_.visible_end(source);
  nature_.end(life_, "range");
  return range;
}

Fallible<std::unique_ptr<LogWriter>> FaultyLog::open_writer(std::string_view role) {
  if (nature_.begin(life_, "open_writer")) return for_a_moment();
  auto inner = nature_.log.open_writer(role);
  if (!inner) return std::unexpected(inner.error());
  nature_.end(life_, "open_writer");
  return std::make_unique<FaultyLogWriter>(nature_, life_, role, *std::move(inner));
}

Fallible<void> FaultyLogWriter::take(const Taking& taking) {
  if (nature_.begin(life_, "take")) return for_a_moment();
  if (auto taken = inner_->take(taking); !taken) return taken;
  // What the one before had committed is visible now.
  for (const TopicPartition place : taking.answers) nature_.show(place);
  auto& owner = nature_.owners[{role_, taking.place.partition}];
  owner = life_.serial;
  nature_.end(life_, "take");
  if (!nature_.random.chance(nature_.faults.lost_answer)) return {};
  nature_.owners.erase({role_, taking.place.partition});
  return lost();
}

Fallible<std::vector<Offset>> FaultyLog::append(const std::vector<OutgoingRecord>& records) {
  return nature_.log.append(records);
}

Fallible<std::optional<Offset>> FaultyLogWriter::committed(TopicPartition source) {
  if (nature_.begin(life_, "committed")) return for_a_moment();
  auto offset = inner_->committed(source);
  nature_.end(life_, "committed");
  return offset;
}

Fallible<void> FaultyLogWriter::commit(const Transaction& transaction) {
  if (nature_.begin(life_, "commit")) return for_a_moment();
  if (!nature_.random.chance(nature_.faults.lost_answer)) {
    auto done = store(transaction);
    nature_.end(life_, "commit");
    return done;
  }
  enum class Fate : std::uint8_t { never, done, later };
  const Fate fate = nature_.random.pick({Fate::never, Fate::done, Fate::later});
  nature_.note("      {}: the answer to a commit is lost ({})", life_.name,
               fate == Fate::never  ? "never arrived"
               : fate == Fate::done ? "committed"
                                    : "still under way");
  if (fate == Fate::done && !store(transaction)) return lost();
  // Whatever may still arrive is of the client that this one was; its places are to be taken again.
  const auto before = std::exchange(inner_, *nature_.log.open_writer(role_));
  if (fate == Fate::later) {
    nature_.send_late([inner = before, transaction] {
      // Fenced by then, or in time: either is right.
      const auto done = inner->commit(transaction);
      static_cast<void>(done);
    });
  }
  nature_.end(life_, "commit");
  return lost();
}

Fallible<void> FaultyLogWriter::store(const Transaction& transaction) {
  Transaction changed;
  const Transaction* stored = &transaction;
  if (nature_.mutant == Mutant::forwarded_command_dropped) {
    changed = transaction;
    std::erase_if(changed.records,
                  [](const OutgoingRecord& record) { return record.to.topic == Topic::commands; });
    stored = &changed;
  }
  auto done = inner_->commit(*stored);
  const bool refused = !done && done.error().kind == FailureKind::conflict;
  if (refused && nature_.mutant == Mutant::fencing_removed) {
    // As if nobody had taken the name: a zombie's transaction goes through.
    if (auto appended = nature_.log.append(stored->records); appended) return {};
  }
  return done;
}

}  // namespace pesan::simulation
