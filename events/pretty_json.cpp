#include "events/pretty_json.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "events/assert.hpp"
#include "events/json_writer.hpp"

namespace pesan {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

constexpr std::size_t widest_line = 96;

void append_indent(std::string& out, std::size_t level) { out.append(2 * level, ' '); }

void append_text(std::string& out, std::string_view text) { JsonWriter(out).text(text); }

void append_scalar(std::string& out, const value& v) {
  if (const auto* text = v.if_string()) {
    append_text(out, {text->data(), text->size()});
  } else if (const auto* number = v.if_int64()) {
    out.append(std::to_string(*number));
  } else if (const auto* flag = v.if_bool()) {
    out.append(*flag ? "true" : "false");
  } else {
    PESAN_ASSERT(v.is_null(), "documents have no fractions and no integers above 2^63");
    out.append("null");
  }
}

void append_value(std::string& out, const value& v, std::size_t level);

void append_object(std::string& out, const object& o, std::size_t level) {
  if (o.empty()) {
    out.append("{}");
    return;
  }
  out.push_back('{');
  bool first = true;
  for (const auto& entry : o) {
    out.append(first ? "\n" : ",\n");
    first = false;
    append_indent(out, level + 1);
    append_text(out, {entry.key().data(), entry.key().size()});
    out.append(": ");
    append_value(out, entry.value(), level + 1);
  }
  out.push_back('\n');
  append_indent(out, level);
  out.push_back('}');
}

/// False, and nothing appended, for a list that is long or holds more than scalars.
bool append_on_one_line(std::string& out, const array& list) {
  const bool scalars =
      std::none_of(list.begin(), list.end(), [](const value& v) { return v.is_structured(); });
  if (!scalars) return false;
  std::string line = "[";
  for (const auto& element : list) {
    if (line.size() > 1) line.append(", ");
    append_scalar(line, element);
  }
  line.push_back(']');
  const std::size_t line_begin = out.rfind('\n') == out.npos ? 0 : out.rfind('\n') + 1;
  if (out.size() - line_begin + line.size() > widest_line) return false;
  out.append(line);
  return true;
}

void append_array(std::string& out, const array& list, std::size_t level) {
  if (append_on_one_line(out, list)) return;
  out.push_back('[');
  bool first = true;
  for (const auto& element : list) {
    out.append(first ? "\n" : ",\n");
    first = false;
    append_indent(out, level + 1);
    append_value(out, element, level + 1);
  }
  out.push_back('\n');
  append_indent(out, level);
  out.push_back(']');
}

void append_value(std::string& out, const value& v, std::size_t level) {
  if (const auto* o = v.if_object()) {
    append_object(out, *o, level);
  } else if (const auto* list = v.if_array()) {
    append_array(out, *list, level);
  } else {
    append_scalar(out, v);
  }
}

}  // namespace

std::string pretty_json(const value& v) {
  std::string out;
  append_value(out, v, 0);
  out.push_back('\n');
  return out;
}

}  // namespace pesan
