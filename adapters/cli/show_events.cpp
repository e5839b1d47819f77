#include "adapters/cli/show_events.hpp"

#include <memory>
#include <optional>

#include <fmt/format.h>

#include "adapters/cli/envelope.hpp"
#include "adapters/cli/terminal/spool.hpp"

namespace pesan::cli {
namespace {

/// The events of one partition one after another, up to an end.
class EventCursor {
 public:
  EventCursor(LogReader& log, Partition partition, const FoldEnd& end)
      : log_(log), source_{Topic::events, partition}, end_(end) {}

  Fallible<void> start() {
    const auto range = log_.range(source_);
    if (!range) return std::unexpected(range.error());
    next_offset_ = range->begin;
    last_offset_ = range->end;
    return next();
  }
  Fallible<void> next() {
    if (++index_ >= records_.size()) {
      index_ = 0;
      records_.clear();
      if (next_offset_ < last_offset_) {
        if (auto read = log_.read(source_, next_offset_, {}, records_); !read) return read;
      }
      at_end_ = records_.empty();
      if (at_end_) return {};
      next_offset_ = records_.back().offset.next();
    }
    envelope_ = reader_.read(record().payload.value);
    const bool beyond =
        (end_.sequence && envelope_.sequence && *envelope_.sequence > end_.sequence->value) ||
        (end_.time && envelope_.instant && *envelope_.instant > *end_.time);
    at_end_ = beyond || record().offset >= last_offset_;
    return {};
  }

  bool at_end() const { return at_end_; }
  const Record& record() const { return records_[index_]; }
  const EventEnvelope& envelope() const { return envelope_; }
  Partition partition() const { return source_.partition; }
  /// Events without a readable time come as soon as it is their turn.
  Instant time() const { return envelope_.instant.value_or(Instant{}); }

 private:
  LogReader& log_;
  TopicPartition source_;
  FoldEnd end_;
  Offset next_offset_;
  Offset last_offset_;
  std::vector<Record> records_;
  std::size_t index_ = 0;
  EnvelopeReader reader_;
  EventEnvelope envelope_;
  bool at_end_ = false;
};

using Cursors = std::vector<std::unique_ptr<EventCursor>>;

/// The earliest event of all partitions; null after the last.
EventCursor* earliest(const Cursors& cursors) {
  EventCursor* first = nullptr;
  for (const auto& cursor : cursors) {
    if (cursor->at_end()) continue;
    if (first == nullptr || cursor->time() < first->time()) first = cursor.get();
  }
  return first;
}

bool wanted(const EventEnvelope& event, const ShowOptions& options) {
  if (!options.resource.empty() && event.resource != options.resource) return false;
  return options.booking.empty() || event.booking_id == options.booking;
}

StoredValue stored(const std::optional<std::string_view>& text) {
  return text ? StoredValue(*text) : StoredValue();
}
StoredValue stored(const std::optional<std::int64_t>& number) {
  return number ? StoredValue(*number) : StoredValue();
}

std::vector<PrintedColumn> columns() {
  using enum ColumnType;
  return {{.name = "partition", .type = integer},
          {.name = "offset", .type = integer},
          {.name = "sequence", .type = integer},
          {.name = "time", .type = instant},
          {.name = "type", .type = text, .whole = true},
          {.name = "subject", .type = text, .whole = true},
          {.name = "version", .type = integer},
          {.name = "causationid", .type = text},
          {.name = "data", .type = json}};
}

Fallible<void> add(TablePrinter& printer, const EventCursor& cursor) {
  const EventEnvelope& event = cursor.envelope();
  return printer.add(std::vector<StoredValue>{
      std::int64_t{cursor.partition().value}, cursor.record().offset.value, stored(event.sequence),
      stored(event.time), stored(event.type), stored(event.subject), stored(event.version),
      stored(event.causationid), stored(event.data)});
}

}  // namespace

Fallible<void> show_events(LogReader& log, const ShowOptions& options, const FoldEnds& ends) {
  if (!options.where.empty() || !options.columns.empty()) {
    return fail(FailureKind::poison, "--where and --columns are for tables, not for events");
  }
  Cursors cursors;
  for (std::size_t p = 0; p < ends.size(); ++p) {
    const Partition partition{static_cast<std::int32_t>(p)};
    cursors.push_back(std::make_unique<EventCursor>(log, partition, ends[p]));
    if (auto started = cursors.back()->start(); !started) return started;
  }
  TablePrinter printer(columns(), Format::table);
  Spool records;
  std::size_t left = options.most_rows();
  EventCursor* next = earliest(cursors);
  for (; next != nullptr && left > 0; next = earliest(cursors)) {
    if (wanted(next->envelope(), options)) {
      --left;
      if (options.json) {
        records.text().append(next->record().payload.value).push_back('\n');
        if (auto settled = records.settle(); !settled) return settled;
      } else if (auto added = add(printer, *next); !added) {
        return added;
      }
    }
    if (auto moved = next->next(); !moved) return moved;
  }
  auto printed = options.json ? records.print() : printer.print();
  if (printed && !options.json) {
    fmt::print(stderr, "{} event{}{}\n", printer.rows(), printer.rows() == 1 ? "" : "s",
               next == nullptr ? "" : "; there may be more: --limit 0 shows all");
  }
  return printed;
}

}  // namespace pesan::cli
