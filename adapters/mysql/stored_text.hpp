// Turns what MySQL writes for a moment into what stores of pesan give back (ColumnType says what
// that is). What somebody else has put there, and pesan would not, keeps all its digits. Pure; any
// thread.
#pragma once

#include <string>

#include "projections/table_description.hpp"

namespace pesan::mysql {

/// In place; texts that are no moments stay as they are.
void to_stored_text(ColumnType type, std::string& text);

}  // namespace pesan::mysql
