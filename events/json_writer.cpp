#include "events/json_writer.hpp"

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

void JsonWriter::text(std::string_view value) {
  separate();
  out_.push_back('"');
  std::size_t begin = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (!needs_escape(value[i])) continue;
    out_.append(value.substr(begin, i - begin));
    append_escaped(out_, value[i]);
    begin = i + 1;
  }
  out_.append(value.substr(begin));
  out_.push_back('"');
}

}  // namespace pesan
