// Looks at the tables that are there, whatever the ledger of steps says: a dump may have been put
// back in part, and people change tables by hand. Two definitions are compared as the server itself
// writes them, so nothing of its dialect is known here. Of the connection's thread.
#pragma once

#include <string>
#include <vector>

#include "adapters/mysql/connection.hpp"

namespace pesan::mysql {

/// Those of sql/tables that are there, by name.
Fallible<std::vector<std::string>> tables_there(Connection& connection);

/// `fatal` where a table of ours, of those that this account sees, has an engine without
/// transactions: what was cut off there is half there for ever. For every opening.
Fallible<void> check_engines(Connection& connection);

/// Gives these tables the engine and the indexes that they lack, and says so, a sentence each.
/// `fatal` names what else differs: a column, a key, a collation.
Fallible<void> mend_tables(Connection& connection, const std::vector<std::string>& tables,
                           std::vector<std::string>& said);

}  // namespace pesan::mysql
