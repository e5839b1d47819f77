// Rebuilds the tables of one topic beside the live ones, with no downtime: fold the log anew into a
// second set of tables with checkpoints of their own, catch up, freeze the live checkpoints, fold
// to exactly those, compare, swap. What a store must offer for it is the RebuildStore port; a kill
// anywhere leaves one side whole. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "events/failure.hpp"
#include "events/log.hpp"
#include "projections/read_model.hpp"
#include "projections/refold.hpp"
#include "projections/verify.hpp"

namespace pesan {

/// One rebuild of one topic, from `begin` to `swap` or `undo`. Each call is a step that a kill may
/// follow: `ReadModel::settle_rebuild` then undoes the whole, or finishes it if `swap` had begun to
/// show (stores whose renames do not commit together with other changes make `swap` one rename, and
/// tell by the names which side is live). While the object lives nobody else settles it.
class RebuildStore {
 public:
  RebuildStore() = default;
  RebuildStore(const RebuildStore&) = delete;
  RebuildStore& operator=(const RebuildStore&) = delete;
  virtual ~RebuildStore() = default;

  /// Undoes what an earlier one left, and makes an empty second set of the topic's tables and
  /// checkpoints. `conflict` while another rebuild lives.
  virtual Fallible<void> begin(Topic topic) = 0;
  /// Adds whole rows, in key order, to a table of the second set.
  virtual Fallible<void> load(Table table, std::span<const RowChange* const> rows) = 0;
  /// The second set as a read model: its checkpoints move by compare-and-set like any.
  virtual ReadModel& shadow() = 0;
  /// From here to `swap` or `undo` nobody can move a live checkpoint of the topic: they are marked
  /// by a negative fold.
  virtual Fallible<void> freeze() = 0;
  /// The second set is live, its checkpoints too, and the old one is gone. `conflict` when a live
  /// checkpoint appeared that was not frozen; then nothing happened.
  virtual Fallible<void> swap() = 0;
  /// As if nothing had been begun.
  virtual Fallible<void> undo() = 0;
};

struct RebuildReport {
  std::int64_t records = 0;      // folded, each once
  std::int64_t rows = 0;         // of the new tables and the old ones
  std::int64_t differences = 0;  // between both; the new ones are live now
  /// The old tables were of another fold, log or timeline: there was nothing to compare with.
  bool incomparable = false;
};

/// `live` is read only. A failure leaves the live tables as they were.
Fallible<RebuildReport> rebuild(LogReader& log, ReadModel& live, RebuildStore& store, Topic topic,
                                const RefoldOptions& options, const OnDifference& on_difference);

}  // namespace pesan
