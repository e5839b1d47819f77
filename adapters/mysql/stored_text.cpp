#include "adapters/mysql/stored_text.hpp"

#include <string_view>

namespace pesan::mysql {
namespace {

void drop(std::string& text, std::string_view end) {
  if (text.ends_with(end)) text.resize(text.size() - end.size());
}

/// `2026-12-01 09:30:00` has a T in pesan.
void join(std::string& text) {
  constexpr std::size_t after_date = 10;
  if (text.size() > after_date && text[after_date] == ' ') text[after_date] = 'T';
}

}  // namespace

void to_stored_text(ColumnType type, std::string& text) {
  switch (type) {
    case ColumnType::integer:
    case ColumnType::boolean:
    case ColumnType::text:
    case ColumnType::date:
    case ColumnType::json: return;
    case ColumnType::time_of_day: return drop(text, ":00");
    case ColumnType::local_minute: join(text); return drop(text, ":00");
    case ColumnType::local_time: join(text); return drop(text, "000");  // of microseconds
    case ColumnType::instant:
      join(text);
      drop(text, "000");
      text.push_back('Z');
      return;
  }
}

StoredValue stored_value(const Rows& rows, std::size_t column, ColumnType type,
                         std::string& buffer) {
  if (rows.is_null(column)) return std::monostate{};
  if (type == ColumnType::integer || type == ColumnType::boolean) return rows.integer(column);
  if (type == ColumnType::text || type == ColumnType::json) {
    return std::string_view(rows.text(column));
  }
  buffer = rows.text(column);
  to_stored_text(type, buffer);
  return std::string_view(buffer);
}

}  // namespace pesan::mysql
