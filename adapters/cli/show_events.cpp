#include "adapters/cli/show_events.hpp"

#include <optional>

#include <fmt/format.h>

#include "adapters/cli/terminal/spool.hpp"
#include "adapters/runtime/event_stream.hpp"

namespace pesan::cli {
namespace {

bool wanted(const runtime::EventEnvelope& event, const ShowOptions& options) {
  if (!options.rows.resource.empty() && event.resource != options.rows.resource) return false;
  return options.rows.booking.empty() || event.booking_id == options.rows.booking;
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

Fallible<void> add(TablePrinter& printer, const runtime::EventCursor& cursor) {
  const runtime::EventEnvelope& event = cursor.envelope();
  return printer.add(std::vector<StoredValue>{
      std::int64_t{cursor.partition().value}, cursor.record().offset.value, stored(event.sequence),
      stored(event.time), stored(event.type), stored(event.subject), stored(event.version),
      stored(event.causationid), stored(event.data)});
}

}  // namespace

Fallible<void> show_events(LogReader& log, const ShowOptions& options, const FoldEnds& ends) {
  if (!options.rows.where.empty() || !options.rows.columns.empty()) {
    return fail(FailureKind::usage, "--where and --columns are for tables, not for events");
  }
  runtime::EventStream events;
  if (auto started = events.start(log, ends); !started) return started;
  TablePrinter printer(columns(), Format::table);
  Spool records;
  std::size_t left = options.most_rows();
  while (events.event() != nullptr && left > 0) {
    const runtime::EventCursor& event = *events.event();
    if (wanted(event.envelope(), options)) {
      --left;
      if (options.json) {
        records.text().append(event.record().payload.value).push_back('\n');
        if (auto settled = records.settle(); !settled) return settled;
      } else if (auto added = add(printer, event); !added) {
        return added;
      }
    }
    if (auto moved = events.next(); !moved) return moved;
  }
  auto printed = options.json ? records.print() : printer.print();
  if (printed && !options.json) {
    fmt::print(stderr, "{} event{}{}\n", printer.rows(), printer.rows() == 1 ? "" : "s",
               events.event() == nullptr ? "" : "; there may be more: --limit 0 shows all");
  }
  return printed;
}

}  // namespace pesan::cli
