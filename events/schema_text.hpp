// The words of the published schemas: what every record type and every field means, once for people
// who read docs/schemas. No rule stands only here; limits and forms come from command_rules.hpp.
#pragma once

#include <span>
#include <string_view>

namespace pesan {

struct SchemaText {
  std::string_view name;  // a type, a field, or <type>.<field> where the type's differs
  std::string_view text;
};

std::span<const SchemaText> schema_texts();

/// What a record type means. Asserts that there is a text.
std::string_view text_of_type(std::string_view type);
/// What a field means: the type's own text, else the one for every field of that name.
std::string_view text_of_field(std::string_view type, std::string_view field);

}  // namespace pesan
