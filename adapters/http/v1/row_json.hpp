// Rows as JSON objects, by the descriptions of their tables: a member a column, under its name.
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "events/json_writer.hpp"
#include "projections/row_reader.hpp"

namespace pesan::http::v1 {

/// `sees_guests`: phones and e-mail addresses as they are; else `***` stands for them.
void write_row(JsonWriter& json, Table table, const OwnedRow& row, bool sees_guests);

/// A column of a row; its text, or nothing where it is null.
std::string_view text_of(Table table, const OwnedRow& row, std::string_view column);
/// Its number; 0 where it is null.
std::int64_t number_of(Table table, const OwnedRow& row, std::string_view column);

}  // namespace pesan::http::v1
