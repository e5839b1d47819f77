#include "adapters/http/v1/row_json.hpp"

#include <cstddef>
#include <cstdint>
#include <variant>

#include "events/assert.hpp"

namespace pesan::http::v1 {
namespace {

bool is_of_guests(std::string_view column) {
  return column == "phone" || column == "email" || column == "customer_phone" ||
         column == "customer_email";
}

const OwnedValue& value_in(Table table, const OwnedRow& row, std::string_view column) {
  const std::size_t place = describe(table).index_of(column);
  PESAN_ASSERT(place < row.size(), "a column that is not there");
  return row[place];
}

}  // namespace

void write_row(JsonWriter& json, Table table, const OwnedRow& row, bool sees_guests) {
  json.begin_object();
  for (std::size_t i = 0; i < row.size(); ++i) {
    const Column& column = describe(table).columns[i];
    json.key(column.name);
    if (std::holds_alternative<std::monostate>(row[i])) {
      json.null();
    } else if (!sees_guests && is_of_guests(column.name)) {
      json.plain("***");
    } else if (const auto* number = std::get_if<std::int64_t>(&row[i])) {
      column.type == ColumnType::boolean ? json.boolean(*number != 0) : json.integer(*number);
    } else if (column.type == ColumnType::json) {
      json.raw(std::get<std::string>(row[i]));
    } else {
      json.text(std::get<std::string>(row[i]));
    }
  }
  json.end_object();
}

std::string_view text_of(Table table, const OwnedRow& row, std::string_view column) {
  const auto* text = std::get_if<std::string>(&value_in(table, row, column));
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

std::int64_t number_of(Table table, const OwnedRow& row, std::string_view column) {
  const auto* number = std::get_if<std::int64_t>(&value_in(table, row, column));
  return number == nullptr ? 0 : *number;
}

}  // namespace pesan::http::v1
