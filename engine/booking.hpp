// A booking as the engine remembers it: what the rules ask for and no guest data. The rest of what
// the guest gave is kept as digests, only to tell whether a change changes anything. A few hundred
// bytes would do for one; there may be millions, so members are small and optional ones are packed.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "events/digest.hpp"
#include "events/events.hpp"
#include "events/ids.hpp"
#include "events/time.hpp"
#include "events/vocabulary.hpp"

namespace pesan {

/// An optional integer that costs no more than the integer: the lowest value stands for nothing.
template <class Int>
class Packed {
 public:
  constexpr Packed() = default;
  template <class T>
  constexpr void set(const std::optional<T>& value) {
    raw_ = value ? static_cast<Int>(*value) : none;
  }
  constexpr std::optional<Int> get() const {
    return raw_ == none ? std::nullopt : std::optional<Int>(raw_);
  }
  bool operator==(const Packed&) const = default;

 private:
  static constexpr Int none = std::numeric_limits<Int>::lowest();
  Int raw_ = none;
};

struct Booking {
  std::uint32_t resource = 0;  // index in the state
  // Of a service's booking its slot and the one that it holds, by their indexes in the resource; of
  // a room's the nights that it holds, in days.
  union {
    std::uint32_t slot = 0;
    std::int32_t held_first;
  };
  const char* suffix_data = nullptr;  // in the state's arena
  std::uint8_t suffix_size = 0;
  Status status = Status::pending;
  Payment payment = Payment::unpaid;
  bool deleted = false;  // the id stays taken
  std::uint16_t units = 1;
  std::uint16_t held_units = 0;  // 0 holds nothing
  union {
    std::uint32_t held_slot = 0;
    std::int32_t held_end;
  };
  Packed<std::int32_t> check_in_days;
  Packed<std::int32_t> check_out_days;
  Packed<std::int16_t> party;
  Packed<std::int64_t> checked_in_ms;
  Packed<std::int64_t> checked_out_ms;
  /// Of a pending booking until when it is on hold, of a confirmed one when it was last touched;
  /// nobody asks either of any other.
  Packed<std::int64_t> waits_ms;
  Packed<std::int64_t> appointment_ms;
  Packed<std::int64_t> price;  // minor units, the snapshot
  Version version;             // of the last event that touched it
  Digest creator;              // of the user's id; zero when no user created it
  Digest customer_ref;         // zero without one
  std::uint64_t customer = 0;  // short digests of what else was given; zero = not given
  std::uint64_t subject = 0;
  std::uint64_t staff = 0;
  std::uint64_t notes = 0;

  std::string_view suffix() const { return {suffix_data, suffix_size}; }
  std::optional<Date> check_in() const { return day(check_in_days); }
  std::optional<Date> check_out() const { return day(check_out_days); }
  std::optional<std::int64_t> nights() const {
    const auto from = check_in_days.get();
    const auto to = check_out_days.get();
    return from && to ? std::optional<std::int64_t>(*to - *from) : std::nullopt;
  }
  std::optional<std::int64_t> party_size() const { return party.get(); }
  std::optional<std::int64_t> price_minor() const { return price.get(); }
  std::optional<Instant> checked_in_at() const { return instant(checked_in_ms); }
  std::optional<Instant> checked_out_at() const { return instant(checked_out_ms); }
  std::optional<Instant> hold_until() const {
    return status == Status::pending ? instant(waits_ms) : std::nullopt;
  }
  std::optional<Instant> confirmed_and_touched_at() const {
    return status == Status::confirmed ? instant(waits_ms) : std::nullopt;
  }
  std::optional<LocalDateTime> appointment_at() const {
    const auto ms = appointment_ms.get();
    return ms ? std::optional(LocalDateTime{*ms}) : std::nullopt;
  }

 private:
  static std::optional<Date> day(const Packed<std::int32_t>& days) {
    const auto value = days.get();
    return value ? std::optional(Date{*value}) : std::nullopt;
  }
  static std::optional<Instant> instant(const Packed<std::int64_t>& ms) {
    const auto value = ms.get();
    return value ? std::optional(Instant{*value}) : std::nullopt;
  }
};

/// Of what the engine does not keep; equal values have equal digests.
std::uint64_t digest_of_customer(const Customer& customer);
/// What is given replaces.
void replace(Booking& booking, const Particulars& given);
/// Whether that would change nothing.
bool has_already(const Booking& booking, const Particulars& given);
/// Of an actor's or a customer's own id; never zero.
Digest digest_of_person(std::string_view id);

/// pending, confirmed or in_progress: the booking is still to come or under way.
constexpr bool is_open(Status status) {
  return status == Status::pending || status == Status::confirmed || status == Status::in_progress;
}

}  // namespace pesan
