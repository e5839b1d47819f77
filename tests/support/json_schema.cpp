#include "tests/support/json_schema.hpp"

#include <algorithm>
#include <cstdint>
#include <set>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "events/utf8.hpp"

namespace pesan {

namespace json = boost::json;

struct JsonSchema::Walk {
  const JsonSchema& schema;
  std::vector<std::string> breaches;

  void check(const json::object& rules, const json::value& v, const std::string& path) {
    const auto* fields = rules.if_contains("properties");
    const auto* more = rules.if_contains("additionalProperties");
    for (const auto& [keyword, rule] : rules) {
      if (keyword == "type") {
        check_type(rule, v, path);
      } else if (keyword == "const") {
        if (v != rule) add(path, "is not " + json::serialize(rule));
      } else if (keyword == "enum") {
        const auto& names = rule.as_array();
        if (std::find(names.begin(), names.end(), v) == names.end()) add(path, "is none of these");
      } else if (keyword == "not") {
        Walk inner{schema, {}};
        inner.check(rule.as_object(), v, path);
        if (inner.breaches.empty()) add(path, "is what it must not be");
      } else if (v.is_string()) {
        check_text(keyword, rule, std::string_view(v.as_string()), path);
      } else if (v.is_int64()) {
        if (keyword == "minimum" && v.as_int64() < rule.as_int64()) add(path, "is too small");
        if (keyword == "maximum" && v.as_int64() > rule.as_int64()) add(path, "is too large");
      } else if (v.is_array()) {
        check_list(keyword, rule, v.as_array(), path);
      } else if (v.is_object() && keyword == "required") {
        for (const auto& name : rule.as_array()) {
          if (!v.as_object().contains(name.as_string())) add(path, "lacks " + text_of(name));
        }
      }
      if (!known.contains(std::string_view(keyword))) add(path, "unknown: " + std::string(keyword));
    }
    if (v.is_object()) check_fields(fields, more, v.as_object(), path);
  }

 private:
  void check_type(const json::value& rule, const json::value& v, const std::string& path) {
    const auto is = [&](const json::value& name) {
      const std::string_view type = name.as_string();
      return (type == "null" && v.is_null()) || (type == "string" && v.is_string()) ||
             (type == "integer" && v.is_int64()) || (type == "boolean" && v.is_bool()) ||
             (type == "object" && v.is_object()) || (type == "array" && v.is_array());
    };
    const auto* several = rule.if_array();
    const bool ok =
        several == nullptr ? is(rule) : std::any_of(several->begin(), several->end(), is);
    if (!ok) add(path, "is not of type " + json::serialize(rule));
  }
  void check_text(std::string_view keyword, const json::value& rule, std::string_view text,
                  const std::string& path) {
    const auto length = static_cast<std::int64_t>(utf8_length(text));
    if (keyword == "minLength" && length < rule.as_int64()) add(path, "is too short");
    if (keyword == "maxLength" && length > rule.as_int64()) add(path, "is too long");
    if (keyword == "pattern" && !schema.matches(rule.as_string(), text)) {
      add(path, "does not match " + text_of(rule));
    }
  }
  void check_list(std::string_view keyword, const json::value& rule, const json::array& list,
                  const std::string& path) {
    if (keyword == "maxItems" && list.size() > static_cast<std::size_t>(rule.as_int64())) {
      add(path, "is too long");
    }
    if (keyword == "items") {
      for (const auto& element : list) check(rule.as_object(), element, path + "[]");
    }
  }
  void check_fields(const json::value* fields, const json::value* more, const json::object& object,
                    const std::string& path) {
    for (const auto& [name, value] : object) {
      const std::string inner = path + "." + std::string(name);
      const auto* rule = fields == nullptr ? nullptr : fields->as_object().if_contains(name);
      if (rule != nullptr) {
        check(rule->as_object(), value, inner);
      } else if (more != nullptr && more->is_object()) {
        check(more->as_object(), value, inner);
      } else if (more != nullptr && *more == false) {
        add(inner, "is unknown");
      }
    }
  }
  static std::string text_of(const json::value& v) { return std::string(v.as_string()); }
  void add(const std::string& path, const std::string& what) {
    breaches.push_back(path + ": " + what);
  }

  static inline const std::set<std::string, std::less<>> known{
      "$schema",   "$id",       "title",    "description", "format",  "type",
      "const",     "enum",      "required", "properties",  "not",     "additionalProperties",
      "minLength", "maxLength", "pattern",  "minimum",     "maximum", "items",
      "maxItems"};
};

JsonSchema::JsonSchema(std::string_view schema_text) : root_(json::parse(schema_text)) {}

std::vector<std::string> JsonSchema::breaches(const json::value& instance) const {
  Walk walk{*this, {}};
  walk.check(root_.as_object(), instance, "");
  return walk.breaches;
}

bool JsonSchema::matches(std::string_view pattern, std::string_view text) const {
  auto found = patterns_.find(pattern);
  if (found == patterns_.end()) {
    const std::string key(pattern);
    found = patterns_.emplace(key, Pattern{std::regex(key), {}}).first;
  }
  auto& [regex, answers] = found->second;
  auto answer = answers.find(text);
  if (answer == answers.end()) {
    const bool matched = std::regex_search(text.begin(), text.end(), regex);
    answer = answers.emplace(text, matched).first;
  }
  return answer->second;
}

}  // namespace pesan
