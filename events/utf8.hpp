// Characters (Unicode code points) in UTF-8: whether it is valid, and counting them where it is.
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

/// The bytes before the first that is not valid UTF-8; all of them where it is.
constexpr std::size_t valid_utf8_prefix(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  std::size_t i = 0;
  while (i < text.size()) {
    const unsigned char first = byte(i);
    const std::size_t length = first < 0x80U                     ? 1
                               : first >= 0xC2U && first < 0xE0U ? 2
                               : first >= 0xE0U && first < 0xF0U ? 3
                               : first >= 0xF0U && first < 0xF5U ? 4
                                                                 : 0;
    if (length == 0 || text.size() - i < length) return i;
    for (std::size_t k = 1; k < length; ++k) {
      if (starts_character(text[i + k])) return i;
    }
    // No longer than needed, no surrogates, nothing above U+10FFFF.
    const unsigned char second = length > 1 ? byte(i + 1) : 0;
    if ((first == 0xE0U && second < 0xA0U) || (first == 0xEDU && second >= 0xA0U) ||
        (first == 0xF0U && second < 0x90U) || (first == 0xF4U && second >= 0x90U)) {
      return i;
    }
    i += length;
  }
  return i;
}

}  // namespace pesan
