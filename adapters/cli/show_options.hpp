// What `pesan show` was asked for, and the rows and columns that this means in one table. Pure but
// for the words of its messages; one thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/cli/as_of.hpp"
#include "adapters/cli/terminal/table_printer.hpp"
#include "adapters/runtime/places.hpp"
#include "projections/read_model.hpp"
#include "projections/tables.hpp"

namespace pesan::cli {

struct ShowOptions {
  Places places;
  std::string what;
  bool json = false;
  std::optional<std::size_t> limit;  // 0: all
  std::string resource;
  std::string booking;
  std::vector<std::string> where;    // COLUMN=VALUE
  std::vector<std::string> columns;  // all: every one
  std::vector<std::string> as_of;
  std::size_t memory_mib = 512;

  Format format() const { return json ? Format::json : Format::table; }
  /// People get the first thousand unless they ask for more; machines get all.
  std::size_t most_rows() const;
};

/// `rooms`, `nights`, … and the table behind each.
struct View {
  std::string_view name;
  Table table;
  std::vector<std::string_view> hidden;  // from people, unless they ask for them
};
const std::vector<View>& views();

/// Which rows of a table are asked for, and which of their columns.
class Selection {
 public:
  /// A failure is a sentence about wrong usage: a column that is not there, a filter that does not
  /// fit the table.
  static Fallible<Selection> of(const View& view, const ShowOptions& options);

  bool wants(const StoredRow& row) const;
  std::vector<PrintedColumn> printed() const;
  /// The asked for columns of a row; lives until the next call.
  const StoredRow& pick(const StoredRow& row);

 private:
  struct Condition {
    std::size_t column;
    std::string value;
    bool prefix = false;  // begins with it
  };

  explicit Selection(const TableDescription& table) : table_(&table) {}
  Fallible<void> add_filters(const ShowOptions& options);
  Fallible<void> choose_columns(const View& view, const ShowOptions& options);
  bool has(std::string_view column) const { return table_->index_of(column) < table_->width(); }
  std::unexpected<Failure> no_column(std::string_view column) const;

  const TableDescription* table_;
  std::vector<Condition> conditions_;
  std::vector<std::size_t> columns_;
  bool asked_for_columns_ = false;
  StoredRow picked_;
};

}  // namespace pesan::cli
