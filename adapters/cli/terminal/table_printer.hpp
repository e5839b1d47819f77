// Rows on stdout: for people an aligned table that knows the width of its terminal, for machines
// one JSON object a line whose keys are the column names and whose values are those of the store.
// Rows are collected by `add` and printed at once at the end. One thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/cli/terminal/spool.hpp"
#include "projections/table_description.hpp"
#include "projections/value.hpp"

namespace pesan::cli {

struct PrintedColumn {
  std::string_view name;
  ColumnType type = ColumnType::text;
  bool whole = false;   // never cut: an id that is cut cannot be copied
  bool always = false;  // shown even when all of its cells are null
};

enum class Format { table, json };

class TablePrinter {
 public:
  TablePrinter(std::vector<PrintedColumn> columns, Format format)
      : columns_(std::move(columns)), format_(format) {}

  /// One value a column.
  Fallible<void> add(std::span<const StoredValue> row);
  std::size_t rows() const { return rows_; }
  /// To stdout; says on stderr which columns a narrow terminal had no room for.
  Fallible<void> print();

 private:
  void add_json(std::span<const StoredValue> row);
  void add_cells(std::span<const StoredValue> row);
  std::string layout(std::size_t width, std::string& left_out) const;
  bool is_empty(std::size_t column) const;

  std::vector<PrintedColumn> columns_;
  Format format_;
  std::size_t rows_ = 0;
  Spool spool_;                     // of JSON lines
  std::vector<std::string> cells_;  // of a table, row by row
};

/// Columns of the terminal behind stdout, or what COLUMNS says; 0 when it is none.
std::size_t terminal_width();

}  // namespace pesan::cli
