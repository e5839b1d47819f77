// Folds the records of one partition one after another, and refuses what must not be folded: a gap,
// another record under a known sequence, a log that is not the one it began with, an event that
// this program does not know. The projector, verify, rebuild and show all fold through this. One
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "events/event_codec.hpp"
#include "events/log.hpp"
#include "events/repeat_window.hpp"
#include "projections/read_model.hpp"
#include "projections/row_change.hpp"

namespace pesan {

/// Where a fold ends: before the first record that lies beyond any of these. Customers carry the
/// times of bookings of all partitions, in no order: there a later record is only passed over.
struct FoldEnd {
  std::optional<Offset> offset;      // exclusive
  std::optional<Sequence> sequence;  // inclusive
  std::optional<Instant> time;       // inclusive
};

class PartitionFold {
 public:
  explicit PartitionFold(TopicPartition source) : source_(source) {}

  /// Forgets everything and goes on after the checkpoint; nullopt: from the beginning.
  void start(const std::optional<Checkpoint>& checkpoint);
  /// A record before the checkpoint, the oldest first, so that repeats of it are recognised.
  /// `fatal` if it is not of this log.
  Fallible<void> recall(const Record& record);
  /// False: the record lies beyond `end` and nothing happened. A repeat is read and changes
  /// nothing, not even the position. Failures are `fatal`; what the record changed is then
  /// undefined.
  Fallible<bool> fold(const Record& record, const FoldEnd& end, RowChanges& changes);

  /// As it should be stored with the changes so far; nullopt before the first record.
  const std::optional<Checkpoint>& position() const { return position_; }
  /// Where to read on: past the position by the repeats that were skipped.
  Offset next_read() const { return next_read_; }

 private:
  enum class Place : std::uint8_t { next, repeat };

  Fallible<bool> fold_event(const Record& record, const FoldEnd& end, RowChanges& changes);
  Fallible<bool> fold_customer(const Record& record, const FoldEnd& end, RowChanges& changes);
  /// Of a customer whose registration was passed over and who booked earlier in another partition.
  void fold_registration(std::string_view code, RowChanges& changes);
  Fallible<void> check_log(const Record& record, std::string_view log_id) const;
  Fallible<void> check_opening(const Record& record, const LoggedEvent& event) const;
  Fallible<void> check_version(const Record& record, const ResourceEvent& event);
  Fallible<Place> place_of(const Record& record, Sequence sequence, const Digest& digest) const;
  void advance(const Record& record, std::string_view log_id, Sequence sequence, Instant time,
               const Digest& digest);
  std::string place_name(const Record& record) const;

  struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  TopicPartition source_;
  EventDecoder decoder_;
  std::optional<Checkpoint> position_;
  Offset next_read_;
  RepeatWindow recent_;  // by sequence
  // The last version seen of each resource; first ones are 1 where the fold saw the beginning.
  std::unordered_map<std::string, std::int64_t, TextHash, std::equal_to<>> versions_;
  // Registrations later than the end, by code.
  std::unordered_map<std::string, std::string, TextHash, std::equal_to<>> later_customers_;
  bool saw_everything_ = true;
};

}  // namespace pesan
