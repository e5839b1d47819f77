#include "events/json_writer.hpp"

#include <algorithm>
#include <cstddef>

namespace pesan {
namespace {

constexpr bool needs_escape(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

void append_escaped(std::string& out, char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  switch (c) {
    case '"': out.append("\\\""); return;
    case '\\': out.append("\\\\"); return;
    // The short forms everywhere: a text is then never longer than it was in the record that it
    // came from, and the answer to the largest command fits into a record.
    case '\b': out.append("\\b"); return;
    case '\f': out.append("\\f"); return;
    case '\n': out.append("\\n"); return;
    case '\r': out.append("\\r"); return;
    case '\t': out.append("\\t"); return;
    default:
      out.append("\\u00");
      out.push_back(digits[byte >> 4U]);
      out.push_back(digits[byte & 0xFU]);
  }
}

}  // namespace

bool is_plain(std::string_view text) {
  return std::none_of(text.begin(), text.end(), needs_escape);
}

void JsonWriter::text(std::string_view value) {
  separate();
  const auto* first = std::find_if(value.begin(), value.end(), needs_escape);
  if (first == value.end()) {  // nearly always
    char* to = grow(value.size() + 2);
    *to++ = '"';
    if (!value.empty()) std::memcpy(to, value.data(), value.size());
    to[value.size()] = '"';
    return;
  }
  put('"');
  std::size_t begin = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (!needs_escape(value[i])) continue;
    out_.append(value.substr(begin, i - begin));
    append_escaped(out_, value[i]);
    begin = i + 1;
  }
  out_.append(value.substr(begin));
  put('"');
}

}  // namespace pesan
