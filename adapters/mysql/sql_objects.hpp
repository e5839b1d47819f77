// The views and routines of sql/, made anew where they are not what they should be: a dump may have
// left them out, somebody may have dropped or changed them, and a routine with the rights of an
// account that is gone answers nobody. Of the connection's thread.
#pragma once

#include <string>
#include <vector>

#include "adapters/mysql/connection.hpp"

namespace pesan::mysql {

/// A digest of the texts of all of them.
std::string checksum_of_objects();

/// Views are all made again: that is never noticed by their readers. Routines are made again where
/// they are missing, differ, or belong to another account (all of them with `all_routines`), as
/// they lose the rights that were given on them. Says what was wrong, a sentence each.
Fallible<void> make_objects(Connection& connection, bool all_routines,
                            std::vector<std::string>& said);

}  // namespace pesan::mysql
