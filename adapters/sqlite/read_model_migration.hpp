// How the file of a read model comes to this program's schema: numbered steps forward, all that are
// missing in one transaction, so that a file is of one version or of another; and what is there is
// looked at, as people change things by hand: every table is compared with its description. Any
// thread, with the connection that it is given.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sqlite/database.hpp"
#include "adapters/sqlite/read_model_schema.hpp"

namespace pesan::sqlite {

/// What makes version `to` of the version before it; views go before it and come after it.
struct SchemaStep {
  std::int32_t to = 0;
  std::string sql;
};
/// One for each version after the first: the columns and indexes that came with it.
std::vector<SchemaStep> read_model_steps();
/// Makes those of these tables that have new columns in version `to` anew, out of what is there,
/// and the indexes that are new.
SchemaStep step_to(std::span<const TableDescription> tables, std::int32_t to);

/// Brings an older file to `format`'s version. `conflict` while a rebuild is under way; `fatal`,
/// and the file as it was, where its tables are not what they should be then.
Fallible<void> bring_forward(Database& database, const FileFormat& format,
                             std::span<const SchemaStep> steps);

/// `fatal` where a table is missing or has other columns than this program reads and writes.
Fallible<void> check_read_model(Database& database);

struct FileMigration {
  std::optional<std::int64_t> before;  // schema version; nothing: there was no read model
  std::int64_t now = 0;
  std::vector<std::string> said;  // what was amiss and is mended, a sentence each
};
/// Makes the file where there is none, brings an older one forward, and makes missing tables,
/// indexes and views again.
Fallible<FileMigration> migrate_read_model(const std::string& path);

}  // namespace pesan::sqlite
