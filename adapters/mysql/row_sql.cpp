#include "adapters/mysql/row_sql.hpp"

#include <bit>
#include <string_view>

#include <fmt/format.h>

#include "adapters/mysql/connection.hpp"
#include "events/assert.hpp"
#include "events/json_writer.hpp"
#include "events/time.hpp"

namespace pesan::mysql {
namespace {

bool has(std::uint64_t mask, std::size_t column) { return ((mask >> column) & 1) != 0; }

std::string_view prefix_of(Side side) {
  switch (side) {
    case Side::live: return "";
    case Side::shadow: return "rebuild_";
    case Side::retired: return "retired_";
  }
  return "";
}

/// What a JSON value becomes before it goes into its column. Texts may be one character too long,
/// so that the column refuses them: MariaDB cuts here without a word.
std::string parsed_type(const Column& column) {
  switch (column.type) {
    case ColumnType::integer:
    case ColumnType::boolean: return "BIGINT";
    case ColumnType::text:
      return fmt::format("VARCHAR({}) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", column.width + 1);
    case ColumnType::date: return "DATE";
    case ColumnType::time_of_day: return "TIME";
    case ColumnType::local_minute: return "DATETIME";
    case ColumnType::local_time:
    case ColumnType::instant: return "DATETIME(6)";
    case ColumnType::json: return "TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";
  }
  PESAN_ASSERT(false, "a column type without a name in MySQL");
  return {};
}

/// The rows as table `v`, with columns v0, v1, …
std::string rows_source(const TableDescription& table, std::uint64_t columns) {
  std::string list;
  int place = 0;
  for (std::size_t i = 0; i < table.width(); ++i) {
    if (!has(columns, i)) continue;
    list += fmt::format("{}v{} {} PATH '$[{}]' ERROR ON ERROR", place == 0 ? "" : ", ", i,
                        parsed_type(table.columns[i]), place);
    ++place;
  }
  return fmt::format("JSON_TABLE(?, '$[*]' COLUMNS ({})) AS v", list);
}

std::string same_key(const TableDescription& table) {
  std::string condition;
  for (std::size_t i = 0; i < table.key_columns; ++i) {
    condition +=
        fmt::format("{}t.{} = v.v{}", i == 0 ? "" : " AND ", quoted(table.columns[i].name), i);
  }
  return condition;
}

/// `INSERT INTO t (…) SELECT … FROM rows`.
std::string insert_sql(const TableDescription& table, Side side, std::uint64_t columns) {
  std::string names;
  std::string values;
  for (std::size_t i = 0; i < table.width(); ++i) {
    if (!has(columns, i)) continue;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", quoted(table.columns[i].name));
    values += fmt::format("{}v.v{}", values.empty() ? "" : ", ", i);
  }
  return fmt::format("INSERT INTO {} ({}) SELECT {} FROM {}", table_name(table, side), names,
                     values, rows_source(table, columns));
}

std::string upsert_sql(const TableDescription& table, Side side, const ChangeShape& shape,
                       std::uint64_t columns) {
  std::string moves;
  for (std::size_t i = table.key_columns; i < table.width(); ++i) {
    if (!has(columns, i)) continue;
    const std::string name = quoted(table.columns[i].name);
    const std::string given = fmt::format("VALUES({})", name);
    moves += fmt::format("{}{} = {}", moves.empty() ? "" : ", ", name,
                         has(shape.add, i)
                             ? fmt::format("{}.{} + {}", table_name(table, side), name, given)
                             : given);
  }
  if (moves.empty()) {
    const std::string key = quoted(table.columns[0].name);
    moves = fmt::format("{} = VALUES({})", key, key);
  }
  return fmt::format("{} ON DUPLICATE KEY UPDATE {}", insert_sql(table, side, columns), moves);
}

/// STRAIGHT_JOIN: from the rows that are given to those of the table by their key, never by a scan.
std::string update_sql(const TableDescription& table, Side side, const ChangeShape& shape,
                       std::uint64_t columns) {
  std::string moves;
  for (std::size_t i = table.key_columns; i < table.width(); ++i) {
    if (!has(columns, i)) continue;
    const std::string name = quoted(table.columns[i].name);
    moves += fmt::format("{}t.{} = {}v.v{}", moves.empty() ? "" : ", ", name,
                         has(shape.add, i) ? fmt::format("t.{} + ", name) : "", i);
  }
  if (moves.empty()) {
    const std::string key = quoted(table.columns[0].name);
    moves = fmt::format("t.{} = t.{}", key, key);
  }
  return fmt::format("UPDATE {} STRAIGHT_JOIN {} AS t ON {} SET {}", rows_source(table, columns),
                     table_name(table, side), same_key(table), moves);
}

std::string erase_sql(const TableDescription& table, Side side, std::uint64_t columns) {
  return fmt::format("DELETE t FROM {} STRAIGHT_JOIN {} AS t ON {}", rows_source(table, columns),
                     table_name(table, side), same_key(table));
}

void append_value(JsonWriter& json, const Value& value) {
  using enum Value::Kind;
  const std::int64_t number = value.kind() == text ? 0 : value.number();
  switch (value.kind()) {
    case null: return json.null();
    case integer: return json.integer(number);
    case text: return json.text(value.text());
    case date:
      return json.plain(
          [&](std::string& out) { append_date(out, Date{static_cast<std::int32_t>(number)}); });
    case time_of_day:
      return json.plain([&](std::string& out) {
        append_time_of_day(out, TimeOfDay{static_cast<std::int32_t>(number)});
      });
    case local_minute:
      return json.plain([&](std::string& out) { append_local_minute(out, {number}); });
    case local_time: return json.plain([&](std::string& out) { append_local(out, {number}); });
    case instant:
      return json.plain([&](std::string& out) {
        append_instant(out, {number});
        out.pop_back();  // the Z, which these servers refuse; the session's time zone is UTC
      });
    case absent:
    case add: break;
  }
  PESAN_ASSERT(false, "a change of a column is not a value of a row");
}

}  // namespace

std::string table_name(const TableDescription& table, Side side) {
  return fmt::format("{}{}", prefix_of(side), table.name);
}

std::string column_list(const TableDescription& table, bool generated_too) {
  std::string list;
  for (const Column& column : table.columns) {
    if (column.is_generated() && !generated_too) continue;
    list += fmt::format("{}{}", list.empty() ? "" : ", ", quoted(column.name));
  }
  return list;
}

std::uint64_t carried_columns(const TableDescription& table, ChangeKind kind,
                              const ChangeShape& shape) {
  std::uint64_t columns = (std::uint64_t{1} << table.key_columns) - 1;
  if (kind == ChangeKind::update || kind == ChangeKind::upsert) columns |= shape.set | shape.add;
  if (kind != ChangeKind::insert) return columns;
  for (std::size_t i = 0; i < table.width(); ++i) {
    if (!table.columns[i].is_generated()) columns |= std::uint64_t{1} << i;
  }
  return columns;
}

std::string statement_sql(const TableDescription& table, Side side, const StatementShape& shape) {
  const std::uint64_t columns = carried_columns(table, shape.kind, shape.shape);
  switch (shape.kind) {
    case ChangeKind::none: break;
    case ChangeKind::insert: return insert_sql(table, side, columns);
    case ChangeKind::update: return update_sql(table, side, shape.shape, columns);
    case ChangeKind::upsert: return upsert_sql(table, side, shape.shape, columns);
    case ChangeKind::erase: return erase_sql(table, side, columns);
  }
  PESAN_ASSERT(false, "no statement for no change");
  return {};
}

void append_row(std::string& json, std::uint64_t columns, const RowChange& change) {
  json.push_back(json.empty() ? '[' : ',');
  JsonWriter writer(json);
  writer.begin_array();
  for (std::uint64_t rest = columns; rest != 0; rest &= rest - 1) {
    append_value(writer, inserted_value(change.cells[std::countr_zero(rest)]));
  }
  writer.end_array();
}

const RowChange* find_duplicate(const TableDescription& table, std::string_view answer,
                                std::span<const RowChange* const> rows) {
  const std::size_t begin = answer.find('\'');
  if (begin == std::string_view::npos) return nullptr;
  const std::string_view entry = answer.substr(begin + 1);
  std::string buffer;
  for (const RowChange* row : rows) {
    std::string key;
    for (std::size_t i = 0; i < table.key_columns; ++i) {
      if (i != 0) key += '-';
      key += to_string(row->cells[i].stored(buffer));
    }
    if (entry.starts_with(key + "'")) return row;
  }
  return nullptr;
}

}  // namespace pesan::mysql
