// The projector of one partition of one topic: it reads batches and folds them; who applies what it
// folded, in one transaction with other partitions, is projector_round.hpp. It waits only where the
// log's read waits, so a simulation drives it as it likes. After any failure it begins again from
// the stored checkpoint. One thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "events/failure.hpp"
#include "events/log.hpp"
#include "projections/partition_fold.hpp"
#include "projections/read_model.hpp"
#include "projections/row_change.hpp"

namespace pesan {

struct ProjectorStep {
  enum class Kind : std::uint8_t {
    idle,      // nothing to read within the limit's wait
    progress,  // a batch was folded, and, by a step, applied
    conflict,  // a step's: somebody else moved the checkpoint; the next one goes on from there
    frozen,    // a living rebuild is about to take over this partition: pause, then step again
  };
  Kind kind = Kind::idle;
  std::size_t records = 0;
};

class Projector {
 public:
  /// `log` and `model` must outlive it. `change_bytes`: a batch ends after the record whose row
  /// changes pass it, since one event can touch thousands of rows.
  Projector(LogReader& log, ReadModel& model, TopicPartition source, const ReadLimit& limit,
            std::size_t change_bytes = std::size_t{32} << 20)
      : log_(log),
        model_(model),
        source_(source),
        limit_(limit),
        change_bytes_(change_bytes),
        fold_(source) {}

  /// Reads and folds a batch. One that was folded and neither committed nor left is offered again.
  /// `until`: records from there on are left alone. A failure of kind transient or unknown: pause
  /// and fold again. fatal: what is stored and what is logged do not fit, and the sentence says
  /// how.
  Fallible<ProjectorStep> fold(std::optional<Offset> until = std::nullopt);
  /// What it folded, for the round that it is part of.
  SourceChanges folded() const {
    return {.changes = &changes_, .expected = stored_, .next = *fold_.position()};
  }
  /// That is stored now.
  void commit();
  /// That will not be stored: begin again from the stored checkpoint.
  void leave();
  /// A round of its own.
  Fallible<ProjectorStep> step(std::optional<Offset> until = std::nullopt);

  /// As last stored or loaded; nullopt before the first batch (or step).
  const std::optional<Checkpoint>& position() const { return stored_; }
  TopicPartition source() const { return source_; }
  /// What it folded last, once that is stored.
  std::span<const Record> applied() const { return applied_; }

 private:
  Fallible<ProjectorStep> read_and_fold(std::optional<Offset> until);
  /// Loads the checkpoint and proves that the log is the one it was made from.
  Fallible<void> load();
  Fallible<void> check_timeline();

  LogReader& log_;
  ReadModel& model_;
  TopicPartition source_;
  ReadLimit limit_;
  std::size_t change_bytes_;
  PartitionFold fold_;
  RowChanges changes_;
  std::vector<Record> records_;
  std::size_t next_record_ = 0;     // in records_: those before it are folded
  std::span<const Record> folded_;  // that changes_ are made of
  std::span<const Record> applied_;
  std::optional<Failure> stops_;  // at the record after those, once they are stored
  std::optional<Checkpoint> stored_;
  bool loaded_ = false;  // and everything since is folded
};

}  // namespace pesan
