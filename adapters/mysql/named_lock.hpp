// A lock that the server keeps by name, one a purpose and database. It belongs to a connection and
// ends with it, however that ends: so it tells a process that lives from one that was killed. Of
// the connection's thread.
#pragma once

#include <string_view>

#include "adapters/mysql/connection.hpp"

namespace pesan::mysql {

/// Held by a rebuild, to be told from a killed one; and by what must not run beside one.
inline constexpr std::string_view rebuild_lock = "rebuild";

/// False when another connection still has it after `patience_s` seconds.
Fallible<bool> try_lock(Connection& connection, std::string_view purpose, int patience_s = 0);
Fallible<void> unlock(Connection& connection, std::string_view purpose);

}  // namespace pesan::mysql
