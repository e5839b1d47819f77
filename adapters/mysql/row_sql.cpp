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

/// One bit a column, in whose order the values of a row stand. Of inserts and erasures the shape
/// says nothing: they carry whole rows, and keys.
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

/// The rows as table `v`, with columns v0, v1, …: what stands before their JSON, and after it.
struct RowsSource {
  std::string before = "JSON_TABLE('[";
  std::string after;
};

RowsSource rows_source(const TableDescription& table, std::uint64_t columns) {
  std::string list;
  int place = 0;
  for (std::size_t i = 0; i < table.width(); ++i) {
    if (!has(columns, i)) continue;
    list += fmt::format("{}v{} {} PATH '$[{}]' ERROR ON ERROR", place == 0 ? "" : ", ", i,
                        parsed_type(table.columns[i]), place);
    ++place;
  }
  return {.after = fmt::format("]', '$[*]' COLUMNS ({})) AS v", list)};
}

std::string same_key(const TableDescription& table) {
  std::string condition;
  for (std::size_t i = 0; i < table.key_columns; ++i) {
    condition +=
        fmt::format("{}t.{} = v.v{}", i == 0 ? "" : " AND ", quoted_name(table.columns[i].name), i);
  }
  return condition;
}

std::string insert_sql(const TableDescription& table, Side side, std::uint64_t columns) {
  std::string names;
  for (std::size_t i = 0; i < table.width(); ++i) {
    if (!has(columns, i)) continue;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", quoted_name(table.columns[i].name));
  }
  return fmt::format("INSERT INTO {} ({}) VALUES ", table_name(table, side), names);
}

/// What stands after the rows of an upsert.
std::string upsert_sql(const TableDescription& table, Side side, const ChangeShape& shape,
                       std::uint64_t columns) {
  std::string moves;
  for (std::size_t i = table.key_columns; i < table.width(); ++i) {
    if (!has(columns, i)) continue;
    const std::string name = quoted_name(table.columns[i].name);
    const std::string given = fmt::format("VALUES({})", name);
    moves += fmt::format("{}{} = {}", moves.empty() ? "" : ", ", name,
                         has(shape.add, i)
                             ? fmt::format("{}.{} + {}", table_name(table, side), name, given)
                             : given);
  }
  if (moves.empty()) {
    const std::string key = quoted_name(table.columns[0].name);
    moves = fmt::format("{} = VALUES({})", key, key);
  }
  return fmt::format(" ON DUPLICATE KEY UPDATE {}", moves);
}

/// What stands after the rows of an update. STRAIGHT_JOIN: from the rows that are given to those of
/// the table by their key, never by a scan.
std::string update_sql(const TableDescription& table, Side side, const ChangeShape& shape,
                       std::uint64_t columns) {
  std::string moves;
  for (std::size_t i = table.key_columns; i < table.width(); ++i) {
    if (!has(columns, i)) continue;
    const std::string name = quoted_name(table.columns[i].name);
    moves += fmt::format("{}t.{} = {}v.v{}", moves.empty() ? "" : ", ", name,
                         has(shape.add, i) ? fmt::format("t.{} + ", name) : "", i);
  }
  if (moves.empty()) {
    const std::string key = quoted_name(table.columns[0].name);
    moves = fmt::format("t.{} = t.{}", key, key);
  }
  return fmt::format(" STRAIGHT_JOIN {} AS t ON {} SET {}", table_name(table, side),
                     same_key(table), moves);
}

std::string erase_sql(const TableDescription& table, Side side) {
  return fmt::format(" STRAIGHT_JOIN {} AS t ON {}", table_name(table, side), same_key(table));
}

/// Within a literal, what has been written from `begin` on.
void double_quotes(std::string& sql, std::size_t begin) {
  for (auto i = sql.find('\'', begin); i != std::string::npos; i = sql.find('\'', i + 2)) {
    sql.insert(i, 1, '\'');
  }
}

void append_text(std::string& sql, std::string_view text, bool json) {
  const std::size_t begin = sql.size() + 1;
  if (json) {
    JsonWriter(sql).text(text);
    double_quotes(sql, begin);
  } else {
    sql.push_back('\'');
    sql.append(text);
    double_quotes(sql, begin);
    sql.push_back('\'');
  }
}

void append_moment(std::string& sql, const Value& moment) {
  using enum Value::Kind;
  const std::int64_t number = moment.number();
  switch (moment.kind()) {
    case date: return append_date(sql, Date{static_cast<std::int32_t>(number)});
    case time_of_day: return append_time_of_day(sql, TimeOfDay{static_cast<std::int32_t>(number)});
    case local_minute: return append_local_minute(sql, {number});
    case local_time: return append_local(sql, {number});
    case instant:
      append_instant(sql, {number});
      sql.pop_back();  // the Z, which these servers refuse; the session's time zone is UTC
      return;
    case absent:
    case add:
    case null:
    case integer:
    case text: break;
  }
  PESAN_ASSERT(false, "a change of a column is not a value of a row");
}

void append_value(std::string& sql, const Value& value, bool json) {
  switch (value.kind()) {
    case Value::Kind::null: sql += json ? "null" : "NULL"; break;
    case Value::Kind::integer: append_integer(sql, value.number()); break;
    case Value::Kind::text: append_text(sql, value.text(), json); break;
    default:
      sql.push_back(json ? '"' : '\'');
      append_moment(sql, value);
      sql.push_back(json ? '"' : '\'');
  }
}

}  // namespace

RowStatement::RowStatement(const TableDescription& table, Side side, const StatementShape& shape)
    : columns_(carried_columns(table, shape.kind, shape.shape)),
      json_(shape.kind == ChangeKind::update || shape.kind == ChangeKind::erase) {
  RowsSource rows = json_ ? rows_source(table, columns_) : RowsSource{};
  switch (shape.kind) {
    case ChangeKind::none: PESAN_ASSERT(false, "no statement for no change"); break;
    case ChangeKind::insert: before_ = insert_sql(table, side, columns_); break;
    case ChangeKind::upsert:
      before_ = insert_sql(table, side, columns_);
      after_ = upsert_sql(table, side, shape.shape, columns_);
      break;
    case ChangeKind::update:
      before_ = "UPDATE " + rows.before;
      after_ = rows.after + update_sql(table, side, shape.shape, columns_);
      break;
    case ChangeKind::erase:
      before_ = "DELETE t FROM " + rows.before;
      after_ = rows.after + erase_sql(table, side);
      break;
  }
}

void RowStatement::append(std::string& sql, const RowChange& change) const {
  char separator = json_ ? '[' : '(';
  if (sql.size() != before_.size()) sql.push_back(',');
  for (std::uint64_t rest = columns_; rest != 0; rest &= rest - 1) {
    sql.push_back(separator);
    append_value(sql, inserted_value(change.cells[std::countr_zero(rest)]), json_);
    separator = ',';
  }
  sql.push_back(json_ ? ']' : ')');
}

std::string RowStatement::with_parameters(std::size_t rows) const {
  PESAN_ASSERT(lists_values(), "parameters within JSON");
  std::string row = "(?";
  for (std::size_t i = 1; i < width(); ++i) row += ",?";
  row += ')';
  std::string sql = before_ + row;
  for (std::size_t i = 1; i < rows; ++i) sql += ',' + row;
  return sql + after_;
}

std::string_view text_of(const Value& value, std::string& buffer) {
  if (value.kind() == Value::Kind::text) return value.text();
  buffer.clear();
  append_moment(buffer, value);
  return buffer;
}

std::string literal_of(const Value& value) {
  std::string sql;
  append_value(sql, value, false);
  return sql;
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
