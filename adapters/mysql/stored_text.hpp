// Turns what MySQL writes for a moment into what stores of pesan give back (ColumnType says what
// that is). What somebody else has put there, and pesan would not, keeps all its digits. Pure; any
// thread.
#pragma once

#include <cstddef>
#include <string>

#include "adapters/mysql/connection.hpp"
#include "projections/table_description.hpp"
#include "projections/value.hpp"

namespace pesan::mysql {

/// In place; texts that are no moments stay as they are.
void to_stored_text(ColumnType type, std::string& text);

/// A column of the row that `rows` stands on, until it moves; moments are written into `buffer`.
StoredValue stored_value(const Rows& rows, std::size_t column, ColumnType type,
                         std::string& buffer);

}  // namespace pesan::mysql
