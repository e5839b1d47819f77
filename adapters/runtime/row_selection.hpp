// Which rows and columns of a read model are asked for. It reads nothing. Pure but for the words of
// its messages; one thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "projections/read_model.hpp"
#include "projections/tables.hpp"

namespace pesan::runtime {

struct RowQuestion {
  std::string what;  // a view's name
  std::string resource;
  std::string booking;
  std::vector<std::string> where;    // COLUMN=VALUE
  std::vector<std::string> columns;  // all: every one
  bool every_column = false;         // where no columns are named
};

/// `rooms`, `nights`, … and the table behind each.
struct View {
  std::string_view name;
  Table table;
  std::vector<std::string_view> hidden;  // from people, unless they ask for them
};
const std::vector<View>& views();

class Selection {
 public:
  /// A failure is a sentence about wrong usage: a column that is not there, a filter that does not
  /// fit the table.
  static Fallible<Selection> of(const View& view, const RowQuestion& question);

  bool wants(const StoredRow& row) const;
  /// What the first key column of every row that it wants begins with; a store looks only there.
  std::string_view key_prefix() const;
  struct Chosen {
    const Column* column;
    bool key;
  };
  std::vector<Chosen> columns() const;
  /// The columns were named.
  bool asked_for_columns() const { return asked_for_columns_; }
  /// The asked for columns of a row; lives until the next call.
  const StoredRow& pick(const StoredRow& row);

 private:
  struct Condition {
    std::size_t column;
    std::string value;
    bool prefix = false;  // begins with it
  };

  explicit Selection(const TableDescription& table) : table_(&table) {}
  Fallible<void> add_filters(const RowQuestion& question);
  Fallible<void> choose_columns(const View& view, const RowQuestion& question);
  bool has(std::string_view column) const { return table_->index_of(column) < table_->width(); }
  std::unexpected<Failure> no_column(std::string_view column) const;

  const TableDescription* table_;
  std::vector<Condition> conditions_;
  std::vector<std::size_t> columns_;
  bool asked_for_columns_ = false;
  StoredRow picked_;
};

}  // namespace pesan::runtime
