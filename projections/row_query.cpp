#include "projections/row_query.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "events/ascii.hpp"
#include "events/assert.hpp"
#include "events/utf8.hpp"
#include "projections/store_sql.hpp"

namespace pesan {

OwnedValue owned(const StoredValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  if (const auto* text = std::get_if<std::string_view>(&value)) return std::string(*text);
  return std::monostate{};
}

StoredValue viewed(const OwnedValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  if (const auto* text = std::get_if<std::string>(&value)) return std::string_view(*text);
  return std::monostate{};
}

OwnedRow owned(const StoredRow& row) {
  OwnedRow result;
  for (const StoredValue& value : row) result.push_back(owned(value));
  return result;
}

StoredRow viewed(const OwnedRow& row) {
  StoredRow result;
  for (const OwnedValue& value : row) result.push_back(viewed(value));
  return result;
}

std::string end_of_prefix(std::string_view prefix) {
  return std::string(prefix) + "\xF4\x8F\xBF\xBF";  // the last character that there is, U+10FFFF
}

bool is_of_type(const Value& value, ColumnType type) {
  using enum Value::Kind;
  switch (type) {
    case ColumnType::integer:
    case ColumnType::boolean: return value.kind() == integer;
    case ColumnType::text:
    case ColumnType::json: return value.kind() == text;
    case ColumnType::date: return value.kind() == date;
    case ColumnType::time_of_day: return value.kind() == time_of_day;
    case ColumnType::local_minute: return value.kind() == local_minute;
    case ColumnType::local_time: return value.kind() == local_time;
    case ColumnType::instant: return value.kind() == instant;
  }
  return false;
}

namespace {

// --- cursors ------------------------------------------------------------------------------------

// The values of the order's columns of a page's last row. Letters, digits and -._ stand for
// themselves, `~.` between two values, and any other byte is `~` and two digits: so a cursor goes
// into a URL as it is.
constexpr char mark = '~';
constexpr std::string_view hex_digits = "0123456789ABCDEF";

bool stands_for_itself(char c) {
  return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
}

std::string cursor_of(const AccessPath& path, const OwnedRow& row) {
  std::string cursor;
  for (const ColumnIndex place : path.order()) {
    if (!cursor.empty()) cursor.append(1, mark).append(1, '.');
    for (const char c : to_string(viewed(row[place.value]))) {
      const auto byte = static_cast<unsigned char>(c);
      if (stands_for_itself(c)) {
        cursor.push_back(c);
      } else {
        cursor.append({mark, hex_digits[byte >> 4], hex_digits[byte & 15]});
      }
    }
  }
  return cursor;
}

/// Empty where it is no cursor.
std::vector<std::string> texts_in(std::string_view cursor) {
  std::vector<std::string> texts(1);
  for (std::size_t i = 0; i < cursor.size(); ++i) {
    if (stands_for_itself(cursor[i])) {
      texts.back().push_back(cursor[i]);
    } else if (cursor.substr(i, 2) == "~.") {
      texts.emplace_back();
      ++i;
    } else {
      const std::string_view digits = cursor.substr(i).substr(1, 2);
      unsigned byte = 0;
      const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
      if (cursor[i] != mark || digits.size() != 2 || parsed.ptr != digits.data() + 2) return {};
      texts.back().push_back(static_cast<char>(byte));
      i += 2;
    }
  }
  return texts;
}

template <class T>
std::optional<Value> value_of(const std::optional<T>& parsed) {
  return parsed ? std::optional(Value(*parsed)) : std::nullopt;
}

/// As stores write it; texts are borrowed.
std::optional<Value> parse_value(ColumnType type, std::string_view text) {
  switch (type) {
    case ColumnType::integer:
    case ColumnType::boolean: {
      std::int64_t number = 0;
      const char* end = text.data() + text.size();
      const auto parsed = std::from_chars(text.data(), end, number);
      if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
      return Value(number);
    }
    case ColumnType::text:
    case ColumnType::json: return Value(text);
    case ColumnType::date: return value_of(parse_date(text));
    case ColumnType::time_of_day: return value_of(parse_time_of_day(text));
    case ColumnType::local_minute: {
      const auto parsed = parse_local_minute(text);
      return parsed ? std::optional(Value::minute(*parsed)) : std::nullopt;
    }
    case ColumnType::local_time: {
      const auto parsed = parse_local(text);
      return parsed ? std::optional(Value::local(*parsed)) : std::nullopt;
    }
    case ColumnType::instant: return value_of(parse_instant(text));
  }
  return std::nullopt;
}

// --- questions ----------------------------------------------------------------------------------

/// No store has to hear of it otherwise.
bool is_sound(const std::optional<Value>& value) {
  if (!value || value->kind() != Value::Kind::text) return true;
  const std::string_view text = value->text();
  return valid_utf8_prefix(text) == text.size() && text.find('\0') == text.npos;
}

void check(const PageQuestion& question, const AccessPath& path) {
  PESAN_ASSERT(question.limit >= 1 && question.limit <= most_rows_a_page,
               "a page of no rows, or of too many");
  PESAN_ASSERT(question.equal.size() == path.equal, "a path has a value for each of its columns");
  for (std::size_t i = 0; i < path.equal; ++i) {
    PESAN_ASSERT(is_of_type(question.equal[i], path.column(path.equals()[i]).type),
                 "a value of another type than its column");
  }
  for (const auto& bound : {question.from, question.until}) {
    PESAN_ASSERT(!bound || is_of_type(*bound, path.column(path.order()[0]).type),
                 "a bound of another type than its column");
  }
}

/// Into `query`, whose values borrow from `texts`.
bool resolve(std::string_view cursor, std::vector<std::string>& texts, RowQuery& query) {
  texts = texts_in(cursor);
  const auto order = query.path->order();
  if (texts.size() != order.size()) return false;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto value = parse_value(query.path->column(order[i]).type, texts[i]);
    if (!value || !is_sound(value)) return false;
    query.behind.push_back(*value);
  }
  return true;
}

}  // namespace

std::string cursor_behind(Path path, const OwnedRow& row) { return cursor_of(describe(path), row); }

Fallible<Page> answer(const PageQuestion& question,
                      const std::function<Fallible<std::vector<OwnedRow>>(const RowQuery&)>& read) {
  const AccessPath& path = describe(question.path);
  check(question, path);
  const bool sound = std::ranges::all_of(question.equal, is_sound) && is_sound(question.from) &&
                     is_sound(question.until);
  if (!sound) return fail(FailureKind::usage, "a text of the question is not UTF-8");
  RowQuery query{.path = &path,
                 .equal = question.equal,
                 .behind = {},
                 .from = question.from,
                 .until = question.until,
                 .limit = question.limit + 1};
  std::vector<std::string> texts;
  if (!question.after.empty()) {
    if (!resolve(question.after, texts, query)) {
      return fail(FailureKind::usage,
                  fmt::format("that is no cursor that a page of {} has given", path.name));
    }
    // A page's own cursor is in the range; another one must not lead out of it.
    if (query.from && query.behind[0] < *query.from) {
      query.behind.clear();
    } else {
      query.from.reset();
    }
  }
  auto rows = read(query);
  if (!rows) return std::unexpected(std::move(rows.error()));
  Page page{.rows = *std::move(rows), .next = {}};
  if (page.rows.size() > question.limit) {
    page.rows.resize(question.limit);
    page.next = cursor_of(path, page.rows.back());
  }
  return page;
}

// --- SQL ----------------------------------------------------------------------------------------

namespace {

using Place = std::function<std::string(const Value&)>;

std::string name_in(const AccessPath& path, ColumnIndex place) {
  return fmt::format("`{}`", path.column(place).name);
}

std::string behind_sql(const RowQuery& query, const QueryDialect& dialect) {
  const auto order = query.path->order();
  const auto name = [&](std::size_t i) { return name_in(*query.path, order[i]); };
  if (dialect.behind == Behind::row_values) {
    std::string names;
    std::string values;
    for (std::size_t i = 0; i < order.size(); ++i) {
      names += (i == 0 ? "" : ", ") + name(i);
      values += (i == 0 ? "" : ", ") + dialect.place(query.behind[i]);
    }
    return order.size() == 1 ? fmt::format("{} > {}", names, values)
                             : fmt::format("({}) > ({})", names, values);
  }
  std::string condition;
  for (std::size_t i = order.size(); i-- > 0;) {
    const std::string value = dialect.place(query.behind[i]);
    condition = condition.empty()
                    ? fmt::format("{} > {}", name(i), value)
                    : fmt::format("({0} > {1} OR ({0} = {1} AND {2}))", name(i), value, condition);
  }
  return condition;
}

std::string where(const std::vector<std::string>& conditions) {
  return conditions.empty() ? "" : fmt::format(" WHERE {}", fmt::join(conditions, " AND "));
}

}  // namespace

std::string page_sql(const RowQuery& query, const QueryDialect& dialect) {
  const AccessPath& path = *query.path;
  std::vector<std::string> conditions;
  for (std::size_t i = 0; i < path.equal; ++i) {
    conditions.push_back(
        fmt::format("{} = {}", name_in(path, path.equals()[i]), dialect.place(query.equal[i])));
  }
  const std::string first = name_in(path, path.order()[0]);
  if (path.column(path.order()[0]).nullable) conditions.push_back(first + " IS NOT NULL");
  if (!query.behind.empty()) conditions.push_back(behind_sql(query, dialect));
  if (query.from) conditions.push_back(fmt::format("{} >= {}", first, dialect.place(*query.from)));
  if (query.until) {
    conditions.push_back(fmt::format("{} < {}", first, dialect.place(*query.until)));
  }
  std::string order;
  for (const ColumnIndex place : path.order()) {
    order += (order.empty() ? "" : ", ") + name_in(path, place);
  }
  return fmt::format("SELECT {} FROM {}{}{} ORDER BY {} LIMIT {}",
                     column_list(describe(path.table), true), describe(path.table).name,
                     dialect.go_by(path), where(conditions), order,
                     dialect.place(Value(query.limit)));
}

bool may_be_there(const RowKey& key) {
  return std::all_of(key.parts.begin(), key.parts.begin() + key.size,
                     [](const Value& part) { return is_sound(part); });
}

std::string find_sql(Table table, const RowKey& key, const Place& place) {
  const TableDescription& in = describe(table);
  PESAN_ASSERT(key.size == in.key_columns, "a row is found by its whole key");
  std::vector<std::string> conditions;
  for (std::size_t i = 0; i < key.size; ++i) {
    PESAN_ASSERT(is_of_type(key.parts[i], in.columns[i].type), "a key of another type");
    conditions.push_back(fmt::format("`{}` = {}", in.columns[i].name, place(key.parts[i])));
  }
  return fmt::format("SELECT {} FROM {}{}", column_list(in, true), in.name, where(conditions));
}

}  // namespace pesan
