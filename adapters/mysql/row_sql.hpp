// The SQL that carries out row changes: one statement for all changes of one shape. Rows to insert
// travel as a list of values; rows to find, as one JSON text that the server turns into a table to
// join (JSON_TABLE), which both servers know: an insert costs the server twice as much that way. A
// list of values may also be parameters of a prepared statement.
// Pure; any thread.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "projections/row_change.hpp"
#include "projections/store_sql.hpp"

namespace pesan::mysql {

struct StatementShape {
  ChangeKind kind = ChangeKind::none;
  ChangeShape shape{};
};

/// The text of a value that is neither null nor a number, as these servers read it.
std::string_view text_of(const Value& value, std::string& buffer);

/// Writes statements of one shape into a text that its caller keeps, for the session that
/// `Connection::open` sets up: `begin`, `append` once or more, `end`.
class RowStatement {
 public:
  RowStatement(const TableDescription& table, Side side, const StatementShape& shape);

  void begin(std::string& sql) const { sql = before_; }
  void append(std::string& sql, const RowChange& change) const;
  void end(std::string& sql) const { sql += after_; }

  /// How many values a row has, and whether they stand in a list that parameters could fill.
  std::size_t width() const { return static_cast<std::size_t>(std::popcount(columns_)); }
  bool lists_values() const { return !json_; }
  /// The same statement for so many rows, with parameters for their values; and these of a row.
  std::string with_parameters(std::size_t rows) const;
  template <class Parameters>
  void give(const RowChange& change, Parameters& parameters) const {
    std::string buffer;
    for (std::uint64_t rest = columns_; rest != 0; rest &= rest - 1) {
      const Value value = inserted_value(change.cells[std::countr_zero(rest)]);
      if (value.is_null()) {
        parameters.null();
      } else if (value.kind() == Value::Kind::integer) {
        parameters.integer(value.number());
      } else {
        parameters.text(text_of(value, buffer));
      }
    }
  }

 private:
  std::uint64_t columns_;
  bool json_;  // how rows are written
  std::string before_;
  std::string after_;
};

/// A value as a literal, for that session.
std::string literal_of(const Value& value);

/// The row among `rows` that a "Duplicate entry 'key' for key …" is about; null where none fits.
const RowChange* find_duplicate(const TableDescription& table, std::string_view answer,
                                std::span<const RowChange* const> rows);

}  // namespace pesan::mysql
