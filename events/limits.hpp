// How long a text and how large a number may be, each named once: the rules of fields, the widths
// of tables and the words for people take them from here. Lengths are in characters (Unicode code
// points). What is accepted is in logs for ever, so a limit may grow (with the tables), never
// shrink. Constants; any thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "events/vocabulary.hpp"

namespace pesan::limit {

inline constexpr std::int32_t resource_id = 63;
inline constexpr std::int32_t schedule_id = 40;
inline constexpr std::int32_t booking_suffix = 40;
inline constexpr std::int32_t booking_id = resource_id + 1 + booking_suffix;
inline constexpr std::int32_t short_text = 200;  // ids of others, reasons, kinds
inline constexpr std::int32_t name = 200;
inline constexpr std::int32_t long_text = 2'000;
inline constexpr std::int32_t phone = 40;
inline constexpr std::int32_t fewest_phone_digits = 5;
inline constexpr std::int32_t most_phone_digits = 20;
inline constexpr std::int32_t email = 254;
inline constexpr std::int32_t currency = 3;
inline constexpr std::int32_t detail = 200;  // of a rejection; longer ones are cut

inline constexpr std::int64_t capacity = 1'000'000;
inline constexpr std::int64_t count = 10'000;
inline constexpr std::int64_t overbook = 10'000;
inline constexpr std::int64_t timer_minutes = 43'200;         // thirty days
inline constexpr std::int64_t money = 1'000'000'000'000'000;  // 10^15
inline constexpr std::int64_t nights = 3'660;                 // of a stay
/// 2100-01-01T00:00:00Z: an instant that is given lies before it.
inline constexpr std::int64_t end_of_instants_ms = 4'102'444'800'000;

/// The longest name of a closed vocabulary.
template <NamedEnum E>
inline constexpr std::int32_t name_of_any = [] {
  std::size_t longest = 0;
  for (const auto one : EnumNames<E>::names) longest = std::max(longest, one.size());
  return static_cast<std::int32_t>(longest);
}();

}  // namespace pesan::limit
