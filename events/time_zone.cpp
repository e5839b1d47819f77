#include "events/time_zone.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

#include "events/ascii.hpp"

namespace pesan {
namespace {

/// The library opens a file by the name that it is given, so the name must be one of IANA's: no way
/// out of the folder, and nothing that stands beside the zones.
bool is_spelt_like_a_zone(std::string_view name) {
  const auto good = [](char c) {
    return is_letter(c) || is_digit(c) || c == '/' || c == '_' || c == '-' || c == '+';
  };
  return std::ranges::all_of(name, good) && !name.starts_with('/') &&
         name.find("//") == name.npos && !name.starts_with("posix/") &&
         !name.starts_with("right/") && name != "posixrules" && name != "localtime" &&
         name != "UTC0";
}

}  // namespace

std::optional<TimeZone> TimeZone::find(std::string_view iana_name) {
  absl::TimeZone zone;
  if (!is_spelt_like_a_zone(iana_name) || !absl::LoadTimeZone(std::string(iana_name), &zone)) {
    return std::nullopt;
  }
  return TimeZone(zone);
}

LocalDateTime TimeZone::local(Instant instant) const {
  const std::int64_t offset_s = zone_.At(absl::FromUnixMillis(instant.ms)).offset;
  return {instant.ms + offset_s * 1000};
}

}  // namespace pesan
