#include "engine/booking_rules.hpp"

#include "engine/holding.hpp"
#include "events/command_rules.hpp"
#include "events/rule_text.hpp"

namespace pesan {

std::expected<Existing, Rejection> look_up(const Question& q, BookingId id) {
  const Resource* resource = q.state.find(q.command.resource);
  if (resource == nullptr) return reject(Code::resource_not_found);
  const Booking* booking = q.state.find(*resource, id);
  if (booking == nullptr) return reject(Code::booking_not_found);
  return Existing{*resource, *booking, id, resource->zone.local(q.moment.now)};
}

std::optional<Rejection> guard_version(const Question& q, const Existing& existing) {
  const auto& expected = q.command.expected_version;
  if (!expected || *expected == existing.booking.version.value) return std::nullopt;
  return Rejection{Code::version_conflict,
                   {{"expected", *expected}, {"actual", existing.booking.version.value}}};
}

bool may_touch(const Question& q, const Existing& existing) {
  if (!q.by_user()) return true;
  const Digest user = digest_of_person(q.command.actor.id);
  const bool theirs = existing.booking.creator == user || existing.booking.customer_ref == user;
  return theirs && !existing.checked_in();
}

BookingFacet unchanged(const State& state, const Existing& existing) {
  const Booking& booking = existing.booking;
  const auto held = state.held_by(booking);
  const bool occupying = occupies(existing.resource.definition.occupancy,
                                  {.status = booking.status,
                                   .payment = booking.payment,
                                   .checked_out = booking.checked_out_at().has_value(),
                                   .on_hold = booking.hold_until().has_value()});
  return {.booking_id = existing.id,
          .inventory = existing.resource.definition.inventory,
          .status = {booking.status, booking.status},
          .payment = {booking.payment, booking.payment},
          .occupies = {occupying, occupying},
          .held = {held, held},
          .checked_in_at = booking.checked_in_at(),
          .checked_out_at = booking.checked_out_at(),
          .hold_until = booking.hold_until()};
}

Buckets Placement::buckets(const Resource& resource) const {
  Buckets buckets{.inventory = resource.definition.inventory, .first = {}, .end = {}, .slot = {}};
  if (buckets.inventory == Inventory::nightly) {
    buckets.first = *check_in;
    buckets.end = *check_out;
  } else if (buckets.inventory == Inventory::slots) {
    buckets.slot = ScheduleId{std::string_view(slot->id)};
  }
  return buckets;
}

Placement placement_of(const Existing& existing) {
  const Booking& booking = existing.booking;
  return {
      .check_in = booking.check_in(),
      .check_out = booking.check_out(),
      .slot = existing.resource.is_room() ? nullptr : &existing.resource.schedules[booking.slot],
      .appointment_at = booking.appointment_at()};
}

std::optional<Rejection> settle(BookingFacet& facet, const Resource& resource, const Buckets& all,
                                std::int64_t units, LocalDateTime local_now) {
  if (facet.status.to != Status::pending) facet.hold_until.reset();
  facet.occupies.to =
      occupies(resource.definition.occupancy, {.status = *facet.status.to,
                                               .payment = *facet.payment.to,
                                               .checked_out = facet.checked_out_at.has_value(),
                                               .on_hold = facet.hold_until.has_value()});
  if (facet.occupies.to) {
    facet.held.to = Held{all, units};
  } else if (facet.status.to == Status::completed || facet.checked_in_at) {
    // A booking that did not occupy holds what it used, also where clocks go back since.
    facet.held.to =
        facet.occupies.from ? used_of(facet.held.from, resource, local_now) : facet.held.from;
  } else {
    facet.held.to = std::nullopt;
  }
  if (auto lack = shortage(resource, facet.held.from, facet.held.to)) {
    return Rejection{
        Code::capacity_exceeded,
        {{"bucket", std::move(lack->bucket)}, {"asked", lack->asked}, {"left", lack->left}}};
  }
  return std::nullopt;
}

std::optional<Rejection> misplaced_field(const Resource& resource, const PlacementGiven& given,
                                         bool dates_needed) {
  const bool room = resource.is_room();
  const bool nightly = resource.definition.inventory == Inventory::nightly;
  const bool dates = room && (nightly || dates_needed || given.check_in || given.check_out);
  const auto missing = [](std::string_view field, const auto& rule) {
    return invalid_field(field, Breach::missing, text_of_rule(rule));
  };
  const auto refused = [&](std::string_view field) {
    return invalid_field(field, Breach::refused,
                         room ? "not with a room, which takes check_in and check_out"
                              : "not with a service, which takes schedule_id");
  };
  if (given.check_in != dates) return dates ? missing("check_in", rule::day) : refused("check_in");
  if (given.check_out != dates) {
    return dates ? missing("check_out", rule::day) : refused("check_out");
  }
  if (given.schedule_id != !room) {
    return room ? refused("schedule_id") : missing("schedule_id", rule::schedule_id);
  }
  if (given.appointment_at && room) return refused("appointment_at");
  return std::nullopt;
}

bool appointment_outside(const Placement& place) {
  if (!place.slot || !place.appointment_at) return false;
  return *place.appointment_at < place.slot->starts_at() ||
         *place.appointment_at >= at(place.slot->date, place.slot->end);
}

bool not_in_time(const Placement& place, LocalDateTime local_now) {
  if (place.slot != nullptr) {
    return place.appointment_at.value_or(place.slot->starts_at()) <= local_now;
  }
  return place.check_in && *place.check_in < date_of(local_now);
}

bool party_too_large(const Resource& resource, std::optional<std::int64_t> party_size,
                     std::int64_t units) {
  const auto& max_party = resource.definition.max_party;
  return max_party && party_size && *party_size > *max_party * units;
}

std::optional<Rejection> stay_restriction(const Resource& resource, const Placement& place) {
  const auto nights = place.nights();
  if (!nights) return std::nullopt;
  const auto& [min, max] = std::tie(resource.definition.min_nights, resource.definition.max_nights);
  if (min && *nights < *min) {
    return Rejection{Code::stay_restriction, {{"nights", *nights}, {"min_nights", *min}}};
  }
  if (max && *nights > *max) {
    return Rejection{Code::stay_restriction, {{"nights", *nights}, {"max_nights", *max}}};
  }
  return std::nullopt;
}

Total total_of(const Resource& resource, std::optional<std::int64_t> price_minor,
               std::optional<std::int64_t> nights, std::int64_t units) {
  if (!price_minor || (resource.is_room() && !nights)) return {};
  // At most 10^15 × 3,660 × 10,000: more than 64 bits hold.
  const double product = static_cast<double>(*price_minor) *
                         static_cast<double>(resource.is_room() ? *nights : 1) *
                         static_cast<double>(units);
  if (product > 2.0 * static_cast<double>(limit::money)) return {{}, true};
  const std::int64_t total = *price_minor * (resource.is_room() ? *nights : 1) * units;
  return total > limit::money ? Total{{}, true} : Total{total, false};
}

}  // namespace pesan
