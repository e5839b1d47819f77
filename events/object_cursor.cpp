#include "events/object_cursor.hpp"

#include <charconv>
#include <cstdint>

#include "events/ascii.hpp"
#include "events/json_writer.hpp"

namespace pesan {

std::optional<std::string_view> log_id_in(std::string_view source, std::string_view topic) {
  constexpr std::string_view prefix = "/pesan/";
  if (!source.starts_with(prefix)) return std::nullopt;
  source.remove_prefix(prefix.size());
  const auto slash = source.find('/');
  if (slash == source.npos || slash == 0 || source.substr(slash + 1) != topic) return std::nullopt;
  const auto log_id = source.substr(0, slash);
  return is_plain(log_id) ? std::optional(log_id) : std::nullopt;
}

std::optional<std::int64_t> parse_digits(std::string_view text) {
  std::int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  return all_digits(text) && parsed.ec == std::errc{} ? std::optional(value) : std::nullopt;
}

}  // namespace pesan
