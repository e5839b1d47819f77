// The ReadModel port: tables that are exactly the fold of a prefix of each partition. Rows and the
// checkpoints that say how far they are change in one transaction, or not at all. Production is
// MySQL, the embedded default a SQLite file, tests use memory; one contract suite covers all. A
// model is used by one thread, a snapshot and its cursors by one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events/digest.hpp"
#include "events/failure.hpp"
#include "events/ids.hpp"
#include "events/log.hpp"
#include "events/time.hpp"
#include "projections/row_change.hpp"
#include "projections/tables.hpp"
#include "projections/value.hpp"

namespace pesan {

/// The name in the checkpoints: one projector folds all tables of a topic.
inline constexpr std::string_view projection_name = "tables";

/// How far the rows of one partition are.
struct Checkpoint {
  Topic topic = Topic::events;
  Partition partition;
  Offset next_offset;  // the one after the last applied record
  Sequence sequence;   // of the last applied record
  Digest last_digest;  // of its bytes: finding another one there means another timeline
  std::string log_id;
  std::int64_t fold = 0;  // fold_version of its writer; negative: frozen by a rebuild
  Instant updated_at;     // time of the last applied event
  bool operator==(const Checkpoint&) const = default;

  bool frozen() const { return fold < 0; }
};

/// What a round brings of one partition.
struct SourceChanges {
  const RowChanges* changes = nullptr;   // of rows that no other source touches
  std::optional<Checkpoint> expected{};  // the stored one; nullopt: there is none
  Checkpoint next;                       // the one with these changes
  bool moved = false;  // answered: somebody else has moved the stored one, and it does not fit

  TopicPartition source() const { return {next.topic, next.partition}; }
};

/// One row, a value a column, generated ones among them. Texts live until the cursor moves.
using StoredRow = std::vector<StoredValue>;

class RowCursor {
 public:
  virtual ~RowCursor() = default;
  /// False after the last row.
  virtual Fallible<bool> next(StoredRow& row) = 0;
};

/// One state of all tables, whatever is written meanwhile. Keep it short: it holds back what stores
/// would like to tidy up.
class ReadSnapshot {
 public:
  virtual ~ReadSnapshot() = default;
  /// Of all topics, ordered by topic and partition.
  virtual Fallible<std::vector<Checkpoint>> checkpoints() = 0;
  /// All rows in key order: numbers by size, texts by their bytes. At most one cursor at a time;
  /// it must go before the snapshot does.
  virtual Fallible<std::unique_ptr<RowCursor>> scan(Table table) = 0;
};

class ReadModel {
 public:
  ReadModel() = default;
  ReadModel(const ReadModel&) = delete;
  ReadModel& operator=(const ReadModel&) = delete;
  virtual ~ReadModel() = default;

  /// All changes and checkpoints of the round, whose sources may be in any order, or nothing.
  /// `conflict` unless every stored checkpoint still has the offset, log_id and fold of the one
  /// expected; those that do not are marked. That is looked at first, so an old writer changes
  /// nothing. `fatal` for a change that does not fit the rows: an update or deletion that finds
  /// none, an insert that finds one. `unknown`: reload the checkpoints.
  virtual Fallible<void> apply(std::span<SourceChanges> round) = 0;
  virtual Fallible<std::optional<Checkpoint>> checkpoint(TopicPartition source) = 0;
  virtual Fallible<std::unique_ptr<ReadSnapshot>> snapshot() = 0;
  /// Ends what a killed rebuild left half done, if one did; leaves a living one alone.
  virtual Fallible<void> settle_rebuild() = 0;
};

}  // namespace pesan
