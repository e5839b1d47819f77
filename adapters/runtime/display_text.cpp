#include "adapters/runtime/display_text.hpp"

#include <algorithm>
#include <array>

#include "events/utf8.hpp"

namespace pesan::runtime {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view ellipsis = "\xE2\x80\xA6";     // …

struct Character {
  char32_t code = 0;
  std::size_t bytes = 1;
  bool valid = false;
};

/// The first character of a text that is not empty.
Character first(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  std::size_t size = 0;
  char32_t code = 0;
  if (lead >= 0xC2 && lead < 0xE0) {
    size = 2;
    code = lead & 0x1FU;
  } else if (lead >= 0xE0 && lead < 0xF0) {
    size = 3;
    code = lead & 0x0FU;
  } else if (lead >= 0xF0 && lead < 0xF5) {
    size = 4;
    code = lead & 0x07U;
  }
  if (size == 0 || text.size() < size) return {};
  for (std::size_t i = 1; i < size; ++i) {
    if (starts_character(text[i])) return {};
    code = code << 6U | (byte(i) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code < 0xE000;
  if (code < smallest[size] || code > 0x10FFFF || surrogate) return {};
  return {code, size, true};
}

struct CodeRange {
  char32_t begin;
  char32_t last;
};

template <std::size_t size>
bool within(const std::array<CodeRange, size>& ranges, char32_t code) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](CodeRange r) { return code >= r.begin && code <= r.last; });
}

/// C1 controls, and what turns the direction of the text after it.
constexpr std::array<CodeRange, 4> steering{
    CodeRange{0x80, 0x9F}, {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069}};
constexpr std::array<CodeRange, 8> combining{
    CodeRange{0x300, 0x36F},   {0x483, 0x489},   {0x591, 0x5BD},   {0x64B, 0x65F},
    CodeRange{0x200B, 0x200D}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF}};
constexpr std::array<CodeRange, 12> wide{
    CodeRange{0x1100, 0x115F}, {0x2E80, 0x303E},   {0x3041, 0x4DBF},   {0x4E00, 0xA4CF},
    CodeRange{0xAC00, 0xD7A3}, {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},
    CodeRange{0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F680, 0x1FAFF}, {0x20000, 0x3FFFD}};

std::size_t width_of(char32_t code) {
  if (code < 0x300) return 1;
  if (within(combining, code)) return 0;
  return within(wide, code) ? 2 : 1;
}

/// U+2400 and on are pictures of the control characters.
void append_picture(std::string& out, char32_t control) {
  out.append("\xE2\x90");
  out.push_back(static_cast<char>(control == 0x7F ? 0xA1 : 0x80 + control));
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const Character c = first(text);
    result.append(c.valid ? text.substr(0, c.bytes) : replacement);
    text.remove_prefix(c.bytes);
  }
  return result;
}

std::string displayable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const Character c = first(text);
    if (c.valid && (c.code < 0x20 || c.code == 0x7F)) {
      append_picture(result, c.code);
    } else {
      const bool harmless = c.valid && !within(steering, c.code);
      result.append(harmless ? text.substr(0, c.bytes) : replacement);
    }
    text.remove_prefix(c.bytes);
  }
  return result;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Character c = first(text);
    width += width_of(c.code);
    text.remove_prefix(c.bytes);
  }
  return width;
}

std::string cut(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  std::string result;
  std::size_t used = 1;  // the … itself
  while (!text.empty()) {
    const Character c = first(text);
    used += width_of(c.code);
    if (used > width) break;
    result.append(text.substr(0, c.bytes));
    text.remove_prefix(c.bytes);
  }
  return result.append(ellipsis);
}

}  // namespace pesan::runtime
