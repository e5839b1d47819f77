// Instants, dates and local times as plain integers with a unit each, and their text forms.
// Nothing here reads a clock: time enters pesan as data. Parsers accept exactly the forms of the
// wire (docs/domain.md#fields) and answer nullopt for anything else; `append_*` write those same
// forms.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pesan {

inline constexpr std::int64_t ms_per_minute = 60'000;
inline constexpr std::int64_t ms_per_day = 86'400'000;

/// A point in time: milliseconds since 1970-01-01T00:00:00Z.
struct Instant {
  std::int64_t ms = 0;
  auto operator<=>(const Instant&) const = default;
};

/// A calendar day, local to some resource: days since 1970-01-01.
struct Date {
  std::int32_t days = 0;
  auto operator<=>(const Date&) const = default;
};

/// A wall-clock time of day: minutes since midnight, 0 to 1440 (24:00 ends a day).
struct TimeOfDay {
  std::int32_t minutes = 0;
  auto operator<=>(const TimeOfDay&) const = default;
};

/// A wall-clock reading, local to some resource: milliseconds since 1970-01-01T00:00 as written.
struct LocalDateTime {
  std::int64_t ms = 0;
  auto operator<=>(const LocalDateTime&) const = default;
};

constexpr LocalDateTime at(Date date, TimeOfDay time) {
  return {date.days * ms_per_day + time.minutes * ms_per_minute};
}
constexpr LocalDateTime midnight(Date date) { return at(date, TimeOfDay{0}); }
constexpr Date date_of(LocalDateTime local) {
  const std::int64_t days = local.ms / ms_per_day;
  return {static_cast<std::int32_t>(local.ms % ms_per_day < 0 ? days - 1 : days)};
}

/// `YYYY-MM-DD`, a real day of 1970 to 9999.
std::optional<Date> parse_date(std::string_view text);
/// `HH:MM`, 00:00 to 24:00.
std::optional<TimeOfDay> parse_time_of_day(std::string_view text);
/// `YYYY-MM-DDTHH:MM`, 00:00 to 23:59.
std::optional<LocalDateTime> parse_local_minute(std::string_view text);
/// `YYYY-MM-DDTHH:MM:SS.mmm`, the form of `append_local`.
std::optional<LocalDateTime> parse_local(std::string_view text);
/// RFC 3339 of 1970 to 2100 (UTC); fractions of a millisecond are dropped. No leap seconds.
std::optional<Instant> parse_instant(std::string_view text);

/// `YYYY-MM-DDTHH:MM:SS.mmmZ`, the form of `append_instant`, from 1970 on: what pesan wrote may be
/// later than what it takes.
std::optional<Instant> parse_written_instant(std::string_view text);

void append_date(std::string& out, Date date);                    // 2026-12-01
void append_time_of_day(std::string& out, TimeOfDay time);        // 09:30
void append_local_minute(std::string& out, LocalDateTime local);  // 2026-12-01T09:30
void append_local(std::string& out, LocalDateTime local);         // 2026-12-01T09:30:00.000
void append_instant(std::string& out, Instant instant);           // 2026-12-01T02:30:00.000Z

std::string to_string(Date date);
std::string to_string(TimeOfDay time);
std::string to_string(LocalDateTime local);  // with milliseconds
std::string to_string(Instant instant);

}  // namespace pesan
