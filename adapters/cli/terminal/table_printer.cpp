#include "adapters/cli/terminal/table_printer.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "adapters/runtime/display_text.hpp"
#include "events/json_writer.hpp"

namespace pesan::cli {
namespace {

constexpr std::string_view null_cell = "-";
constexpr std::size_t gap = 2;          // spaces between columns
constexpr std::size_t least_width = 8;  // no column is cut below this

bool is_text(const PrintedColumn& column) {
  return column.type == ColumnType::text || column.type == ColumnType::json;
}

std::string cell_of(const PrintedColumn& column, const StoredValue& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) return runtime::displayable(*text);
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    if (column.type == ColumnType::boolean) return *number != 0 ? "yes" : "no";
    return std::to_string(*number);
  }
  return std::string(null_cell);
}

void append_cell(std::string& line, const PrintedColumn& column, std::string_view cell,
                 std::size_t width) {
  const std::size_t padding = width - std::min(width, runtime::display_width(cell));
  if (column.type == ColumnType::integer) line.append(padding, ' ');
  line.append(cell);
  if (column.type != ColumnType::integer) line.append(padding, ' ');
  line.append(gap, ' ');
}

void end_line(std::string& text) {
  while (!text.empty() && text.back() == ' ') text.pop_back();
  text.push_back('\n');
}

struct Placed {
  std::size_t column;
  std::size_t width;
};

std::size_t total_width(const std::vector<Placed>& placed) {
  std::size_t total = 0;
  for (const Placed& p : placed) total += p.width + gap;
  return total == 0 ? 0 : total - gap;
}

}  // namespace

Fallible<void> TablePrinter::add(std::span<const StoredValue> row) {
  ++rows_;
  if (format_ == Format::table) {
    add_cells(row);
    return {};
  }
  add_json(row);
  return spool_.settle();
}

void TablePrinter::add_json(std::span<const StoredValue> row) {
  JsonWriter json(spool_.text());
  json.begin_object();
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    json.key(columns_[i].name);
    if (const auto* text = std::get_if<std::string_view>(&row[i])) {
      json.text(runtime::valid_utf8(*text));
    } else if (const auto* number = std::get_if<std::int64_t>(&row[i])) {
      json.integer(*number);
    } else {
      json.null();
    }
  }
  json.end_object();
  spool_.text().push_back('\n');
}

void TablePrinter::add_cells(std::span<const StoredValue> row) {
  for (std::size_t i = 0; i < columns_.size(); ++i) cells_.push_back(cell_of(columns_[i], row[i]));
}

bool TablePrinter::is_empty(std::size_t column) const {
  for (std::size_t i = column; i < cells_.size(); i += columns_.size()) {
    if (cells_[i] != null_cell) return false;
  }
  return rows_ > 0;
}

std::string TablePrinter::layout(std::size_t width, std::string& left_out) const {
  std::vector<Placed> placed;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (!columns_[i].always && is_empty(i)) continue;
    std::size_t natural = columns_[i].name.size();
    for (std::size_t c = i; c < cells_.size(); c += columns_.size()) {
      natural = std::max(natural, runtime::display_width(cells_[c]));
    }
    placed.push_back({i, natural});
  }
  while (width > 0 && total_width(placed) > width) {
    const auto cuttable = [&](const Placed& p) {
      return is_text(columns_[p.column]) && !columns_[p.column].whole && p.width > least_width;
    };
    auto widest = placed.end();
    for (auto p = placed.begin(); p != placed.end(); ++p) {
      if (cuttable(*p) && (widest == placed.end() || p->width > widest->width)) widest = p;
    }
    if (widest == placed.end()) break;
    --widest->width;
  }
  while (width > 0 && placed.size() > 1 && total_width(placed) > width) {
    const auto name = columns_[placed.back().column].name;
    left_out = left_out.empty() ? std::string(name) : fmt::format("{}, {}", name, left_out);
    placed.pop_back();
  }

  std::string text;
  for (const Placed& p : placed) {
    append_cell(text, columns_[p.column], runtime::cut(columns_[p.column].name, p.width), p.width);
  }
  end_line(text);
  for (const Placed& p : placed) text.append(p.width, '-').append(gap, ' ');
  end_line(text);
  for (std::size_t row = 0; row < rows_; ++row) {
    for (const Placed& p : placed) {
      const std::string& cell = cells_[row * columns_.size() + p.column];
      append_cell(text, columns_[p.column], runtime::cut(cell, p.width), p.width);
    }
    end_line(text);
  }
  return text;
}

Fallible<void> TablePrinter::print() {
  if (format_ == Format::json) return spool_.print();
  std::string left_out;
  auto printed = print_out(layout(terminal_width(), left_out));
  if (!left_out.empty()) {
    fmt::print(stderr, "no room for: {} (a wider terminal, --columns or --json shows them)\n",
               left_out);
  }
  return printed;
}

std::size_t terminal_width() {
  if (const char* columns = std::getenv("COLUMNS"); columns != nullptr) {
    const std::string_view text(columns);
    std::size_t width = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), width);
    if (parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size()) return width;
  }
  winsize size{};
  if (::isatty(STDOUT_FILENO) == 0 || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

}  // namespace pesan::cli
