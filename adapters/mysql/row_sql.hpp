// The SQL that carries out row changes: one statement for all changes of one shape. Rows travel as
// one JSON text, an array a row, which the server turns into a table (JSON_TABLE): so a statement
// is prepared once, whatever it carries, and no value ever stands in SQL. Both servers know it, and
// it is as fast as long lists of values. Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "projections/row_change.hpp"

namespace pesan::mysql {

/// The tables that everybody reads, those that a rebuild prepares beside them, and those that it
/// has replaced.
enum class Side : std::uint8_t { live, shadow, retired };

std::string table_name(const TableDescription& table, Side side);
/// `a`, `b`, `c` in backticks: all columns, or those without the generated ones.
std::string column_list(const TableDescription& table, bool generated_too);

/// One bit a column, in whose order the values of a JSON row stand. Of inserts and erasures the
/// shape says nothing: they carry whole rows, and keys.
std::uint64_t carried_columns(const TableDescription& table, ChangeKind kind,
                              const ChangeShape& shape);

struct StatementShape {
  ChangeKind kind = ChangeKind::none;
  ChangeShape shape{};
};
/// Its one parameter is the JSON text.
std::string statement_sql(const TableDescription& table, Side side, const StatementShape& shape);

/// Appends one row to the array in `json`, which is empty at first and still wants its last `]`.
void append_row(std::string& json, std::uint64_t columns, const RowChange& change);

/// The row among `rows` that a "Duplicate entry 'key' for key …" is about; null where none fits.
const RowChange* find_duplicate(const TableDescription& table, std::string_view answer,
                                std::span<const RowChange* const> rows);

}  // namespace pesan::mysql
