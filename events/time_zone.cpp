#include "events/time_zone.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <system_error>

#include <fmt/format.h>

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

std::optional<TimeZone> TimeZone::find(std::string_view iana_name, std::string_view folder) {
  if (!is_spelt_like_a_zone(iana_name)) return std::nullopt;
  const std::string file = fmt::format("{}/{}", folder, iana_name);
  // The library would remember each name that it did not find: for ever, and though its file came
  // later.
  std::error_code none;
  if (!std::filesystem::is_regular_file(file, none)) return std::nullopt;
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(file, &zone)) return std::nullopt;
  return TimeZone(zone);
}

LocalDateTime TimeZone::local(Instant instant) const {
  if (instant.ms < since_ms_ || instant.ms >= until_ms_) {
    using Limits = std::numeric_limits<std::int64_t>;
    const absl::Time time = absl::FromUnixMillis(instant.ms);
    const auto moment_of = [&](const absl::TimeZone::CivilTransition& change) {
      return absl::ToUnixMillis(zone_.At(change.to).trans);
    };
    absl::TimeZone::CivilTransition change;
    // Changes come at whole seconds, and the library's "before" leaves out the second itself.
    const bool changed = zone_.PrevTransition(time + absl::Seconds(1), &change);
    since_ms_ = changed ? moment_of(change) : Limits::min();
    until_ms_ = zone_.NextTransition(time, &change) ? moment_of(change) : Limits::max();
    offset_ms_ = std::int64_t{zone_.At(time).offset} * 1000;
  }
  return {instant.ms + offset_ms_};
}

Instant TimeZone::first_showing(LocalDateTime local) const {
  const Date day = date_of(local);
  const std::int64_t in_day = local.ms - midnight(day).ms;
  const absl::CivilSecond civil = absl::CivilSecond(absl::CivilDay() + day.days) + in_day / 1000;
  const absl::TimeZone::TimeInfo there = zone_.At(civil);
  const bool skipped = there.kind == absl::TimeZone::TimeInfo::SKIPPED;
  return {
      absl::ToUnixMillis(skipped ? there.trans : there.pre + absl::Milliseconds(in_day % 1000))};
}

}  // namespace pesan
