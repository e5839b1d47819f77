// What a booking holds (docs/domain.md#holding): whether it occupies, what is kept of a stay that
// is over, and whether there is room for what is newly needed. Pure functions of values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/resource.hpp"
#include "events/events.hpp"

namespace pesan {

/// What decides whether a booking occupies, beside its resource's policy.
struct Standing {
  Status status = Status::pending;
  Payment payment = Payment::unpaid;
  bool checked_out = false;
  bool on_hold = false;
};

/// The one predicate that decides whether a booking occupies.
constexpr bool occupies(Occupancy policy, const Standing& booking) {
  const auto [status, payment, checked_out, on_hold] = booking;
  if (on_hold) return true;
  switch (policy) {
    case Occupancy::on_create: return status != Status::cancelled && status != Status::expired;
    case Occupancy::on_confirm:
      return (status == Status::confirmed || status == Status::in_progress) && !checked_out;
    case Occupancy::on_payment:
      return (status == Status::pending || status == Status::confirmed ||
              status == Status::in_progress) &&
             (payment == Payment::partial || payment == Payment::paid);
  }
  return false;
}

/// What is used of what was held: nights before today, a slot that has started; of a counter
/// nothing.
std::optional<Held> used_of(const std::optional<Held>& held, const Resource& resource,
                            LocalDateTime local_now);

/// A bucket without room for what a booking newly needs.
struct Shortage {
  std::string bucket;
  std::int64_t asked = 0;
  std::int64_t left = 0;  // capacity + overbook_limit − held by others; may be negative
};

/// The first short bucket, in order, of those that `after` needs beyond `before`.
std::optional<Shortage> shortage(const Resource& resource, const std::optional<Held>& before,
                                 const std::optional<Held>& after);

}  // namespace pesan
