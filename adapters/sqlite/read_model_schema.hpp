// How the read-model tables lie in a SQLite file: their CREATE statements, made from the one
// description of each, their comments among them, and the names of the second set that a rebuild
// fills. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sqlite/database.hpp"
#include "projections/indexes.hpp"
#include "projections/store_sql.hpp"
#include "projections/tables.hpp"

namespace pesan::sqlite {

inline constexpr FileFormat read_model_file{.application_id = 0x70735264,  // "psRd"
                                            .version = tables::schema_version,
                                            .called = "read model"};

std::string_view type_of(ColumnType type);
std::string create_table(const TableDescription& table, Side side);
/// Those that a file has. (A second set of tables has none: they come when it becomes the first.)
std::vector<Index> indexes_of(const TableDescription& table);
/// As SQLite keeps it, on the live table.
std::string create_index(const Index& index);
/// Drops the views that are there and makes those of this program.
std::string create_views();
std::string drop_views();
/// All tables, indexes, views and the mark, for an empty file, inside a transaction.
std::string read_model_schema();

}  // namespace pesan::sqlite
