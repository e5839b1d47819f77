// The field rules (docs/domain.md#fields) as data: what the reader checks, what the JSON Schema
// says, what a rejection names and what tests make up all come from these values. Constants; any
// thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "events/limits.hpp"

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
struct Moment {};  // an instant
struct Flag {};
struct Object {};  // with fields of its own
struct None {};    // of events alone: whoever makes it keeps it

inline constexpr Text resource{1, limit::resource_id, Form::resource};
inline constexpr Text schedule_id{1, limit::schedule_id, Form::schedule};
inline constexpr Text booking_id{3, limit::booking_id, Form::booking};
inline constexpr Text own_booking_id{3, limit::booking_id, Form::own_booking};
inline constexpr Text short_text{1, limit::short_text};
inline constexpr Text name{1, limit::name, Form::name};
inline constexpr Text long_text{0, limit::long_text};
inline constexpr Text phone{1, limit::phone, Form::phone};
inline constexpr Text email{5, limit::email, Form::email};
inline constexpr Text currency{limit::currency, limit::currency, Form::currency};
inline constexpr Text timezone{1, limit::short_text, Form::timezone};
inline constexpr Integer capacity{0, limit::capacity};
inline constexpr Integer count{1, limit::count};
inline constexpr Integer overbook{0, limit::overbook};
inline constexpr Integer timer_minutes{0, limit::timer_minutes};
inline constexpr Integer money{0, limit::money};
inline constexpr Integer version{0, limit::money};
inline constexpr Choice all_names{99};
inline constexpr Choice first_two{2};
inline constexpr Day day;
inline constexpr Time time;
inline constexpr Appointment appointment;
inline constexpr Moment moment;
inline constexpr Flag flag;
inline constexpr Object object;
inline constexpr None none;

}  // namespace pesan::rule
