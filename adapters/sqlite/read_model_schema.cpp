#include "adapters/sqlite/read_model_schema.hpp"

#include <string_view>

#include <fmt/format.h>

#include "adapters/sqlite/embedded_sql.hpp"
#include "events/assert.hpp"

namespace pesan::sqlite {
namespace {

std::string expression_of(const Generated& generated) {
  switch (generated.how) {
    case Generated::How::no: break;
    case Generated::How::difference: return fmt::format("{} - {}", generated.left, generated.right);
    case Generated::How::is_present: return fmt::format("{} IS NOT NULL", generated.left);
  }
  PESAN_ASSERT(false, "no generated column");
  return {};
}

std::string definition_of(const Column& column) {
  std::string sql = fmt::format("{} {}", column.name, type_of(column.type));
  // VIRTUAL: computed when read, so that no write pays for it.
  if (column.is_generated()) {
    return sql + fmt::format(" GENERATED ALWAYS AS ({}) VIRTUAL", expression_of(column.generated));
  }
  if (!column.nullable) sql += " NOT NULL";
  if (column.unique) sql += " UNIQUE";
  if (column.type == ColumnType::boolean) sql += fmt::format(" CHECK ({} IN (0, 1))", column.name);
  return sql;
}

std::string key_of(const TableDescription& table) {
  std::string list;
  for (std::size_t i = 0; i < table.key_columns; ++i) {
    if (i != 0) list += ", ";
    list += table.columns[i].name;
  }
  return list;
}

}  // namespace

std::string_view type_of(ColumnType type) {
  switch (type) {
    case ColumnType::integer:
    case ColumnType::boolean: return "INTEGER";
    case ColumnType::text:
    case ColumnType::date:
    case ColumnType::time_of_day:
    case ColumnType::local_minute:
    case ColumnType::local_time:
    case ColumnType::instant:
    case ColumnType::json: return "TEXT";
  }
  PESAN_ASSERT(false, "a column type without a name in SQLite");
  return {};
}

std::string create_table(const TableDescription& table, Side side) {
  // SQLite keeps the text of a CREATE statement, and so the comments in it.
  std::string sql =
      fmt::format("CREATE TABLE {} (  -- {}\n", table_name(table, side), table.comment);
  for (const Column& column : table.columns) {
    sql += fmt::format("  {},  -- {}\n", definition_of(column), column.comment);
  }
  // Without rowids the key is the table: one tree to look into, and scans come in key order.
  return sql + fmt::format("  PRIMARY KEY ({})\n) STRICT, WITHOUT ROWID;\n", key_of(table));
}

std::vector<Index> indexes_of(const TableDescription& table) {
  std::vector<Index> result;
  for (const Index& index : tables::indexes) {
    const bool made = index.where == Index::Where::everywhere && !index.is_of_a_unique_column();
    if (made && describe(index.table).name == table.name) result.push_back(index);
  }
  return result;
}

std::string create_index(const Index& index) {
  const TableDescription& table = describe(index.table);
  std::string columns;
  std::string there;
  for (const std::string_view name : index.columns()) {
    columns += fmt::format("{}{}", columns.empty() ? "" : ", ", name);
    if (!table.columns[table.index_of(name)].nullable) continue;
    there += fmt::format("{}{} IS NOT NULL", there.empty() ? " WHERE " : " AND ", name);
  }
  // No access path leads to rows that are null there, so they need not pay for it.
  return fmt::format("CREATE INDEX {} ON {} ({}){}", index.name, table.name, columns, there);
}

std::string drop_views() {
  std::string sql;
  for (const SqlObject& view : sql_views()) {
    sql += fmt::format("DROP VIEW IF EXISTS {};\n", view.name);
  }
  return sql;
}

std::string create_views() {
  std::string sql = drop_views();
  for (const SqlObject& view : sql_views()) sql += fmt::format("{};\n", view.text);
  return sql;
}

std::string read_model_schema() {
  std::string sql;
  for (const TableDescription& table : tables::all) {
    sql += create_table(table, Side::live);
    for (const Index& index : indexes_of(table)) sql += create_index(index) + ";\n";
  }
  sql += create_table(tables::checkpoint, Side::live);
  sql +=
      "CREATE TABLE meta (  -- What a program must know before it works on these tables\n"
      "  name TEXT NOT NULL,  -- rebuild_topic: a rebuild has begun and not ended\n"
      "  value TEXT NOT NULL,\n"
      "  PRIMARY KEY (name)\n"
      ") STRICT, WITHOUT ROWID;\n";
  return sql + create_views() + marking(read_model_file);
}

}  // namespace pesan::sqlite
