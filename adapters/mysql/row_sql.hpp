// The SQL that carries out row changes: one statement for all changes of one shape. Rows to insert
// travel as a list of values; rows to find, as one JSON text that the server turns into a table to
// join (JSON_TABLE), which both servers know: an insert costs the server twice as much that way.
// Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "projections/row_change.hpp"
#include "projections/store_sql.hpp"

namespace pesan::mysql {

struct StatementShape {
  ChangeKind kind = ChangeKind::none;
  ChangeShape shape{};
};

/// Writes statements of one shape into a text that its caller keeps, for the session that
/// `Connection::open` sets up: `begin`, `append` once or more, `end`.
class RowStatement {
 public:
  RowStatement(const TableDescription& table, Side side, const StatementShape& shape);

  void begin(std::string& sql) const { sql = before_; }
  void append(std::string& sql, const RowChange& change) const;
  void end(std::string& sql) const { sql += after_; }

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
