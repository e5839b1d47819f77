// What the deciders of bookings share: an existing booking and who may touch it, the facet of its
// next event, the rules of fit, and the price.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "engine/decision.hpp"

namespace pesan {

/// A booking that the command names, with its resource and the time there.
struct Existing {
  const Resource& resource;
  const Booking& booking;
  BookingId id;
  LocalDateTime local_now;

  Date today() const { return date_of(local_now); }
  bool checked_in() const { return booking.checked_in_at().has_value(); }
};

/// Stage look up: resource_not_found, booking_not_found.
std::expected<Existing, Rejection> look_up(const Question& q, BookingId id);

/// Stage guard: version_conflict.
std::optional<Rejection> guard_version(const Question& q, const Existing& existing);

/// Whether it is the user's: created by that user, or its customer.ref is that user's id; and
/// nobody has checked in. Admin and system pass.
bool may_touch(const Question& q, const Existing& existing);

/// The facet of an event that changes nothing yet: every `to` is as `from`.
BookingFacet unchanged(const State& state, const Existing& existing);

/// Where a booking stands, or is to stand: its dates or its slot.
struct Placement {
  std::optional<Date> check_in;
  std::optional<Date> check_out;
  const Schedule* slot = nullptr;
  std::optional<LocalDateTime> appointment_at;

  std::optional<std::int64_t> nights() const {
    if (!check_in || !check_out) return std::nullopt;
    return check_out->days - check_in->days;
  }
  Buckets buckets(const Resource& resource) const;
};

Placement placement_of(const Existing& existing);

/// Completes the facet: whether the booking occupies now, and what it holds of `all` its buckets
/// (docs/domain.md#holding); capacity_exceeded where there is no room for what is newly held.
std::optional<Rejection> settle(BookingFacet& facet, const Resource& resource, const Buckets& all,
                                std::int64_t units, LocalDateTime local_now);

// ---- stage fit ----

/// invalid_field: which of check_in, check_out, schedule_id, appointment_at is needed and missing,
/// or refused by this inventory. A counter room takes both dates or neither, unless `dates_needed`.
struct PlacementGiven {
  bool check_in = false;
  bool check_out = false;
  bool schedule_id = false;
  bool appointment_at = false;
};
std::optional<Rejection> misplaced_field(const Resource& resource, const PlacementGiven& given,
                                         bool dates_needed);

/// The appointment lies outside its slot.
bool appointment_outside(const Placement& place);

/// The day, the appointment or else the slot has begun: users may not book it.
bool not_in_time(const Placement& place, LocalDateTime local_now);

/// party_size above max_party × units.
bool party_too_large(const Resource& resource, std::optional<std::int64_t> party_size,
                     std::int64_t units);

/// Fewer or more nights than the room allows.
std::optional<Rejection> stay_restriction(const Resource& resource, const Placement& place);

/// price × nights × units, or price × units of a service; null without a price or nights.
struct Total {
  std::optional<std::int64_t> minor;
  bool too_large = false;  // above 10^15
};
Total total_of(const Resource& resource, std::optional<std::int64_t> price_minor,
               std::optional<std::int64_t> nights, std::int64_t units);

}  // namespace pesan
