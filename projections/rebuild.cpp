#include "projections/rebuild.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "projections/fold.hpp"
#include "projections/projector.hpp"

namespace pesan {
namespace {

/// Rounds of catching up with projectors that keep moving, before they are frozen anyway.
constexpr int most_rounds = 20;
/// Records behind which the rest may be folded while the projectors stand still.
constexpr std::int64_t near_enough = 1000;
constexpr std::size_t rows_a_load = 20'000;

using Checkpoints = std::map<Partition, Checkpoint>;

/// The steps of one rebuild; the caller undoes the store after a failure.
class Rebuild {
 public:
  Rebuild(LogReader& log, ReadModel& live, RebuildStore& store, Topic topic)
      : log_(log), live_(live), store_(store), topic_(topic) {}

  Fallible<void> load_history(const RefoldOptions& options) {
    if (auto found = look(); !found) return found;
    const Checkpoints targets = targets_;
    std::vector<Checkpoint> positions;
    const auto load_range = [&](Refold& refold) -> Fallible<void> {
      positions.clear();
      for (const auto& [partition, target] : targets) {
        const FoldEnd end{.offset = target.next_offset, .sequence = {}, .time = {}};
        auto folded = refold.advance(partition, end, options.on_progress);
        if (!folded) return folded;
        if (const auto& at = refold.position(partition)) positions.push_back(*at);
      }
      report.records = refold.records();
      return refold.outgrown() ? Fallible<void>{} : load(refold.rows());
    };
    RefoldOptions of_topic = options;
    of_topic.tables = TableSet::of(topic_);
    if (auto loaded = each_range(log_, topic_, of_topic, load_range); !loaded) return loaded;
    const RowChanges loaded_already;
    std::vector<SourceChanges> first;
    for (const Checkpoint& position : positions) {
      first.push_back({.changes = &loaded_already, .next = position});
    }
    return store_.shadow().apply(first);
  }

  /// Follows the live projectors until they are close.
  Fallible<void> catch_up() {
    for (int round = 0; round < most_rounds; ++round) {
      if (auto found = look(); !found) return found;
      const auto moved = fold_to_targets();
      if (!moved) return std::unexpected(moved.error());
      if (*moved <= near_enough) return {};
    }
    return {};
  }

  /// With the live checkpoints frozen: to exactly where they stand.
  Fallible<void> finish_folding() {
    if (auto found = look(); !found) return found;
    const auto moved = fold_to_targets();
    if (!moved) return std::unexpected(moved.error());
    return {};
  }

  Fallible<void> compare_sides(const OnDifference& on_difference) {
    for (const auto& [partition, live] : live_checkpoints_) {
      const auto shadow = store_.shadow().checkpoint({topic_, partition});
      if (!shadow) return std::unexpected(shadow.error());
      const bool same = *shadow && (*shadow)->next_offset == live.next_offset &&
                        (*shadow)->last_digest == live.last_digest &&
                        (*shadow)->log_id == live.log_id && std::abs(live.fold) == fold_version;
      if (!same) report.incomparable = true;
    }
    if (report.incomparable) return {};
    auto expected = store_.shadow().snapshot();
    if (!expected) return std::unexpected(expected.error());
    auto found = live_.snapshot();
    if (!found) return std::unexpected(found.error());
    const auto compared = compare(**expected, **found, topic_, on_difference);
    if (!compared) return std::unexpected(compared.error());
    report.rows = compared->rows;
    report.differences = compared->differences;
    return {};
  }

  RebuildReport report;

 private:
  /// Where the live checkpoints are, and so how far to fold: there, or, where the log was restored
  /// behind them, to its end.
  Fallible<void> look() {
    live_checkpoints_.clear();
    targets_.clear();
    for (std::int32_t p = 0; p < partitions_of(log_, topic_); ++p) {
      const TopicPartition source{topic_, Partition{p}};
      const auto checkpoint = live_.checkpoint(source);
      if (!checkpoint) return std::unexpected(checkpoint.error());
      if (!*checkpoint) continue;
      live_checkpoints_.emplace(source.partition, **checkpoint);
      const auto range = log_.range(source);
      if (!range) return std::unexpected(range.error());
      Checkpoint target = **checkpoint;
      target.next_offset = std::min(target.next_offset, range->end);
      targets_.emplace(source.partition, target);
    }
    return {};
  }

  Fallible<void> load(const RowChanges& rows) {
    for (const Table table : all_tables) {
      if (describe(table).source != topic_) continue;
      const auto order = rows.in_key_order(table);
      for (std::size_t i = 0; i < order.size(); i += rows_a_load) {
        const auto part = std::span(order).subspan(i, std::min(rows_a_load, order.size() - i));
        if (auto loaded = store_.load(table, part); !loaded) return loaded;
      }
    }
    return {};
  }

  /// How many records that took.
  Fallible<std::int64_t> fold_to_targets() {
    std::int64_t moved = 0;
    for (const auto& [partition, target] : targets_) {
      Projector projector(log_, store_.shadow(), {topic_, partition}, ReadLimit{.records = 4000});
      for (;;) {
        const auto step = projector.step(target.next_offset);
        if (!step) return std::unexpected(step.error());
        if (step->kind != ProjectorStep::Kind::progress) break;
        moved += static_cast<std::int64_t>(step->records);
      }
    }
    report.records += moved;
    return moved;
  }

  LogReader& log_;
  ReadModel& live_;
  RebuildStore& store_;
  Topic topic_;
  Checkpoints live_checkpoints_;
  Checkpoints targets_;
};

}  // namespace

Fallible<RebuildReport> rebuild(LogReader& log, ReadModel& live, RebuildStore& store, Topic topic,
                                const RefoldOptions& options, const OnDifference& on_difference) {
  if (auto begun = store.begin(topic); !begun) return std::unexpected(begun.error());
  Rebuild rebuild(log, live, store, topic);
  const auto run = [&]() -> Fallible<void> {
    if (auto done = rebuild.load_history(options); !done) return done;
    if (auto done = rebuild.catch_up(); !done) return done;
    if (auto done = store.freeze(); !done) return done;
    if (auto done = rebuild.finish_folding(); !done) return done;
    if (auto done = rebuild.compare_sides(on_difference); !done) return done;
    return store.swap();
  };
  if (auto done = run(); !done) {
    // Should this fail too, the next start undoes it.
    (void)store.undo();
    return std::unexpected(done.error());
  }
  return rebuild.report;
}

}  // namespace pesan
