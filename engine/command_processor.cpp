#include "engine/command_processor.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "engine/log_clock.hpp"
#include "engine/timer_sender.hpp"
#include "events/assert.hpp"
#include "events/partitioner.hpp"

namespace pesan {
namespace {

/// A `time` that is older by so much than its record is no delay on the way.
constexpr std::int64_t long_ago_ms = 24 * 60 * ms_per_minute;

/// The key of a record about a resource. What is too long for a resource's id is none: key and
/// value together must stay below the 2 MiB that topics allow. Partitions are named, not found by
/// key.
std::optional<std::string> key_of(const std::optional<std::string_view>& resource) {
  if (!resource || resource->size() > limit::resource_id) return std::nullopt;
  return std::string(*resource);
}

/// Nothing of it can be read, whatever else was asked of it.
const Envelope& unpackable_record() {
  static const Envelope nothing{.refusal =
                                    Rejection{Code::malformed,
                                              {{"reason", std::string(unpackable_reason)},
                                               {"kind", std::string(name_of(Unreadable::size))}}}};
  return nothing;
}

}  // namespace

Tally& Tally::operator+=(const Tally& other) {
  accepted += other.accepted;
  rejected += other.rejected;
  duplicates += other.duplicates;
  forwarded += other.forwarded;
  dead_letters += other.dead_letters;
  events += other.events;
  return *this;
}

CommandProcessor::CommandProcessor(Position position, std::size_t remember, std::set<Offset> parked)
    : position_(std::move(position)),
      committed_(position_),
      source_of_timers_(source_of_timers(position_.log_id)),
      parked_(std::move(parked)),
      ledger_(remember) {}

std::string CommandProcessor::name(const Record& record) const {
  return fmt::format("{}-{}", position_.partition.value, record.offset.value);
}

Fallible<Answered> CommandProcessor::process(const Record& record, Instant wall_clock,
                                             Transaction& out) {
  const std::size_t before = out.records.size();
  try {
    return answer(record, wall_clock, out);
  } catch (const Bug& bug) {
    out.records.resize(before);
    return fail(FailureKind::fatal,
                fmt::format("command {0} met a bug: {1}. The partition stops here; `--park {0}` "
                            "sets the command aside on the record",
                            name(record), bug.what()));
  }
}

Fallible<Answered> CommandProcessor::answer(const Record& record, Instant wall_clock,
                                            Transaction& out) {
  const bool parked = parked_.contains(record.offset);
  if (position_.clock == Clock::append && !parked && !record.senders_time &&
      record.timestamp.ms > wall_clock.ms + most_ahead_ms) {
    return fail(FailureKind::fatal,
                fmt::format("command {0} is stamped {1}, more than 10 minutes ahead of this "
                            "machine's clock ({2}): mend the clocks, then start again. Where the "
                            "broker's clock was wrong when it stamped it, `--park {0}` sets it "
                            "aside on the record; then send it under another id",
                            name(record), to_string(record.timestamp), to_string(wall_clock)));
  }
  const Envelope& envelope =
      record.unpackable ? unpackable_record() : reader_.read(record.payload.value);
  const Verdict verdict =
      parked && !envelope.refusal ? judge_parked(envelope) : judge(record, envelope);
  return carry_out(record, envelope, verdict, out);
}

// ---- what becomes of a command ----

Verdict CommandProcessor::judge(const Record& record, const Envelope& envelope) {
  Verdict verdict{.now = position_.now};
  if (envelope.refusal) {
    refuse(verdict, *envelope.refusal);
    verdict.dead_letter = true;
    return verdict;
  }
  const Partition home =
      envelope.resource ? partition_of(*envelope.resource, position_.partitions) : Partition{0};
  if (home != position_.partition && is_forwarded(record.payload)) {
    // A client's own header, or a console's copy: engines that disagree about the partitions have
    // been stopped by LogOpened.
    refuse(verdict, {Code::malformed,
                     {{"reason", "forwarded before, and not of this partition"},
                      {"kind", std::string(name_of(Unreadable::misplaced))}}});
    verdict.dead_letter = true;
    return verdict;
  }
  verdict.digest = reader_.payload_digest();
  advance_clock(verdict, record, envelope);
  if (home != position_.partition) {
    verdict.kind = Answered::Kind::forwarded;
    verdict.to = home;
    return verdict;
  }
  // A command without a resource has no key of its own; it is refused below, anew each time.
  if (envelope.resource) {
    verdict.key = key_digest(*envelope.resource, *envelope.source, *envelope.id);
    if (const Ledger::Entry* entry = ledger_.find(*verdict.key)) {
      repeat(verdict, *entry, *envelope.resource);
      // Whoever sent a timer waits for its answer, also where another command had its key.
      if (envelope.source == source_of_timers_) {
        const auto command = reader_.validate();
        if (command) verdict.timer = sent_timer(envelope, *command, verdict.now);
      }
      return verdict;
    }
  }
  decide_new(verdict, envelope);
  return verdict;
}

/// A parked command is remembered, so that sending it again does not stop the engine again; but a
/// key that is known keeps its outcome. Recovery knows the difference by the digest.
Verdict CommandProcessor::judge_parked(const Envelope& envelope) {
  Verdict verdict{.now = position_.now};
  refuse(verdict, {Code::engine_failed, {}});
  verdict.dead_letter = true;
  if (!envelope.resource) return verdict;
  const Digest key = key_digest(*envelope.resource, *envelope.source, *envelope.id);
  if (ledger_.find(key) != nullptr) return verdict;
  verdict.digest = reader_.payload_digest();
  verdict.key = key;
  verdict.remembered = is_remembered(*envelope.type);
  return verdict;
}

/// The same key again: its outcome, or a conflict with it.
void CommandProcessor::repeat(Verdict& verdict, const Ledger::Entry& entry,
                              std::string_view resource) {
  if (entry.payload != *verdict.digest) return refuse(verdict, {Code::idempotency_conflict, {}});
  const Outcome outcome = ledger_.outcome_of(entry);
  verdict.kind = Answered::Kind::duplicate;
  verdict.code = outcome.code;
  verdict.details = outcome.details;
  verdict.repeated = outcome;
  if (outcome.booking_suffix.empty()) return;
  texts_.booking_id = fmt::format("{}.{}", resource, outcome.booking_suffix);
  verdict.booking_id = texts_.booking_id;
}

void CommandProcessor::decide_new(Verdict& verdict, const Envelope& envelope) {
  verdict.remembered = verdict.key && is_remembered(*envelope.type);
  const auto command = reader_.validate();
  if (!command) return refuse(verdict, command.error());
  if (const auto named = booking_named_by(command->body)) verdict.booking_id = named->text;
  verdict.timer = sent_timer(envelope, *command, verdict.now);
  const Moment moment{verdict.now, position_.sequence.next(), position_.partition};
  Decision decision = decide(state_, *command, moment, texts_.decided);
  if (!decision) return refuse(verdict, decision.error());
  verdict.event = *std::move(decision);
  if (!verdict.event) return;
  if (const auto* facet = facet_of(verdict.event->body))
    verdict.booking_id = facet->booking_id.text;
}

std::optional<AnsweredTimer> CommandProcessor::sent_timer(const Envelope& envelope,
                                                          const Command& command,
                                                          Instant now) const {
  const auto* run = std::get_if<RunTimer>(&command.body);
  if (run == nullptr || envelope.source != source_of_timers_) return std::nullopt;
  const Resource* resource = state_.find(command.resource);
  const auto number = resource ? state_.number_of(*resource, run->booking_id) : std::nullopt;
  if (!number) return std::nullopt;
  // `<timer>:<booking>@<version>:<wall clock>`
  std::int64_t version = 0;
  const std::string_view behind = envelope.id->substr(envelope.id->find('@') + 1);
  std::from_chars(behind.data(), behind.data() + behind.size(), version);
  const auto timer = timer_of(*resource, state_.bookings()[*number]);
  return AnsweredTimer{.booking = *number,
                       .version = {version},
                       .timer = run->timer,
                       .late_ms = timer ? now.ms - timer->due.ms : 0};
}

void CommandProcessor::refuse(Verdict& verdict, const Rejection& rejection) {
  verdict.kind = Answered::Kind::rejected;
  verdict.code = rejection.code;
  texts_.details.clear();
  append_details(texts_.details, rejection.details);
  verdict.details = texts_.details;
}

void CommandProcessor::advance_clock(Verdict& verdict, const Record& record,
                                     const Envelope& envelope) const {
  const bool append = position_.clock == Clock::append;
  if (append && record.senders_time) {
    verdict.time = TimeNote::senders;
    return;
  }
  const Instant before = verdict.now;
  if (append) verdict.now = std::max(before, record.timestamp);
  const auto time = envelope.time ? parse_instant(*envelope.time) : std::nullopt;
  if (!time) {
    verdict.time = append ? TimeNote::none : TimeNote::unreadable;
  } else if (append) {
    const bool old = time->ms < record.timestamp.ms - long_ago_ms;
    verdict.time = old ? TimeNote::not_followed : TimeNote::none;
  } else if (*time < before) {
    verdict.time = TimeNote::went_back;
  } else {
    verdict.now = *time;
  }
}

// ---- what is done about it ----

Answered CommandProcessor::carry_out(const Record& record, const Envelope& envelope,
                                     const Verdict& verdict, Transaction& out) {
  using Kind = Answered::Kind;
  position_.now = verdict.now;
  if (verdict.dead_letter) {
    out.records.push_back(
        {{Topic::dead_letters, Partition{0}},
         dead_letter_of(record.payload, {.reason = *verdict.code, .origin = name(record)})});
  }
  if (verdict.to) {
    Payload forwarded = forwarded_of(record.payload, name(record));
    forwarded.key = key_of(envelope.resource);
    out.records.push_back({{Topic::commands, *verdict.to}, std::move(forwarded)});
  }
  std::optional<Version> made;
  if (verdict.event) made = append_event_of(envelope, *verdict.event, out);
  const Result result = result_of(record, envelope, verdict, made);
  if (verdict.remembered) remember(*verdict.key, result);
  publish(result, out);
  position_.next_command = record.offset.next();
  count(verdict);

  Answered answered{.appended = record.timestamp,
                    .type = {},
                    .kind = verdict.kind,
                    .code = Code::malformed,
                    .dead_letter = verdict.dead_letter,
                    .time = verdict.time,
                    .timer = verdict.timer};
  if (envelope.type_index) answered.type = static_cast<std::uint8_t>(*envelope.type_index);
  if (verdict.kind == Kind::rejected) answered.code = *verdict.code;
  return answered;
}

Version CommandProcessor::append_event_of(const Envelope& envelope, const Event& event,
                                          Transaction& out) {
  const ResourceId resource{*envelope.resource};
  const LoggedEvent logged{.log_id = position_.log_id,
                           .sequence = position_.sequence.next(),
                           .time = position_.now,
                           .what = ResourceEvent{.resource = resource,
                                                 .version = version_of(resource.text).next(),
                                                 .causation_id = *envelope.id,
                                                 .causation_source = *envelope.source,
                                                 .traceparent = envelope.traceparent,
                                                 .event = event}};
  auto& record = out.records.emplace_back();
  record.to = {Topic::events, position_.partition};
  record.payload.key = std::string(resource.text);
  record.payload.value.reserve(1024);
  append_event(record.payload.value, logged);

  const auto& resource_event = std::get<ResourceEvent>(logged.what);
  state_.evolve(resource_event, position_.now);
  position_.sequence = logged.sequence;
  return resource_event.version;
}

/// Where the partition and the resource stand, unless it is the outcome of an earlier command.
Result CommandProcessor::result_of(const Record& record, const Envelope& envelope,
                                   const Verdict& verdict, std::optional<Version> made) const {
  using Kind = Answered::Kind;
  Result result;
  result.kind = verdict.kind == Kind::forwarded ? Result::Kind::forwarded
                : verdict.code                  ? Result::Kind::rejected
                                                : Result::Kind::accepted;
  result.log_id = position_.log_id;
  result.partition = position_.partition;
  result.command = record.offset;
  result.now = position_.now;
  result.source = envelope.source;
  result.id = envelope.id;
  result.type = envelope.type;
  result.digest = verdict.digest;
  result.traceparent = envelope.traceparent;
  result.resource = envelope.resource;
  result.booking_id = verdict.booking_id;
  result.code = verdict.code;
  result.details = verdict.details;
  if (verdict.kind == Kind::duplicate) {
    const Outcome& then = *verdict.repeated;
    if (then.has_event) result.event = then.version;
    result.sequence = then.sequence;
    result.version = then.version;
    result.duplicate = true;
  } else {
    result.event = made;
    result.sequence = position_.sequence;
    if (verdict.kind != Kind::forwarded) {
      result.version = made ? *made : version_of(envelope.resource);
    }
  }
  return result;
}

void CommandProcessor::remember(const Digest& key, const Result& result) {
  ledger_.add(key, *result.digest,
              {.code = result.code,
               .booking_suffix =
                   result.booking_id ? BookingId{*result.booking_id}.suffix() : std::string_view{},
               .details = result.details,
               .has_event = result.event.has_value(),
               .sequence = result.sequence,
               .version = result.version});
}

void CommandProcessor::publish(const Result& result, Transaction& out) {
  auto& record = out.records.emplace_back();
  record.to = {Topic::results, position_.partition};
  record.payload.key = key_of(result.resource);
  record.payload.value.reserve(640);
  append_result(record.payload.value, result);
}

void CommandProcessor::count(const Verdict& verdict) {
  switch (verdict.kind) {
    case Answered::Kind::accepted: ++tally_.accepted; break;
    case Answered::Kind::rejected: ++tally_.rejected; break;
    case Answered::Kind::duplicate: ++tally_.duplicates; break;
    case Answered::Kind::forwarded: ++tally_.forwarded; break;
  }
  if (verdict.dead_letter) ++tally_.dead_letters;
  if (verdict.event) ++tally_.events;
}

Version CommandProcessor::version_of(const std::optional<std::string_view>& resource) const {
  const Resource* found = resource ? state_.find(ResourceId{*resource}) : nullptr;
  return found == nullptr ? Version{} : found->version;
}

void CommandProcessor::resume_at(Offset next_command) {
  if (mended_ && position_.next_command <= mended_->next_command) position_.now = mended_->to;
  position_.next_command = next_command;
  commit();
}

void CommandProcessor::commit() {
  state_.commit();
  ledger_.commit();
  committed_ = position_;
  committed_tally_ = tally_;
}

void CommandProcessor::rollback() {
  state_.rollback();
  ledger_.rollback();
  position_ = committed_;
  tally_ = committed_tally_;
}

}  // namespace pesan
