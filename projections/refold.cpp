#include "projections/refold.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "events/assert.hpp"
#include "projections/row_renderer.hpp"

namespace pesan {
namespace {

/// What the rows of one record take, over all tables; measured on hotel bookings, rounded up.
constexpr std::int64_t bytes_a_record = 1024;

/// Parts that an outgrown range is split into at once: no more, since it may have met the few
/// records that touch many rows first.
constexpr std::int64_t most_parts = 8;
constexpr std::uint32_t most_ranges = 1'000'000;

struct Range {
  std::uint32_t index = 0;
  std::uint32_t count = 1;
};

/// How many parts may fit where one, folded as far as `records` of `length`, did not.
std::uint32_t parts_of(const Refold& outgrown, std::int64_t length, std::size_t memory) {
  const auto read = static_cast<double>(std::max<std::int64_t>(outgrown.records(), 1));
  const double all = static_cast<double>(outgrown.rows().bytes()) *
                     std::max(static_cast<double>(length) / read, 1.0);
  const double parts = all / static_cast<double>(memory) + 1;
  return static_cast<std::uint32_t>(std::clamp(parts, 2.0, static_cast<double>(most_parts)));
}

}  // namespace

std::uint32_t ranges_for(std::int64_t records, const RefoldOptions& options) {
  const auto memory = static_cast<std::int64_t>(std::max<std::size_t>(options.memory, 1));
  const std::int64_t ranges = (records * bytes_a_record + memory - 1) / memory;
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(ranges, 1, most_ranges));
}

std::int32_t partitions_of(const LogReader& log, Topic topic) {
  PESAN_ASSERT(topic == Topic::events || topic == Topic::customers,
               "read models are folds of events and customers");
  return topic == Topic::customers ? 1 : log.partitions();
}

Fallible<std::int64_t> length_of(LogReader& log, Topic topic) {
  std::int64_t records = 0;
  for (std::int32_t p = 0; p < partitions_of(log, topic); ++p) {
    const auto range = log.range({topic, Partition{p}});
    if (!range) return std::unexpected(range.error());
    records += range->end.value - range->begin.value;
  }
  return records;
}

Refold::Refold(LogReader& log, Topic topic, const RowFilter& filter, std::size_t memory)
    : log_(log), topic_(topic), rows_(filter), memory_(memory) {
  for (std::int32_t p = 0; p < partitions_of(log, topic); ++p) {
    folds_.push_back(std::make_unique<PartitionFold>(TopicPartition{topic, Partition{p}}));
    folds_.back()->start(std::nullopt);
  }
}

Fallible<void> Refold::advance(Partition partition, const FoldEnd& end,
                               const OnProgress& on_progress) {
  PartitionFold& fold = *folds_[static_cast<std::size_t>(partition.value)];
  const TopicPartition source{topic_, partition};
  const ReadLimit limit{.records = 4000};
  // The end that is asked for may be younger than the one that this reader knows.
  if (auto asked = log_.range(source); !asked) return std::unexpected(std::move(asked.error()));
  while (!outgrown() && (!end.offset || fold.next_read() < *end.offset)) {
    auto read = log_.read(source, fold.next_read(), limit, records_);
    if (!read) return read;
    if (records_.empty()) return {};
    for (const Record& record : records_) {
      const auto more = fold.fold(record, end, rows_);
      if (!more) return std::unexpected(more.error());
      if (!*more) return {};
      ++progress.done;
      ++records_folded_;
      if (outgrown()) break;
    }
    if (on_progress) on_progress(progress);
  }
  return {};
}

Fallible<void> each_range(LogReader& log, Topic topic, const RefoldOptions& options,
                          const std::function<Fallible<void>(Refold&)>& use) {
  const auto length = length_of(log, topic);
  if (!length) return std::unexpected(length.error());
  std::vector<Range> left;  // the next one last
  const std::uint32_t ranges = ranges_for(*length, options);
  for (std::uint32_t i = ranges; i > 0; --i) left.push_back({i - 1, ranges});
  FoldProgress progress{0, *length * ranges};
  while (!left.empty()) {
    const auto [index, count] = left.back();
    left.pop_back();
    // One row alone cannot be split, whatever it takes.
    const std::size_t memory = count < most_ranges ? std::max<std::size_t>(options.memory, 1) : 0;
    Refold refold(log, topic, {.tables = options.tables, .range = index, .ranges = count}, memory);
    refold.progress = progress;
    if (auto used = use(refold); !used) return used;
    progress = refold.progress;
    if (!refold.outgrown()) continue;
    const std::uint32_t parts = parts_of(refold, *length, memory);
    // What is `index` modulo `count` is one of these modulo `count * parts`.
    for (std::uint32_t i = parts; i > 0; --i) {
      left.push_back({index + (i - 1) * count, count * parts});
    }
    progress.total += refold.records() + (parts - 1) * *length;
  }
  return {};
}

namespace {

/// One row in so many is looked at to find out how the keys of a table are spread.
constexpr std::uint32_t sampled = 64;

/// First keys after `from` that divide the rows into parts that fit the memory, judged by a sample
/// of them; none where there is nothing to divide.
std::vector<std::string> boundaries(const RowChanges& sample, Table table, std::string_view from,
                                    std::size_t memory) {
  const auto rows = sample.in_key_order(table);
  if (rows.empty()) return {};
  const auto key = [&](std::size_t row) { return rows[row]->cells[0].text(); };
  const std::size_t parts = std::min(sample.bytes() * sampled / memory + 2, rows.size());
  std::vector<std::string> keys;
  std::string_view last = std::max(from, key(0));
  for (std::size_t part = 1; part < parts; ++part) {
    std::size_t place = rows.size() * part / parts;
    while (place < rows.size() && key(place) <= last) ++place;
    if (place == rows.size()) break;
    last = keys.emplace_back(key(place));
  }
  return keys;
}

/// Folds one table to the ends given, range by range of its keys.
class TableFold {
 public:
  TableFold(LogReader& log, Table table, const FoldEnds& ends, const RefoldOptions& options,
            const std::function<void(const StoredRow&)>& on_row)
      : log_(log),
        table_(table),
        ends_(ends),
        options_(options),
        memory_(std::max<std::size_t>(options.memory, 1)),
        on_row_(on_row) {}

  /// The rows that the filter keeps, in one piece where they fit.
  Fallible<void> whole(const RowFilter& filter) {
    const auto folded = fold(filter, memory_);
    if (!folded) return std::unexpected(folded.error());
    if ((*folded)->outgrown()) {
      progress.total += (*folded)->records();
      return in_parts(filter);
    }
    give((*folded)->rows());
    return {};
  }
  /// The same after a look at a sample.
  Fallible<void> in_parts(RowFilter filter) {
    progress.total += progress_of_one;
    RowFilter some = filter;
    some.ranges = sampled;
    auto sample = fold(some, 0);
    if (!sample) return std::unexpected(sample.error());
    const auto keys = boundaries((*sample)->rows(), table_, filter.from, memory_);
    sample->reset();
    if (keys.empty()) return undivided(filter);
    progress.total += std::ssize(keys) * progress_of_one;
    const std::optional<std::string> until = filter.until;
    for (std::size_t part = 0; part <= keys.size(); ++part) {
      if (part > 0) filter.from = keys[part - 1];
      filter.until = part < keys.size() ? std::optional(keys[part]) : until;
      if (auto done = whole(filter); !done) return done;
    }
    return {};
  }

  FoldProgress progress;
  std::int64_t progress_of_one = 0;  // records

 private:
  Fallible<void> undivided(const RowFilter& filter) {
    const auto folded = fold(filter, 0);
    if (!folded) return std::unexpected(folded.error());
    give((*folded)->rows());
    return {};
  }
  Fallible<std::unique_ptr<Refold>> fold(RowFilter filter, std::size_t memory) {
    filter.tables = TableSet(table_);
    auto refold = std::make_unique<Refold>(log_, describe(table_).source, filter, memory);
    refold->progress = progress;
    for (std::size_t p = 0; p < ends_.size(); ++p) {
      const Partition partition{static_cast<std::int32_t>(p)};
      auto folded = refold->advance(partition, ends_[p], options_.on_progress);
      if (!folded) return std::unexpected(std::move(folded.error()));
    }
    progress = refold->progress;
    return refold;
  }
  void give(const RowChanges& rows) {
    for (const RowChange* row : rows.in_key_order(table_)) on_row_(renderer_.render(table_, *row));
  }

  LogReader& log_;
  Table table_;
  const FoldEnds& ends_;
  const RefoldOptions& options_;
  std::size_t memory_;
  const std::function<void(const StoredRow&)>& on_row_;
  RowRenderer renderer_;
};

}  // namespace

Fallible<void> refold_table(LogReader& log, Table table, const FoldEnds& ends,
                            const RefoldOptions& options,
                            const std::function<void(const StoredRow&)>& on_row) {
  const auto length = length_of(log, describe(table).source);
  if (!length) return std::unexpected(length.error());
  TableFold fold(log, table, ends, options, on_row);
  fold.progress.total = fold.progress_of_one = *length;
  return ranges_for(*length, options) > 1 ? fold.in_parts({}) : fold.whole({});
}

}  // namespace pesan
