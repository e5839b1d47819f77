// The identifiers of docs/domain.md#ids and docs/wire.md as types of their own, so that one cannot
// stand for another. Text ids borrow: they are views into the record or state that they were read
// from, and live no longer than it. Positions (partition, offset, sequence, version) are plain
// strong integers.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "events/assert.hpp"

namespace pesan {

/// A borrowed identifier; `Tag` tells which kind.
template <class Tag>
struct TextId {
  std::string_view text;

  constexpr TextId() = default;
  constexpr explicit TextId(std::string_view value) : text(value) {}
  // Literals may be written as they are: their lifetime is the program's.
  template <std::size_t N>
  constexpr TextId(const char (&literal)[N]) : text(literal, N - 1) {}  // NOLINT

  constexpr bool empty() const { return text.empty(); }
  constexpr auto operator<=>(const TextId&) const = default;
};

using ResourceId = TextId<struct ResourceTag>;
using ScheduleId = TextId<struct ScheduleTag>;

/// `<resource>.<suffix>`: the id alone says where the booking lives.
struct BookingId : TextId<struct BookingTag> {
  using TextId::TextId;
  /// A resource id has no dot, so the first one divides.
  constexpr ResourceId resource() const { return ResourceId{text.substr(0, text.find('.'))}; }
  constexpr std::string_view suffix() const {
    const auto dot = text.find('.');
    return dot == std::string_view::npos ? std::string_view{} : text.substr(dot + 1);
  }
};

template <class Tag>
struct Ordinal {
  std::int64_t value = 0;
  constexpr auto operator<=>(const Ordinal&) const = default;
  constexpr Ordinal next() const { return {value + 1}; }
};

using Offset = Ordinal<struct OffsetTag>;      // place of a record in a partition of a topic
using Sequence = Ordinal<struct SequenceTag>;  // gapless count of events in a partition, from 0
using Version = Ordinal<struct VersionTag>;    // gapless count of events of a resource, from 1

struct Partition {
  std::int32_t value = 0;
  constexpr auto operator<=>(const Partition&) const = default;
};

/// The most that a log can have: the numbers of bookings leave so much room for the partition.
inline constexpr std::int32_t max_partitions = 1024;

/// The integer name of a booking, for callers that need one (docs/domain.md#ids). No two bookings
/// of a log share one, as its partitions are below `max_partitions`.
constexpr std::int64_t booking_number(Sequence sequence, Partition partition) {
  PESAN_ASSERT(partition.value >= 0 && partition.value < max_partitions,
               "a partition beyond those that a log can have");
  return sequence.value * max_partitions + partition.value;
}

}  // namespace pesan
