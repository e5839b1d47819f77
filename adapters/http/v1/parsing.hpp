// How the texts of a request are read where they are neither JSON nor a field of a command: names
// in any case, and numbers that are nothing but digits. Pure; any thread.
#pragma once

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "events/ascii.hpp"

namespace pesan::http::v1 {

inline bool same_name(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, {}, lower, lower);
}

template <class Integer>
std::optional<Integer> number_in(std::string_view text) {
  Integer value{};
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || value < 0) {
    return std::nullopt;
  }
  return value;
}

}  // namespace pesan::http::v1
