#include "events/time_zone.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <stdexcept>
#include <string>

#include <date/tz.h>

namespace pesan {
namespace {

std::int64_t clamped_ms(date::sys_seconds time) {
  constexpr std::int64_t limit = std::numeric_limits<std::int64_t>::max() / 1000;
  return std::clamp<std::int64_t>(time.time_since_epoch().count(), -limit, limit) * 1000;
}

}  // namespace

std::optional<TimeZone> TimeZone::find(std::string_view iana_name) {
  // Files beside the zones that the library takes for zones, though IANA names none so.
  if (iana_name == "localtime" || iana_name == "posixrules") return std::nullopt;
  // The library has no look-up that does not throw.
  try {
    return TimeZone(date::locate_zone(std::string(iana_name)));
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
}

LocalDateTime TimeZone::local(Instant instant) const {
  if (instant.ms < since_ms_ || instant.ms >= until_ms_) {
    const auto info = zone_->get_info(
        date::sys_time<std::chrono::milliseconds>{std::chrono::milliseconds{instant.ms}});
    since_ms_ = clamped_ms(info.begin);
    until_ms_ = clamped_ms(info.end);
    offset_ms_ = std::chrono::duration_cast<std::chrono::milliseconds>(info.offset).count();
  }
  return {instant.ms + offset_ms_};
}

}  // namespace pesan
