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

}  // namespace

std::uint32_t ranges_for(std::int64_t records, const RefoldOptions& options) {
  const auto memory = static_cast<std::int64_t>(std::max<std::size_t>(options.memory, 1));
  const std::int64_t ranges = (records * bytes_a_record + memory - 1) / memory;
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(ranges, 1, 1'000'000));
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

Refold::Refold(LogReader& log, Topic topic, const RowFilter& filter)
    : log_(log), topic_(topic), rows_(filter) {
  for (std::int32_t p = 0; p < partitions_of(log, topic); ++p) {
    folds_.push_back(std::make_unique<PartitionFold>(TopicPartition{topic, Partition{p}}));
    folds_.back()->start(std::nullopt);
  }
}

Fallible<void> Refold::advance(Partition partition, const FoldEnd& end,
                               const OnProgress& on_progress) {
  PartitionFold& fold = *folds_[static_cast<std::size_t>(partition.value)];
  const ReadLimit limit{.records = 4000};
  while (!end.offset || fold.next_read() < *end.offset) {
    auto read = log_.read({topic_, partition}, fold.next_read(), limit, records_);
    if (!read) return read;
    if (records_.empty()) return {};
    for (const Record& record : records_) {
      const auto more = fold.fold(record, end, rows_);
      if (!more) return std::unexpected(more.error());
      if (!*more) return {};
      ++progress.done;
    }
    if (on_progress) on_progress(progress);
  }
  return {};
}

namespace {

/// One row in so many is looked at to find out how the keys of a table are spread.
constexpr std::uint32_t sampled = 64;

/// Folds one table, the rows that the filter keeps, to the ends given.
class TableFold {
 public:
  TableFold(LogReader& log, Table table, const FoldEnds& ends, const RefoldOptions& options)
      : log_(log), table_(table), ends_(ends), options_(options) {}

  Fallible<std::unique_ptr<Refold>> run(RowFilter filter) {
    filter.tables = TableSet(table_);
    auto refold = std::make_unique<Refold>(log_, describe(table_).source, filter);
    refold->progress = progress;
    for (std::size_t p = 0; p < ends_.size(); ++p) {
      const Partition partition{static_cast<std::int32_t>(p)};
      auto folded = refold->advance(partition, ends_[p], options_.on_progress);
      if (!folded) return std::unexpected(std::move(folded.error()));
    }
    progress = refold->progress;
    return refold;
  }
  FoldProgress progress;

 private:
  LogReader& log_;
  Table table_;
  const FoldEnds& ends_;
  const RefoldOptions& options_;
};

/// First keys that divide the rows into parts that fit the memory, judged by a sample of them.
std::vector<std::string> boundaries(const RowChanges& sample, Table table, std::size_t memory) {
  const auto rows = sample.in_key_order(table);
  const std::size_t parts = sample.reserved() * sampled / std::max<std::size_t>(memory, 1) + 1;
  std::vector<std::string> keys;
  for (std::size_t part = 1; part < parts; ++part) {
    const std::size_t place = rows.size() * part / parts;
    if (place >= rows.size()) break;
    const std::string_view key = rows[place]->cells[0].text();
    if (keys.empty() || keys.back() < key) keys.emplace_back(key);
  }
  return keys;
}

}  // namespace

Fallible<void> refold_table(LogReader& log, Table table, const FoldEnds& ends,
                            const RefoldOptions& options,
                            const std::function<void(const StoredRow&)>& on_row) {
  const auto length = length_of(log, describe(table).source);
  if (!length) return std::unexpected(length.error());
  TableFold fold(log, table, ends, options);
  fold.progress.total = *length;
  std::vector<std::string> keys;
  if (ranges_for(*length, options) > 1) {
    fold.progress.total = 2 * *length;
    const auto sample = fold.run({.range = 0, .ranges = sampled});
    if (!sample) return std::unexpected(sample.error());
    keys = boundaries((*sample)->rows(), table, options.memory);
    fold.progress.total = *length * (std::ssize(keys) + 2);
  }
  RowRenderer renderer;
  for (std::size_t part = 0; part <= keys.size(); ++part) {
    RowFilter filter;
    if (part > 0) filter.from = keys[part - 1];
    if (part < keys.size()) filter.until = keys[part];
    const auto folded = fold.run(filter);
    if (!folded) return std::unexpected(folded.error());
    for (const RowChange* row : (*folded)->rows().in_key_order(table)) {
      on_row(renderer.render(table, *row));
    }
  }
  return {};
}

}  // namespace pesan
