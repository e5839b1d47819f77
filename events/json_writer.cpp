#include "events/json_writer.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace pesan {
namespace {

constexpr bool needs_escape(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

/// Whether one of eight characters needs an escape: a byte of `x - 0x20` borrows into its high bit
/// below 0x20, and of `(x ^ pattern) - 1` where it equals the pattern. A character above 0x7F never
/// does, but a neighbour's borrow may say so of it: then the loop below looks at each.
bool may_need_escape(const char* eight) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  std::uint64_t x = 0;
  std::memcpy(&x, eight, sizeof x);
  const std::uint64_t quote = x ^ (ones * '"');
  const std::uint64_t backslash = x ^ (ones * '\\');
  const std::uint64_t found =
      ((x - ones * 0x20) & ~x) | ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash);
  return (found & (ones * 0x80)) != 0;
}

/// The first character that needs an escape, or the size of the text.
std::size_t plain_prefix(std::string_view text) {
  std::size_t i = 0;
  while (i + 8 <= text.size() && !may_need_escape(text.data() + i)) i += 8;
  while (i < text.size() && !needs_escape(text[i])) ++i;
  return i;
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

bool is_plain(std::string_view text) { return plain_prefix(text) == text.size(); }

void JsonWriter::text(std::string_view value) {
  std::size_t next = plain_prefix(value);
  if (next == value.size()) return plain(value);  // nearly always
  separate();
  put('"');
  while (true) {
    out_.append(value.substr(0, next));
    if (next == value.size()) break;
    append_escaped(out_, value[next]);
    value.remove_prefix(next + 1);
    next = plain_prefix(value);
  }
  put('"');
}

}  // namespace pesan
