#include "projections/partition_fold.hpp"

#include <utility>
#include <variant>

#include <fmt/format.h>

#include "events/assert.hpp"
#include "projections/fold.hpp"

namespace pesan {
namespace {

/// Resources whose versions are watched; with more the watch begins anew, which misses only gaps
/// that `sequence` would not have shown either.
constexpr std::size_t most_watched = 1'000'000;

std::unexpected<Failure> undecodable(const std::string& place, const DecodeError& error) {
  if (error.kind == DecodeError::Kind::newer_than_program) {
    return fail(FailureKind::fatal,
                fmt::format("{}: the log is newer than this program: {}. Upgrade projectors before "
                            "registry and engines",
                            place, error.what));
  }
  return fail(FailureKind::fatal, fmt::format("{}: not an event of pesan: {}", place, error.what));
}

bool beyond(const FoldEnd& end, Sequence sequence) {
  return end.sequence && sequence > *end.sequence;
}

bool beyond(const FoldEnd& end, Instant time) { return end.time && time > *end.time; }

std::string_view code_of(const CustomerEventBody& body) {
  return std::visit([](const auto& event) { return event.code; }, body);
}

}  // namespace

void PartitionFold::start(const std::optional<Checkpoint>& checkpoint) {
  position_ = checkpoint;
  next_read_ = checkpoint ? checkpoint->next_offset : Offset{0};
  versions_.clear();
  later_customers_.clear();
  saw_everything_ = !checkpoint.has_value();
  recent_.clear();
}

Fallible<void> PartitionFold::recall(const Record& record) {
  const auto keep = [&](std::string_view log_id, Sequence sequence) -> Fallible<void> {
    if (auto same = check_log(record, log_id); !same) return same;
    if (sequence > position_->sequence) return {};
    recent_.add(sequence.value, digest_of(record.payload.value));
    return {};
  };
  if (source_.topic == Topic::customers) {
    const auto event = decoder_.decode_customer(record.payload.value);
    if (!event) return undecodable(place_name(record), event.error());
    return keep(event->log_id, event->sequence);
  }
  const auto event = decoder_.decode(record.payload.value);
  if (!event) return undecodable(place_name(record), event.error());
  return keep(event->log_id, event->sequence);
}

Fallible<bool> PartitionFold::fold(const Record& record, const FoldEnd& end, RowChanges& changes) {
  if (end.offset && record.offset >= *end.offset) return false;
  try {
    if (source_.topic == Topic::customers) return fold_customer(record, end, changes);
    return fold_event(record, end, changes);
  } catch (const Bug& bug) {
    // This partition stops here, at a record with a name; the others go on.
    return fail(FailureKind::fatal, fmt::format("{}: this event does not fit those before it: {}",
                                                place_name(record), bug.what()));
  }
}

Fallible<bool> PartitionFold::fold_event(const Record& record, const FoldEnd& end,
                                         RowChanges& changes) {
  const auto event = decoder_.decode(record.payload.value);
  if (!event) return undecodable(place_name(record), event.error());
  if (beyond(end, event->sequence) || beyond(end, event->time)) return false;
  const Digest digest = digest_of(record.payload.value);
  if (auto same = check_log(record, event->log_id); !same) return std::unexpected(same.error());
  const auto place = place_of(record, event->sequence, digest);
  if (!place) return std::unexpected(place.error());
  if (*place == Place::repeat) {
    next_read_ = record.offset.next();
    return true;
  }
  if (auto good = check_opening(record, *event); !good) return std::unexpected(good.error());
  if (const auto* of_resource = std::get_if<ResourceEvent>(&event->what)) {
    if (auto good = check_version(record, *of_resource); !good) {
      return std::unexpected(good.error());
    }
  }
  pesan::fold_event(*event, changes);
  advance(record, event->log_id, event->sequence, event->time, digest);
  return true;
}

Fallible<bool> PartitionFold::fold_customer(const Record& record, const FoldEnd& end,
                                            RowChanges& changes) {
  const auto event = decoder_.decode_customer(record.payload.value);
  if (!event) return undecodable(place_name(record), event.error());
  if (beyond(end, event->sequence)) return false;
  const Digest digest = digest_of(record.payload.value);
  if (auto same = check_log(record, event->log_id); !same) return std::unexpected(same.error());
  const auto place = place_of(record, event->sequence, digest);
  if (!place) return std::unexpected(place.error());
  if (*place == Place::repeat) {
    next_read_ = record.offset.next();
    return true;
  }
  if (beyond(end, event->time)) {
    if (std::holds_alternative<CustomerRegistered>(event->body)) {
      later_customers_.emplace(code_of(event->body), record.payload.value);
    }
  } else {
    if (!later_customers_.empty()) fold_registration(code_of(event->body), changes);
    pesan::fold_event(*event, changes);
  }
  advance(record, event->log_id, event->sequence, event->time, digest);
  return true;
}

void PartitionFold::fold_registration(std::string_view code, RowChanges& changes) {
  const auto later = later_customers_.find(code);
  if (later == later_customers_.end()) return;
  EventDecoder decoder;
  pesan::fold_event(*decoder.decode_customer(later->second), changes);
  later_customers_.erase(later);
}

Fallible<void> PartitionFold::check_log(const Record& record, std::string_view log_id) const {
  if (!position_ || position_->log_id == log_id) return {};
  return fail(FailureKind::fatal,
              fmt::format("{}: it is of log {}, but the read model was folded from log {}. Point "
                          "both at the same log, or make the rows anew: pesan rebuild --replace",
                          place_name(record), log_id, position_->log_id));
}

Fallible<void> PartitionFold::check_opening(const Record& record, const LoggedEvent& event) const {
  const auto* opened = std::get_if<LogOpened>(&event.what);
  if (!position_ && opened == nullptr) {
    return fail(FailureKind::fatal,
                fmt::format("{}: a partition of events begins with LogOpened", place_name(record)));
  }
  if (opened == nullptr) return {};
  if (position_ || opened->partition != source_.partition.value) {
    return fail(FailureKind::fatal,
                fmt::format("{}: this LogOpened is of partition {} and belongs at its beginning",
                            place_name(record), opened->partition));
  }
  return {};
}

Fallible<void> PartitionFold::check_version(const Record& record, const ResourceEvent& event) {
  const std::int64_t version = event.version.value;
  const auto known = versions_.find(event.resource.text);
  if (known == versions_.end()) {
    if (saw_everything_ && version != 1) {
      return fail(FailureKind::fatal,
                  fmt::format("{}: the first event of {} has version {}, not 1", place_name(record),
                              event.resource.text, version));
    }
    if (versions_.size() >= most_watched) {
      versions_.clear();
      saw_everything_ = false;
    }
    versions_.emplace(std::string(event.resource.text), version);
    return {};
  }
  if (version != known->second + 1) {
    return fail(FailureKind::fatal,
                fmt::format("{}: version {} of {} follows version {}: events are missing",
                            place_name(record), version, event.resource.text, known->second));
  }
  known->second = version;
  return {};
}

Fallible<PartitionFold::Place> PartitionFold::place_of(const Record& record, Sequence sequence,
                                                       const Digest& digest) const {
  const std::int64_t expected = position_ ? position_->sequence.value + 1 : 0;
  if (sequence.value == expected) return Place::next;
  if (sequence.value > expected) {
    return fail(FailureKind::fatal,
                fmt::format("{}: sequence {} where {} was due: records are missing",
                            place_name(record), sequence.value, expected));
  }
  const Digest* known = recent_.find(sequence.value);
  if (known != nullptr && *known == digest) return Place::repeat;
  return fail(FailureKind::fatal,
              fmt::format("{}: sequence {} came again, {}", place_name(record), sequence.value,
                          known != nullptr ? "with another record"
                                           : "too late to tell whether it is equal"));
}

void PartitionFold::advance(const Record& record, std::string_view log_id, Sequence sequence,
                            Instant time, const Digest& digest) {
  if (!position_) {
    position_.emplace();
    position_->topic = source_.topic;
    position_->partition = source_.partition;
    position_->log_id = log_id;
    position_->fold = fold_version;
  }
  next_read_ = record.offset.next();
  position_->next_offset = next_read_;
  position_->sequence = sequence;
  position_->last_digest = digest;
  position_->updated_at = time;
  recent_.add(sequence.value, digest);
}

std::string PartitionFold::place_name(const Record& record) const {
  return fmt::format("{}, partition {}, offset {}", name_of(source_.topic), source_.partition.value,
                     record.offset.value);
}

}  // namespace pesan
