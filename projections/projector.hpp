// The projector: moves one partition of one topic into the read model, batch by batch. A step
// reads, folds and applies once; it waits only where the log's read waits, so a simulation drives
// it as it likes. After any failure it begins again from the stored checkpoint. One thread.
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
    progress,  // a batch was applied
    conflict,  // somebody else moved the checkpoint; the next step goes on from there
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

  /// `until`: records from there on are left alone. A failure of kind transient or unknown: pause
  /// and step again. fatal: what is stored and what is logged do not fit, and the sentence says
  /// how.
  Fallible<ProjectorStep> step(std::optional<Offset> until = std::nullopt);

  /// As last stored or loaded; nullopt before the first batch (or step).
  const std::optional<Checkpoint>& position() const { return stored_; }
  TopicPartition source() const { return source_; }
  /// What the last step folded and stored, until the next one; nothing where it stored nothing.
  std::span<const Record> applied() const { return applied_; }

 private:
  Fallible<ProjectorStep> advance(std::optional<Offset> until);
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
  std::size_t next_record_ = 0;  // in records_: those before it are folded
  std::span<const Record> applied_;
  std::optional<Checkpoint> stored_;
  bool loaded_ = false;
};

}  // namespace pesan
