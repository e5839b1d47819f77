// Turns the change that a whole fold made of a row into the row as a store would give it back:
// moments as text, columns that stores compute computed. One thread.
#pragma once

#include <array>
#include <span>
#include <string>

#include "projections/read_model.hpp"

namespace pesan {

/// The value of a generated column, from the others of its row.
StoredValue generated_value(const TableDescription& table, const Generated& generated,
                            std::span<const StoredValue> row);

class RowRenderer {
 public:
  /// Of an insert or upsert. The row lives until the next call.
  const StoredRow& render(Table table, const RowChange& change);

 private:
  StoredRow row_;
  std::array<std::string, max_columns> buffers_;
};

}  // namespace pesan
