// The row under a statement as the stores of pesan give it back. Of the statement's thread.
#pragma once

#include <cstddef>

#include "adapters/sqlite/database.hpp"
#include "projections/read_model.hpp"

namespace pesan::sqlite {

/// All of its columns; texts live until the statement's next step.
inline void take_row(const Statement& statement, std::size_t columns, StoredRow& row) {
  row.resize(columns);
  for (std::size_t i = 0; i < columns; ++i) {
    // One look-up a value instead of three: sound, as this connection has one thread.
    sqlite3_value* value = sqlite3_column_value(statement.handle(), static_cast<int>(i));
    switch (sqlite3_value_type(value)) {
      case SQLITE_NULL: row[i] = std::monostate{}; break;
      case SQLITE_INTEGER: row[i] = std::int64_t{sqlite3_value_int64(value)}; break;
      default: {
        const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
        row[i] = std::string_view(text, static_cast<std::size_t>(sqlite3_value_bytes(value)));
      }
    }
  }
}

}  // namespace pesan::sqlite
