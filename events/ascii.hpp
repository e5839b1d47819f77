// Classes of characters in ASCII, whatever the locale says. A byte of a longer UTF-8 character is
// in none of them.
#pragma once

#include <algorithm>
#include <string_view>

namespace pesan {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_letter(char c) { return is_upper(c) || (c >= 'a' && c <= 'z'); }
constexpr bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

constexpr char lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

/// Also where there is none.
constexpr bool all_digits(std::string_view text) { return std::ranges::all_of(text, is_digit); }

}  // namespace pesan
