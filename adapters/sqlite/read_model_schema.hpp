// How the read-model tables lie in a SQLite file: their CREATE statements, made from the one
// description of each, their comments among them, and the names of the second set that a rebuild
// fills. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/sqlite/database.hpp"
#include "projections/tables.hpp"

namespace pesan::sqlite {

inline constexpr FileFormat read_model_file{
    .application_id = 0x70735264, .version = 1, .called = "read model"};  // "psRd"

/// The tables that everybody reads, or those that a rebuild prepares beside them.
enum class Side : std::uint8_t { live, shadow };

std::string_view type_of(ColumnType type);
std::string table_name(const TableDescription& table, Side side);
std::string create_table(const TableDescription& table, Side side);
/// Drops the views that are there and makes those of this program.
std::string create_views();
std::string drop_views();
/// All tables, views and the mark, for an empty file, inside a transaction.
std::string read_model_schema();

/// `a, b, c`: all columns, or those without the generated ones.
std::string column_list(const TableDescription& table, bool generated_too);

}  // namespace pesan::sqlite
