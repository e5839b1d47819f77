// Days, local times and instants as the texts that commands and rows spell them in.
//
// The auditor compares dates and local times as text: with four-digit years the order of the
// texts is the order of time. Only counting nights and time zones need numbers. Pure functions
// but for the system's time zone database, which is read once; any thread may call them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pesan::audit {

// `YYYY-MM-DD`, a real day of 1970 to 9999, as days since 1970-01-01.
std::optional<int> day_number(std::string_view text);
std::string day_text(int day);

// `HH:MM`, 00:00 to 24:00.
bool is_time_of_day(std::string_view text);

// `YYYY-MM-DDTHH:MM` with hours 00 to 23.
bool is_local_minute(std::string_view text);

// `2026-11-20T08:00:00.000Z`
std::string instant_text(std::int64_t ms);

// The local time of an instant: `2026-11-20T15:00:00.000`; its first ten characters are the day.
std::string local_text(const std::string& zone, std::int64_t ms);

// The first instant at which clocks there show `local` (`YYYY-MM-DDTHH:MM`) plus so many minutes,
// or later.
std::int64_t first_showing(const std::string& zone, const std::string& local, std::int64_t minutes);

// An IANA name that this system's database knows.
bool is_known_zone(const std::string& zone);

// RFC 3339 in the years 1970 to 2100 (UTC), in milliseconds rounded down.
std::optional<std::int64_t> read_instant(std::string_view text);

}  // namespace pesan::audit
