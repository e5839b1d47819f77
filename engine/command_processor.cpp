#include "engine/command_processor.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/log_clock.hpp"
#include "events/assert.hpp"
#include "events/partitioner.hpp"

namespace pesan {
namespace {

/// A `time` that is older by so much than its record is no delay on the way.
constexpr std::int64_t long_ago_ms = 24 * 60 * ms_per_minute;

Answered answered(const Record& record, const Envelope& envelope, const Result& result) {
  Answered answered;
  answered.appended = record.timestamp;
  if (envelope.type_index) answered.type = static_cast<std::uint8_t>(*envelope.type_index);
  using Kind = Answered::Kind;
  switch (result.kind) {
    case Result::Kind::accepted: answered.kind = Kind::accepted; break;
    case Result::Kind::rejected: answered.kind = Kind::rejected; break;
    case Result::Kind::forwarded: answered.kind = Kind::forwarded; break;
  }
  if (result.duplicate) answered.kind = Kind::duplicate;
  if (answered.kind == Kind::rejected) answered.code = *result.code;
  return answered;
}

/// The key of a record about a resource. What is too long for a resource's id is none: key and
/// value together must stay below the 2 MiB that topics allow. Partitions are named, not found by
/// key.
std::optional<std::string> key_of(const std::optional<std::string_view>& resource) {
  constexpr std::size_t longest_id = 63;
  if (!resource || resource->size() > longest_id) return std::nullopt;
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
  details_.clear();
  booking_id_.clear();
  const Envelope& envelope =
      record.unpackable ? unpackable_record() : reader_.read(record.payload.value);
  Result result;
  result.log_id = position_.log_id;
  result.partition = position_.partition;
  result.command = record.offset;
  result.source = envelope.source;
  result.id = envelope.id;
  result.type = envelope.type;
  result.traceparent = envelope.traceparent;
  result.resource = envelope.resource;

  const Partition home =
      envelope.resource ? partition_of(*envelope.resource, position_.partitions) : Partition{0};
  TimeNote time = TimeNote::none;
  bool dead_letter = true;
  if (envelope.refusal) {
    refuse(record, *envelope.refusal, result, out);
  } else if (parked) {
    refuse(record, {Code::engine_failed, {}}, result, out);
    set_aside(result);
  } else if (home != position_.partition && is_forwarded(record.payload)) {
    // A client's own header, or a console's copy: engines that disagree about the partitions have
    // been stopped by LogOpened.
    refuse(record,
           {Code::malformed,
            {{"reason", "forwarded before, and not of this partition"},
             {"kind", std::string(name_of(Unreadable::misplaced))}}},
           result, out);
  } else {
    dead_letter = false;
    result.digest = reader_.payload_digest();
    time = advance_clock(record, envelope);
    if (home != position_.partition) {
      forward(record, home, result, out);
    } else {
      decide_new(result, out);
    }
  }
  result.now = position_.now;
  result.details = details_;
  publish(result, out);
  position_.next_command = record.offset.next();
  Answered done = answered(record, envelope, result);
  done.dead_letter = dead_letter;
  done.time = time;
  return done;
}

TimeNote CommandProcessor::advance_clock(const Record& record, const Envelope& envelope) {
  const bool append = position_.clock == Clock::append;
  if (append && record.senders_time) return TimeNote::senders;
  const Instant before = position_.now;
  if (append) position_.now = std::max(before, record.timestamp);
  const auto time = envelope.time ? parse_instant(*envelope.time) : std::nullopt;
  if (!time) return append ? TimeNote::none : TimeNote::unreadable;
  if (append) {
    const bool old = time->ms < record.timestamp.ms - long_ago_ms;
    return old ? TimeNote::not_followed : TimeNote::none;
  }
  if (*time < before) return TimeNote::went_back;
  position_.now = *time;
  return TimeNote::none;
}

void CommandProcessor::refuse(const Record& record, const Rejection& rejection, Result& result,
                              Transaction& out) {
  reject(rejection, result);
  result.sequence = position_.sequence;
  result.version = version_of(result.resource);
  out.records.push_back(
      {{Topic::dead_letters, Partition{0}},
       dead_letter_of(record.payload, {.reason = rejection.code, .origin = name(record)})});
  ++tally_.dead_letters;
}

void CommandProcessor::forward(const Record& record, Partition to, Result& result,
                               Transaction& out) {
  Payload forwarded = forwarded_of(record.payload, name(record));
  forwarded.key = key_of(result.resource);
  out.records.push_back({{Topic::commands, to}, std::move(forwarded)});
  result.kind = Result::Kind::forwarded;
  result.sequence = position_.sequence;
  result.version = {};
  ++tally_.forwarded;
}

bool CommandProcessor::repeat(const Digest& key, const Digest& payload, Result& result) {
  const Ledger::Entry* entry = ledger_.find(key);
  if (entry == nullptr) return false;
  if (entry->payload != payload) {
    reject({Code::idempotency_conflict, {}}, result);
    result.sequence = position_.sequence;
    result.version = version_of(result.resource);
    return true;
  }
  const Outcome outcome = ledger_.outcome_of(*entry);
  result.kind = outcome.code ? Result::Kind::rejected : Result::Kind::accepted;
  result.code = outcome.code;
  details_ = outcome.details;
  if (!outcome.booking_suffix.empty()) {
    booking_id_ = fmt::format("{}.{}", *result.resource, outcome.booking_suffix);
    result.booking_id = booking_id_;
  }
  if (outcome.has_event) result.event = outcome.version;
  result.sequence = outcome.sequence;
  result.version = outcome.version;
  result.duplicate = true;
  ++tally_.duplicates;
  return true;
}

void CommandProcessor::decide_new(Result& result, Transaction& out) {
  // A command without a resource has no key of its own; it is refused below, anew each time.
  const auto key = result.resource
                       ? std::optional(key_digest(*result.resource, *result.source, *result.id))
                       : std::nullopt;
  if (key && repeat(*key, *result.digest, result)) return;

  const auto command = reader_.validate();
  if (!command) {
    reject(command.error(), result);
  } else {
    if (const auto named = booking_named_by(command->body)) result.booking_id = named->text;
    const Moment moment{position_.now, position_.sequence.next(), position_.partition};
    const Decision decision = decide(state_, *command, moment, scratch_);
    if (!decision) {
      reject(decision.error(), result);
    } else {
      ++tally_.accepted;
      if (*decision) append_decided(*command, **decision, result, out);
    }
  }
  result.sequence = position_.sequence;
  result.version = result.event ? *result.event : version_of(result.resource);
  if (key) remember(*key, result);
}

/// A parked command is remembered, so that sending it again does not stop the engine again; but a
/// key that is known keeps its outcome. Recovery knows the difference by the digest.
void CommandProcessor::set_aside(Result& result) {
  if (!result.resource) return;
  const Digest key = key_digest(*result.resource, *result.source, *result.id);
  if (ledger_.find(key) != nullptr) return;
  result.digest = reader_.payload_digest();
  remember(key, result);
}

void CommandProcessor::remember(const Digest& key, const Result& result) {
  ledger_.add(key, *result.digest,
              {.code = result.code,
               .booking_suffix =
                   result.booking_id ? BookingId{*result.booking_id}.suffix() : std::string_view{},
               .details = details_,
               .has_event = result.event.has_value(),
               .sequence = result.sequence,
               .version = result.version});
}

void CommandProcessor::append_decided(const Command& command, const Event& event, Result& result,
                                      Transaction& out) {
  const auto* facet = facet_of(event.body);
  if (facet != nullptr) {
    booking_id_ = facet->booking_id.text;
    result.booking_id = booking_id_;
  }
  const LoggedEvent logged{
      .log_id = position_.log_id,
      .sequence = position_.sequence.next(),
      .time = position_.now,
      .what = ResourceEvent{.resource = command.resource,
                            .version = version_of(command.resource.text).next(),
                            .causation_id = *result.id,
                            .causation_source = *result.source,
                            .traceparent = result.traceparent,
                            .event = event}};
  auto& record = out.records.emplace_back();
  record.to = {Topic::events, position_.partition};
  record.payload.key = std::string(command.resource.text);
  record.payload.value.reserve(1024);
  append_event(record.payload.value, logged);

  const auto& resource_event = std::get<ResourceEvent>(logged.what);
  state_.evolve(resource_event);
  position_.sequence = logged.sequence;
  result.event = resource_event.version;
  ++tally_.events;
}

void CommandProcessor::reject(const Rejection& rejection, Result& result) {
  result.kind = Result::Kind::rejected;
  result.code = rejection.code;
  details_.clear();
  append_details(details_, rejection.details);
  ++tally_.rejected;
}

void CommandProcessor::publish(const Result& result, Transaction& out) {
  auto& record = out.records.emplace_back();
  record.to = {Topic::results, position_.partition};
  record.payload.key = key_of(result.resource);
  record.payload.value.reserve(640);
  append_result(record.payload.value, result);
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
