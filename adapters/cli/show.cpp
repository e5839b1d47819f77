// `pesan show`: a read model as a table or as JSON lines, as it is or as it was.
#include <algorithm>
#include <memory>

#include <CLI/CLI.hpp>  // once in this library: it is where CLI11 has its bodies
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "adapters/cli/commands.hpp"
#include "adapters/cli/exit_code.hpp"
#include "adapters/cli/place_options.hpp"
#include "adapters/cli/show_events.hpp"
#include "adapters/cli/show_options.hpp"
#include "adapters/cli/terminal/progress.hpp"
#include "adapters/runtime/as_of.hpp"
#include "adapters/runtime/clock.hpp"

namespace pesan::cli {
namespace {

constexpr std::string_view events_view = "events";

std::vector<PrintedColumn> printed(const runtime::Selection& selection) {
  std::vector<PrintedColumn> result;
  for (const auto& [column, key] : selection.columns()) {
    result.push_back({.name = column->name,
                      .type = column->type,
                      .whole = key || (column->width > 0 && column->width <= 11),
                      .always = key || selection.asked_for_columns()});
  }
  return result;
}

/// Rows that pass the selection, up to the limit.
class Rows {
 public:
  Rows(runtime::Selection selection, const ShowOptions& options)
      : selection_(std::move(selection)),
        printer_(printed(selection_), options.format()),
        most_(options.most_rows()) {}

  /// False when there is room for no more.
  Fallible<bool> add(const StoredRow& row) {
    if (!selection_.wants(row)) return true;
    if (printer_.rows() == most_) {
      more_ = true;
      return false;
    }
    if (auto added = printer_.add(selection_.pick(row)); !added) {
      return std::unexpected(added.error());
    }
    return true;
  }
  /// What the first key column of each begins with.
  std::string_view key_prefix() const { return selection_.key_prefix(); }
  Fallible<void> print() { return printer_.print(); }
  std::string summary() const {
    return fmt::format("{} row{}{}", printer_.rows(), printer_.rows() == 1 ? "" : "s",
                       more_ ? "; there are more: --limit 0 shows all" : "");
  }

 private:
  runtime::Selection selection_;
  TablePrinter printer_;
  std::size_t most_;
  bool more_ = false;
};

/// `events 0:57, 2026-12-01T08:00:00.000Z`, a partition each.
std::string freshness(const std::vector<Checkpoint>& checkpoints, Topic topic) {
  std::string text;
  for (const Checkpoint& c : checkpoints) {
    if (c.topic != topic) continue;
    text += fmt::format("{}{}:{}, {}", text.empty() ? "" : "; ", c.partition.value,
                        c.sequence.value, to_string(c.updated_at));
  }
  return text.empty() ? "nothing folded yet" : fmt::format("{} up to {}", name_of(topic), text);
}

/// Page by page, in the order of the key, so that nothing is held open for it: rows may move on
/// between two pages, and are at least as fresh as is said.
Fallible<void> read_pages(RowReader& reader, Table table, Rows& rows) {
  const std::string_view prefix = rows.key_prefix();
  const std::string end = end_of_prefix(prefix);
  PageQuestion question{.path = whole(table), .limit = most_rows_a_page};
  if (!prefix.empty()) {
    question.from = Value(prefix);
    question.until = Value(std::string_view(end));
  }
  for (;;) {
    const auto page = reader.page(question);
    if (!page) return std::unexpected(page.error());
    for (const OwnedRow& row : page->rows) {
      const auto added = rows.add(viewed(row));
      if (!added) return std::unexpected(added.error());
      if (!*added) return {};
    }
    if (page->next.empty()) return {};
    question.after = page->next;
  }
}

Fallible<void> show_now(const runtime::View& view, const ShowOptions& options, Rows& rows) {
  const auto installation = runtime::Installation::at(options.places);
  if (!installation) return std::unexpected(installation.error());
  const auto reader = installation->row_reader(1);
  const auto positions = reader->positions();
  if (!positions) return std::unexpected(positions.error());
  if (auto read = read_pages(*reader, view.table, rows); !read) return read;
  auto printed = rows.print();
  if (printed && !options.json) {
    fmt::print(stderr, "{}; {}\n", rows.summary(),
               freshness(*positions, describe(view.table).source));
  }
  return printed;
}

Fallible<void> show_past(LogReader& log, const runtime::View& view, const ShowOptions& options,
                         const FoldEnds& ends, Rows& rows) {
  Progress bar("fold", 0);
  const RefoldOptions refold{.tables = TableSet(view.table),
                             .memory = options.memory_mib << 20,
                             .on_progress = [&](const FoldProgress& p) {
                               bar.update(static_cast<std::size_t>(p.done),
                                          fmt::format("{} events", p.done));
                             }};
  Fallible<void> added;
  auto folded = refold_table(log, view.table, ends, refold, [&](const StoredRow& row) {
    if (!added) return;
    if (const auto done = rows.add(row); !done) added = std::unexpected(done.error());
  });
  bar.finish();
  if (!folded) return folded;
  if (!added) return added;
  auto printed = rows.print();
  if (printed && !options.json) fmt::print(stderr, "{}\n", rows.summary());
  return printed;
}

Fallible<void> show_from_log(const runtime::View* view, const ShowOptions& options,
                             const runtime::AsOf& as_of, Rows* rows) {
  const auto installation = runtime::Installation::at(options.places);
  if (!installation) return std::unexpected(installation.error());
  auto log = installation->open_log(runtime::LogAccess::read);
  if (!log) return std::unexpected(log.error());
  const Topic topic = view == nullptr ? Topic::events : describe(view->table).source;
  const auto ends = fold_ends(**log, topic, as_of);
  if (!ends) return std::unexpected(ends.error());
  if (view == nullptr) return show_events(**log, options, *ends);
  return show_past(**log, *view, options, *ends, *rows);
}

Fallible<void> show_what(const ShowOptions& options) {
  const auto as_of = runtime::parse_as_of(options.as_of);
  if (!as_of) return std::unexpected(as_of.error());
  if (const auto now = runtime::system_now(); as_of->time && *as_of->time > now) {
    spdlog::warn("--as-of {} is in the future: this is what the log holds at {}",
                 to_string(*as_of->time), to_string(now));
  }
  if (options.rows.what == events_view) return show_from_log(nullptr, options, *as_of, nullptr);
  const auto view = std::ranges::find_if(
      runtime::views(), [&](const runtime::View& v) { return v.name == options.rows.what; });
  auto selection = runtime::Selection::of(*view, options.rows);
  if (!selection) return std::unexpected(selection.error());
  Rows rows(*std::move(selection), options);
  if (options.as_of.empty()) return show_now(*view, options, rows);
  return show_from_log(&*view, options, *as_of, &rows);
}

int show(const ShowOptions& options) {
  const auto shown = show_what(options);
  if (shown) return done;
  // Whatever of the question itself was wrong, and not of the files.
  return report(shown.error());
}

std::vector<std::string> names() {
  std::vector<std::string> result;
  for (const runtime::View& view : runtime::views()) result.emplace_back(view.name);
  result.emplace_back(events_view);
  return result;
}

}  // namespace

void add_show(Program program) {
  auto options = std::make_shared<ShowOptions>();
  auto& command = *program.app.add_subcommand(
      "show",
      "Print a read model: a table for people, or JSON lines whose keys are the column names. "
      "Reads "
      "only, also while others write. `events` come straight from the log.");
  add_log_option(command, options->places);
  add_store_option(command, options->places);
  command.add_option("WHAT", options->rows.what, "What to show")
      ->required()
      ->check(CLI::IsMember(names()));
  command.add_flag("--json", options->json, "One JSON object a line, every column");
  command.add_option("--resource", options->rows.resource, "Only of this room type or service");
  command.add_option("--booking", options->rows.booking, "Only of this booking");
  command
      .add_option("--where", options->rows.where,
                  "COLUMN=VALUE: only rows that have it (nothing after = is null); may be repeated")
      ->allow_extra_args(false);
  command
      .add_option("--columns", options->rows.columns,
                  "These columns, comma separated; `all` for every one")
      ->delimiter(',')
      ->allow_extra_args(false);
  command
      .add_option("--limit", options->limit,
                  "At most so many rows; 0 for all. [1000 for tables, all for JSON]")
      ->check(CLI::NonNegativeNumber);
  command
      .add_option(
          "--as-of", options->as_of,
          "As it was at a time (RFC 3339), or at PARTITION:SEQUENCE of the topic that it is "
          "a fold of (repeat it for several partitions): folded anew from the log, the "
          "store is not read")
      ->allow_extra_args(false);
  command
      .add_option("--memory", options->memory_mib,
                  "MiB for rows folded by --as-of; a log too long for that is read several times")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  command.footer(
      "Examples:\n"
      "  pesan show rooms\n"
      "  pesan show bookings --resource villa-deluxe --where status=confirmed\n"
      "  pesan show history --booking villa-deluxe.7\n"
      "  pesan show nights --resource villa-deluxe --as-of 2026-12-01T00:00:00Z\n"
      "  pesan show bookings --json --as-of 0:5000 --as-of 1:4711\n"
      "  pesan show events --booking villa-deluxe.7 --json\n"
      "Exit codes: 0 shown (also when there is no row), 2 wrong usage, 3 a file that is not there "
      "or\ncannot be read.");
  command.callback([program, options] {
    options->rows.every_column = options->json;
    program.run = [options] { return show(*options); };
  });
}

}  // namespace pesan::cli
