// The schema of a read model on MySQL, and how it comes to this program's version: numbered steps,
// carried out once and in order, each remembered with the digest of its text; then the views and
// routines of sql/, replaced where they differ. The servers commit each change of a schema by
// itself, so a step consists of statements that may be repeated, and one that was interrupted is
// carried out again. Any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "adapters/mysql/connection.hpp"

namespace pesan::mysql {

struct MigrationReport {
  std::optional<std::int64_t> before;  // nothing: there was no read model
  std::int64_t now = 0;
  bool objects_replaced = false;  // views and routines
};

/// Makes the database too, where there is none and the account may. `fatal` for tables of somebody
/// else, a schema newer than this program, or a step that is not the one that was carried out.
Fallible<MigrationReport> migrate(const Credentials& credentials);

/// Whether the schema is the one that this program reads and writes; `fatal` says what to do.
Fallible<void> check_schema(Connection& connection);

}  // namespace pesan::mysql
