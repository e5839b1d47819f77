// What a connection is set to before anything is done on it, so that our statements mean the same
// on every server: each setting that would change them is set here, and what a session may not set
// is looked at and refused by name. Of the connection's thread.
#pragma once

#include "adapters/mysql/connection.hpp"

namespace pesan::mysql {

/// READ COMMITTED, strict, UTC, in the address's database; which is made where `database` says so.
Fallible<void> prepare_session(Connection& connection, const Address& address,
                               Connection::Database database);

}  // namespace pesan::mysql
