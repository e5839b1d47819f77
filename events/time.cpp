#include "events/time.hpp"

#include <chrono>
#include <cstddef>

#include "events/ascii.hpp"

namespace pesan {
namespace {

/// Reads fixed-width fields from the front of a text; `ok()` is false after the first misfit.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  int digits(std::size_t count) {
    if (rest_.size() < count) return fail();
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!is_digit(rest_[i])) return fail();
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }
  void expect(char c) {
    if (rest_.empty() || rest_.front() != c) {
      fail();
    } else {
      rest_.remove_prefix(1);
    }
  }
  char take() {
    if (rest_.empty()) return static_cast<char>(fail());
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool ok() const { return ok_; }
  bool done() const { return ok_ && rest_.empty(); }

 private:
  int fail() {
    ok_ = false;
    rest_ = {};
    return 0;
  }
  std::string_view rest_;
  bool ok_ = true;
};

std::optional<Date> read_date(Cursor& cursor, int first_year) {
  const int year = cursor.digits(4);
  cursor.expect('-');
  const int month = cursor.digits(2);
  cursor.expect('-');
  const int day = cursor.digits(2);
  if (!cursor.ok() || year < first_year) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  return Date{static_cast<std::int32_t>(std::chrono::sys_days{date}.time_since_epoch().count())};
}

std::optional<LocalDateTime> read_local_minute(std::string_view text, int first_year) {
  Cursor cursor(text);
  const auto date = read_date(cursor, first_year);
  cursor.expect('T');
  const int hour = cursor.digits(2);
  cursor.expect(':');
  const int minute = cursor.digits(2);
  if (!date || !cursor.done() || hour > 23 || minute > 59) return std::nullopt;
  return at(*date, TimeOfDay{hour * 60 + minute});
}

/// Milliseconds of a fraction of any length, rounded down.
int read_fraction(Cursor& cursor) {
  int ms = 0;
  int scale = 100;
  if (!is_digit(cursor.peek())) cursor.expect('0');
  while (is_digit(cursor.peek())) {
    ms += (cursor.take() - '0') * scale;
    scale /= 10;
  }
  return ms;
}

char* put_digits(char* to, int value, std::size_t width) {
  for (std::size_t i = width; i > 0; --i) {
    to[i - 1] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  return to + width;
}

// Each writes its fixed width and answers the place behind it.

char* put_date(char* to, Date date) {
  const std::chrono::year_month_day ymd{std::chrono::sys_days{std::chrono::days{date.days}}};
  to = put_digits(to, static_cast<int>(ymd.year()), 4);
  *to++ = '-';
  to = put_digits(to, static_cast<int>(static_cast<unsigned>(ymd.month())), 2);
  *to++ = '-';
  return put_digits(to, static_cast<int>(static_cast<unsigned>(ymd.day())), 2);
}

char* put_time_of_day(char* to, TimeOfDay time) {
  to = put_digits(to, time.minutes / 60, 2);
  *to++ = ':';
  return put_digits(to, time.minutes % 60, 2);
}

char* put_local_minute(char* to, LocalDateTime local) {
  const Date date = date_of(local);
  to = put_date(to, date);
  *to++ = 'T';
  const std::int64_t in_day = local.ms - midnight(date).ms;
  return put_time_of_day(to, TimeOfDay{static_cast<std::int32_t>(in_day / ms_per_minute)});
}

char* put_local(char* to, LocalDateTime local) {
  to = put_local_minute(to, local);
  const std::int64_t in_day = local.ms - midnight(date_of(local)).ms;
  const int in_minute = static_cast<int>(in_day % ms_per_minute);
  *to++ = ':';
  to = put_digits(to, in_minute / 1000, 2);
  *to++ = '.';
  return put_digits(to, in_minute % 1000, 3);
}

/// Appends what `put` writes into a buffer that is wide enough for any of them.
template <class Put>
void append_put(std::string& out, Put put) {
  char buffer[32];
  const char* end = put(buffer);
  out.append(buffer, static_cast<std::size_t>(end - buffer));
}

}  // namespace

std::optional<Date> parse_date(std::string_view text) {
  Cursor cursor(text);
  const auto date = read_date(cursor, 1970);
  return cursor.done() ? date : std::nullopt;
}

std::optional<TimeOfDay> parse_time_of_day(std::string_view text) {
  Cursor cursor(text);
  const int hour = cursor.digits(2);
  cursor.expect(':');
  const int minute = cursor.digits(2);
  if (!cursor.done() || minute > 59 || hour * 60 + minute > 24 * 60) return std::nullopt;
  return TimeOfDay{hour * 60 + minute};
}

std::optional<LocalDateTime> parse_local_minute(std::string_view text) {
  return read_local_minute(text, 1970);
}

std::optional<LocalDateTime> parse_local(std::string_view text) {
  if (text.size() != 23 || text[16] != ':' || text[19] != '.') return std::nullopt;
  // West of Greenwich the clock's first hours were in 1969.
  const auto minute = read_local_minute(text.substr(0, 16), 1969);
  Cursor cursor(text.substr(17));
  const int second = cursor.digits(2);
  cursor.expect('.');
  const int ms = cursor.digits(3);
  if (!minute || !cursor.done() || second > 59) return std::nullopt;
  return LocalDateTime{minute->ms + second * 1000 + ms};
}

std::optional<Instant> parse_instant(std::string_view text) {
  Cursor cursor(text);
  // The range is judged in UTC: west of Greenwich 1970 begins in 1969.
  const auto date = read_date(cursor, 0);
  const char t = cursor.take();
  const int hour = cursor.digits(2);
  cursor.expect(':');
  const int minute = cursor.digits(2);
  cursor.expect(':');
  const int second = cursor.digits(2);
  int ms = 0;
  if (cursor.peek() == '.') {
    cursor.take();
    ms = read_fraction(cursor);
  }
  const char zone = cursor.take();
  int offset_minutes = 0;
  if (zone == '+' || zone == '-') {
    const int offset_hour = cursor.digits(2);
    cursor.expect(':');
    const int offset_minute = cursor.digits(2);
    if (offset_hour > 23 || offset_minute > 59) return std::nullopt;
    offset_minutes = (offset_hour * 60 + offset_minute) * (zone == '+' ? 1 : -1);
  } else if (zone != 'Z' && zone != 'z') {
    return std::nullopt;
  }
  if (!date || !cursor.done() || (t != 'T' && t != 't')) return std::nullopt;
  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const std::int64_t instant = date->days * ms_per_day +
                               (hour * 60 + minute - offset_minutes) * ms_per_minute +
                               second * 1000 + ms;
  constexpr std::int64_t end_of_2100 = 4'133'980'800'000;  // 2101-01-01T00:00:00Z
  if (instant < 0 || instant >= end_of_2100) return std::nullopt;
  return Instant{instant};
}

std::optional<Instant> parse_written_instant(std::string_view text) {
  if (!text.ends_with('Z')) return std::nullopt;
  const auto as_local = parse_local(text.substr(0, text.size() - 1));
  if (!as_local || as_local->ms < 0) return std::nullopt;
  return Instant{as_local->ms};
}

void append_date(std::string& out, Date date) {
  append_put(out, [&](char* to) { return put_date(to, date); });
}

void append_time_of_day(std::string& out, TimeOfDay time) {
  append_put(out, [&](char* to) { return put_time_of_day(to, time); });
}

void append_local_minute(std::string& out, LocalDateTime local) {
  append_put(out, [&](char* to) { return put_local_minute(to, local); });
}

void append_local(std::string& out, LocalDateTime local) {
  append_put(out, [&](char* to) { return put_local(to, local); });
}

void append_instant(std::string& out, Instant instant) {
  append_put(out, [&](char* to) {
    to = put_local(to, LocalDateTime{instant.ms});
    *to++ = 'Z';
    return to;
  });
}

std::string to_string(Date date) {
  std::string out;
  append_date(out, date);
  return out;
}

std::string to_string(TimeOfDay time) {
  std::string out;
  append_time_of_day(out, time);
  return out;
}

std::string to_string(LocalDateTime local) {
  std::string out;
  append_local(out, local);
  return out;
}

std::string to_string(Instant instant) {
  std::string out;
  append_instant(out, instant);
  return out;
}

}  // namespace pesan
