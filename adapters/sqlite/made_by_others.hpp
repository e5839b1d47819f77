// What people made on the tables of a read model, indexes and triggers, over the time that a table
// goes and comes again. Any thread, with the connection that it is given.
#pragma once

#include <map>
#include <string>

#include "adapters/sqlite/database.hpp"

namespace pesan::sqlite {

/// Of indexes and triggers, name and text; those that SQLite makes for itself have none.
using Made = std::map<std::string, std::string>;

Fallible<Made> indexes_and_triggers(Database& database);
/// Those that are not there any more. Of tables and views that went and came again.
Fallible<void> make_again(Database& database, const Made& before);

}  // namespace pesan::sqlite
