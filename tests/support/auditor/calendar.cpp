#include "tests/support/auditor/calendar.hpp"

#include <algorithm>
#include <chrono>

#include <absl/time/time.h>
#include <fmt/format.h>

namespace pesan::audit {
namespace {

constexpr std::int64_t ms_per_day = 86'400'000;

// The value of exactly `length` digits at `at`, or -1.
int number_at(std::string_view text, std::size_t at, std::size_t length) {
  if (at + length > text.size()) return -1;
  int value = 0;
  for (const char c : text.substr(at, length)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

// Any four-digit year; the callers know which years they take.
std::optional<int> any_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const int year = number_at(text, 0, 4);
  const int month = number_at(text, 5, 2);
  const int day = number_at(text, 8, 2);
  if (year < 0 || month < 0 || day < 0) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

std::string stamp_text(std::int64_t ms) {
  const std::int64_t day = floor_div(ms, ms_per_day);
  const std::int64_t rest = ms - day * ms_per_day;
  return fmt::format("{}T{:02}:{:02}:{:02}.{:03}", day_text(static_cast<int>(day)),
                     rest / 3'600'000, rest / 60'000 % 60, rest / 1000 % 60, rest % 1000);
}

std::optional<absl::TimeZone> find_zone(const std::string& name) {
  absl::TimeZone zone;
  return absl::LoadTimeZone(name, &zone) ? std::optional(zone) : std::nullopt;
}

}  // namespace

std::optional<int> day_number(std::string_view text) {
  const auto day = any_day(text);
  return day && *day >= 0 ? day : std::nullopt;
}

std::string day_text(int day) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

bool is_time_of_day(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return false;
  const int hour = number_at(text, 0, 2);
  const int minute = number_at(text, 3, 2);
  if (hour < 0 || minute < 0 || minute > 59) return false;
  return hour < 24 || (hour == 24 && minute == 0);
}

bool is_local_minute(std::string_view text) {
  if (text.size() != 16 || text[10] != 'T') return false;
  const auto time = text.substr(11);
  return day_number(text.substr(0, 10)) && is_time_of_day(time) && time != "24:00";
}

std::string instant_text(std::int64_t ms) { return stamp_text(ms) + "Z"; }

std::string local_text(const std::string& zone, std::int64_t ms) {
  return stamp_text(ms + find_zone(zone)->At(absl::FromUnixMillis(ms)).offset * 1000);
}

std::int64_t first_showing(const std::string& zone, const std::string& local,
                           std::int64_t minutes) {
  const int hour = number_at(local, 11, 2);
  const int minute = number_at(local, 14, 2);
  const std::int64_t shown =
      *any_day(local.substr(0, 10)) * ms_per_day + (hour * 60 + minute + minutes) * 60'000;
  const absl::TimeZone there = *find_zone(zone);
  // Between two changes of its offset a clock shows later and later times.
  constexpr std::int64_t earlier_than_any_zone = 20 * 3'600'000;
  for (std::int64_t from = shown - earlier_than_any_zone;;) {
    const absl::Time time = absl::FromUnixMillis(from);
    const std::int64_t at = std::max(from, shown - there.At(time).offset * 1000);
    absl::TimeZone::CivilTransition change;
    if (!there.NextTransition(time, &change)) return at;
    const std::int64_t changes = absl::ToUnixMillis(there.At(change.to).trans);
    if (at < changes) return at;
    from = changes;
  }
}

bool is_known_zone(const std::string& zone) {
  // `localtime` is a file of the system's database, not a name of IANA's.
  return zone != "localtime" && find_zone(zone);
}

std::optional<std::int64_t> read_instant(std::string_view text) {
  const auto day = any_day(text.substr(0, 10));
  if (!day || text.size() < 20 || (text[10] != 'T' && text[10] != 't')) return std::nullopt;
  const int hour = number_at(text, 11, 2);
  const int minute = number_at(text, 14, 2);
  const int second = number_at(text, 17, 2);
  if (text[13] != ':' || text[16] != ':' || hour < 0 || minute < 0 || second < 0) {
    return std::nullopt;
  }
  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;

  std::size_t at = 19;
  std::int64_t ms = 0;
  if (text[at] == '.') {
    const auto first = ++at;
    for (std::int64_t worth = 100; number_at(text, at, 1) >= 0; ++at, worth /= 10) {
      ms += worth * number_at(text, at, 1);
    }
    if (at == first) return std::nullopt;
  }
  std::int64_t offset_minutes = 0;
  const auto zone = text.substr(at);
  if (zone.size() == 6 && (zone[0] == '+' || zone[0] == '-') && zone[3] == ':') {
    const int hours = number_at(zone, 1, 2);
    const int minutes = number_at(zone, 4, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
    offset_minutes = (zone[0] == '+' ? 1 : -1) * (hours * 60 + minutes);
  } else if (zone != "Z" && zone != "z") {
    return std::nullopt;
  }
  const std::int64_t minutes = (*day * std::int64_t{24} + hour) * 60 + minute - offset_minutes;
  const std::int64_t instant = (minutes * 60 + second) * 1000 + ms;
  const std::int64_t year_2101 = *any_day("2101-01-01") * ms_per_day;
  if (instant < 0 || instant >= year_2101) return std::nullopt;
  return instant;
}

}  // namespace pesan::audit
