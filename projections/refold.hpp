// A fold of a topic from its beginning, in memory: what verify, rebuild and `show --as-of` work
// with. Memory is bounded whatever the log holds: rows are dealt into ranges by their keys, one
// range is folded at a time, reading the log once for each, and a range that outgrows the memory
// all the same (a single event can touch thousands of nights) is split and folded anew. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "events/failure.hpp"
#include "events/log.hpp"
#include "projections/partition_fold.hpp"
#include "projections/row_change.hpp"

namespace pesan {

/// How far a long fold is, in records over all of its ranges; `total` may grow while it runs.
struct FoldProgress {
  std::int64_t done = 0;
  std::int64_t total = 0;
};
using OnProgress = std::function<void(const FoldProgress&)>;

struct RefoldOptions {
  TableSet tables = TableSet::all();
  std::size_t memory = std::size_t{512} << 20;  // bytes for folded rows, roughly
  OnProgress on_progress;                       // after every batch; may be empty
};

/// Into how many ranges the rows of this many records are dealt to fit the memory: a first guess.
std::uint32_t ranges_for(std::int64_t records, const RefoldOptions& options);

/// The partitions that a topic of events has: those of the log, or the registry's one.
std::int32_t partitions_of(const LogReader& log, Topic topic);

/// Records in all partitions of the topic.
Fallible<std::int64_t> length_of(LogReader& log, Topic topic);

/// The rows of one range of a topic, folded as far as asked.
class Refold {
 public:
  /// `memory`: bytes for rows; 0 = no bound.
  Refold(LogReader& log, Topic topic, const RowFilter& filter, std::size_t memory = 0);

  /// Folds on to the end given, or to the end of the log as it is now. Each record once. Stops
  /// where the rows have outgrown the memory.
  Fallible<void> advance(Partition partition, const FoldEnd& end, const OnProgress& on_progress);

  const RowChanges& rows() const { return rows_; }
  /// It stopped before an end: the rows are of no use.
  bool outgrown() const { return memory_ != 0 && rows_.bytes() > memory_; }
  /// Folded by this one.
  std::int64_t records() const { return records_folded_; }
  const std::optional<Checkpoint>& position(Partition partition) const {
    return folds_[static_cast<std::size_t>(partition.value)]->position();
  }
  /// Records read so far; carried over from range to range by `each_range`.
  FoldProgress progress;

 private:
  LogReader& log_;
  Topic topic_;
  RowChanges rows_;
  std::size_t memory_;
  std::int64_t records_folded_ = 0;
  std::vector<std::unique_ptr<PartitionFold>> folds_;
  std::vector<Record> records_;
};

/// Deals the rows of `tables` into ranges that fit the memory and gives each to `use`, which folds
/// it as far as it needs to and takes its rows, unless they are outgrown: then parts of the range
/// come instead.
Fallible<void> each_range(LogReader& log, Topic topic, const RefoldOptions& options,
                          const std::function<Fallible<void>(Refold&)>& use);

/// One end for each partition of the topic.
using FoldEnds = std::vector<FoldEnd>;

/// Whole rows of one table as they were at `ends`, in key order. Where they do not fit the memory,
/// a first reading takes a sample of the keys, which divides them into ranges that do. Rows of one
/// first key (the nights of one room) stay together.
Fallible<void> refold_table(LogReader& log, Table table, const FoldEnds& ends,
                            const RefoldOptions& options,
                            const std::function<void(const StoredRow&)>& on_row);

}  // namespace pesan
