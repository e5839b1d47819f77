// Counting characters (Unicode code points) in text that is already known to be valid UTF-8.
#pragma once

#include <cstddef>
#include <string_view>

namespace pesan {

constexpr bool starts_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

/// How many characters; `text` is valid UTF-8.
constexpr std::size_t utf8_length(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += starts_character(c) ? 1 : 0;
  return count;
}

/// The bytes of the first `characters` characters.
constexpr std::size_t utf8_prefix(std::string_view text, std::size_t characters) {
  std::size_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (starts_character(text[i]) && seen++ == characters) return i;
  }
  return text.size();
}

}  // namespace pesan
