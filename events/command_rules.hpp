// The field rules (docs/domain.md#fields) as data: what the reader checks, what the JSON Schema
// says and what a rejection names all come from these values.
#pragma once

#include <cstdint>
#include <string_view>

namespace pesan::rule {

enum class Form : std::uint8_t {
  any,          // only the length counts
  name,         // not only white space
  resource,     // [A-Za-z0-9][A-Za-z0-9_-]*
  schedule,     // the same
  booking,      // <resource>.<suffix>, of the command's resource
  own_booking,  // the same, and the suffix is not all digits
  currency,     // three capital letters
  phone,        // 5 to 20 digits among the characters
  email,        // one @, a dotted domain, no white space
  timezone,     // an IANA name the system knows
};

/// Lengths are in characters (Unicode code points).
struct Text {
  std::int32_t min = 0;
  std::int32_t max = 0;
  Form form = Form::any;
};

struct Integer {
  std::int64_t min = 0;
  std::int64_t max = 0;
};

/// The first `count` names of the field's enum.
struct Choice {
  std::size_t count;
};

struct Day {};
struct Time {};
struct Appointment {};
struct Flag {};

inline constexpr std::int64_t money_limit = 1'000'000'000'000'000;  // 10^15
inline constexpr std::int64_t longest_stay = 3'660;                 // nights

inline constexpr Text resource{1, 63, Form::resource};
inline constexpr Text schedule_id{1, 40, Form::schedule};
inline constexpr Text booking_id{3, 104, Form::booking};
inline constexpr Text own_booking_id{3, 104, Form::own_booking};
inline constexpr Text short_text{1, 200};
inline constexpr Text name{1, 200, Form::name};
inline constexpr Text long_text{0, 2'000};
inline constexpr Text phone{1, 40, Form::phone};
inline constexpr Text email{5, 254, Form::email};
inline constexpr Text currency{3, 3, Form::currency};
inline constexpr Text timezone{1, 200, Form::timezone};
inline constexpr Integer capacity{0, 1'000'000};
inline constexpr Integer count{1, 10'000};
inline constexpr Integer overbook{0, 10'000};
inline constexpr Integer money{0, money_limit};
inline constexpr Integer version{0, money_limit};
inline constexpr Choice all_names{99};
inline constexpr Choice first_two{2};
inline constexpr Day day;
inline constexpr Time time;
inline constexpr Appointment appointment;
inline constexpr Flag flag;

}  // namespace pesan::rule
