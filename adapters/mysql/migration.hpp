// The schema of a read model on MySQL, and how it comes to this program's version: numbered steps,
// carried out in order, each remembered; then whatever is there is looked at, as a dump may have
// been put back in part and people change things by hand: tables are compared by definition, views
// and routines made again where they differ. The servers commit each change of a schema by itself,
// so a step consists of statements that may be repeated, and one that was interrupted is carried
// out again. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapters/mysql/connection.hpp"

namespace pesan::mysql {

struct MigrationReport {
  std::optional<std::int64_t> before;  // nothing: there was no read model
  std::int64_t now = 0;
  std::vector<std::string> said{};  // what was amiss and is mended, a sentence each
};

/// Makes the database too, where there is none and the account may. `fatal` for tables of somebody
/// else, a schema newer than this program, or a table that differs in what cannot be mended.
Fallible<MigrationReport> migrate(const Credentials& credentials);

/// Whether the schema is the one that this program reads and writes, in tables that keep
/// transactions; `fatal` says what to do.
Fallible<void> check_schema(Connection& connection);

}  // namespace pesan::mysql
