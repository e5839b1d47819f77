// What the makers of schemas share: an object under construction, the schema of each scalar on the
// wire, the attributes that all records have. Only schema*.cpp include this. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "events/fields.hpp"
#include "events/schema_text.hpp"
#include "events/vocabulary.hpp"

namespace pesan::schema {

using boost::json::array;
using boost::json::object;

// Patterns keep to what ECMA-262, PCRE, RE2 and Python read alike: no look-ahead, no classes by
// backslash.
inline constexpr std::string_view no_nul = R"(^[^\x00]*$)";
inline constexpr std::string_view name_pattern = R"(^[^\x00]*[^\x00\t-\r ][^\x00]*$)";
inline constexpr std::string_view currency_pattern = "^[A-Z]{3}$";
inline constexpr std::string_view phone_pattern = R"(^[^0-9\x00]*([0-9][^0-9\x00]*){5,20}$)";
inline constexpr std::string_view email_pattern =
    R"(^[^@\x00\t-\r ]+@[^@.\x00\t-\r ]+(\.[^@.\x00\t-\r ]+)+$)";
inline constexpr std::string_view resource_pattern = "^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$";
inline constexpr std::string_view schedule_pattern = "^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$";
inline constexpr std::string_view booking_pattern =
    R"(^[A-Za-z0-9][A-Za-z0-9_-]{0,62}\.[A-Za-z0-9_-]{1,40}$)";
static_assert(limit::resource_id == 1 + 62 && limit::schedule_id == 1 + 39 &&
                  limit::booking_suffix == 40 && limit::currency == 3 &&
                  limit::fewest_phone_digits == 5 && limit::most_phone_digits == 20,
              "the patterns above say so too");
inline constexpr std::string_view day_pattern =
    "^(19[7-9][0-9]|[2-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$";
inline constexpr std::string_view time_pattern = "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$";
inline constexpr std::string_view minute_pattern =
    "^(19[7-9][0-9]|[2-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    "T([01][0-9]|2[0-3]):[0-5][0-9]$";
inline constexpr std::string_view moment_pattern =
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?"
    "([Zz]|[+-][0-9]{2}:[0-9]{2})$";
inline constexpr std::string_view local_pattern =
    R"(^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}$)";
inline constexpr std::string_view instant_pattern =
    R"(^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$)";

inline boost::json::string_view wire(std::string_view text) { return {text.data(), text.size()}; }

inline object text() { return {{"type", "string"}}; }
inline object text(std::string_view pattern) {
  return {{"type", "string"}, {"pattern", wire(pattern)}};
}
inline object always(std::string_view value) { return {{"const", wire(value)}}; }
inline object flag() { return {{"type", "boolean"}}; }
inline object integer(std::int64_t min,
                      std::int64_t max = std::numeric_limits<std::int64_t>::max()) {
  object made{{"type", "integer"}, {"minimum", min}};
  if (max != std::numeric_limits<std::int64_t>::max()) made["maximum"] = max;
  return made;
}
inline object day() {
  return {{"type", "string"}, {"format", "date"}, {"pattern", wire(day_pattern)}};
}
inline object instant() {
  return {{"type", "string"}, {"format", "date-time"}, {"pattern", wire(instant_pattern)}};
}
/// The first `count` names.
template <NamedEnum E>
object choice(std::size_t count = EnumNames<E>::names.size()) {
  array names;
  for (const auto name : EnumNames<E>::names) {
    if (names.size() < count) names.emplace_back(wire(name));
  }
  return {{"enum", std::move(names)}};
}
/// The same, or null.
inline object nullable(object schema) {
  if (auto* type = schema.if_contains("type")) *type = array{*type, "null"};
  if (auto* names = schema.if_contains("enum")) names->as_array().emplace_back(nullptr);
  return schema;
}

/// An object under construction: its fields in the order in which they are added.
class Fields {
 public:
  /// `scope` is the type whose texts describe what is no field of a command or an event.
  explicit Fields(std::string_view scope = "") : scope_(scope) {}

  /// By the texts of schema_text.hpp.
  void required(std::string_view name, object schema) {
    required_.emplace_back(wire(name));
    optional(name, std::move(schema));
  }
  void optional(std::string_view name, object schema) {
    add(name, std::string(text_of_field(scope_, name)), std::move(schema));
  }
  /// By the field's own text; `expected` is its rule in words, where there is one.
  template <class Rule>
  void required(const Field<Rule>& field, object schema, std::string_view expected = "") {
    required_.emplace_back(wire(field.name));
    optional(field, std::move(schema), expected);
  }
  template <class Rule>
  void optional(const Field<Rule>& field, object schema, std::string_view expected = "") {
    std::string description(field.text);
    if (!expected.empty()) description.append(" Expected: ").append(expected).append(".");
    add(field.name, std::move(description), std::move(schema));
  }
  /// `closed` where a field beyond these is refused; what pesan writes may grow.
  object finish(bool closed) && {
    object made{{"type", "object"}};
    if (!required_.empty()) made["required"] = std::move(required_);
    made["properties"] = std::move(properties_);
    if (closed) made["additionalProperties"] = false;
    return made;
  }

 private:
  void add(std::string_view name, std::string description, object schema) {
    object described{{"description", std::move(description)}};
    for (auto& entry : schema) described.emplace(entry.key(), std::move(entry.value()));
    properties_.emplace(wire(name), std::move(described));
  }

  std::string scope_;
  array required_;
  object properties_;
};

// The schema of `data`, by type name.
object command_data(std::string_view name);
object event_data(std::string_view name);
object customer_event_data(std::string_view name);
object result_data(std::string_view name);

}  // namespace pesan::schema
