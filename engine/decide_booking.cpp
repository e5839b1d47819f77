// A booking comes to be, and moves.
#include "engine/booking_rules.hpp"
#include "engine/deciders.hpp"

namespace pesan {

namespace {

/// As given, or as long as the house holds; a booking that is not pending loses it again.
std::optional<Instant> hold_of_new(const Question& q, const Resource& resource,
                                   const std::optional<Instant>& given) {
  const std::int64_t minutes = resource.definition.hold_minutes;
  if (given || minutes == 0) return given;
  return Instant{q.moment.now.ms + minutes * ms_per_minute};
}

}  // namespace

Decision decide(const Question& q, const CreateBooking& c) {
  // Look up.
  const Resource* resource = q.state.find(q.command.resource);
  if (resource == nullptr) return reject(Code::resource_not_found);
  if (c.booking_id && q.state.find_ever(*resource, *c.booking_id) != nullptr) {
    return reject(Code::booking_exists);
  }
  Placement place{.check_in = c.check_in,
                  .check_out = c.check_out,
                  .slot = nullptr,
                  .appointment_at = c.appointment_at};
  if (c.schedule_id && !resource->is_room()) {
    place.slot = resource->find(*c.schedule_id);
    if (place.slot == nullptr) return reject(Code::schedule_not_found);
  }

  // Guard. A user books what is pending and unpaid, for as long as the house says.
  const Status status = c.status.value_or(Status::pending);
  const Payment payment = c.payment_status.value_or(Payment::unpaid);
  if (q.by_user() &&
      (status != Status::pending || payment != Payment::unpaid || c.hold_until.has_value())) {
    return reject(Code::forbidden_actor);
  }
  if (!resource->definition.active) return reject(Code::resource_inactive);
  if (place.slot != nullptr && !place.slot->open) return reject(Code::schedule_closed);

  // Fit.
  if (c.hold_until && status != Status::pending) {
    return reject(invalid_field("hold_until", Breach::refused, "not with status confirmed"));
  }
  const PlacementGiven given{.check_in = c.check_in.has_value(),
                             .check_out = c.check_out.has_value(),
                             .schedule_id = c.schedule_id.has_value(),
                             .appointment_at = c.appointment_at.has_value()};
  if (auto refusal = misplaced_field(*resource, given, false)) return reject(*std::move(refusal));
  if (appointment_outside(place)) return reject_field(Code::invalid_range, "appointment_at");
  if (c.hold_until && *c.hold_until <= q.moment.now) {
    return reject_field(Code::invalid_range, "hold_until");
  }
  const std::int64_t units = c.units.value_or(1);
  const auto nights = place.nights();
  const auto& price = resource->definition.price_minor;
  const Total total = total_of(*resource, price, nights, units);
  if (total.too_large) return reject_field(Code::invalid_range, "units");
  const LocalDateTime local_now = resource->zone.local(q.moment.now);
  if (q.by_user() && not_in_time(place, local_now)) return reject(Code::not_in_time);
  if (party_too_large(*resource, c.party_size, units)) return reject(Code::party_too_large);
  if (auto refusal = stay_restriction(*resource, place)) return reject(*std::move(refusal));

  // Capacity.
  BookingFacet facet{.booking_id = {},
                     .inventory = resource->definition.inventory,
                     .status = {std::nullopt, status},
                     .payment = {std::nullopt, payment},
                     .occupies = {},
                     .held = {},
                     .checked_in_at = {},
                     .checked_out_at = {},
                     .hold_until = hold_of_new(q, *resource, c.hold_until)};
  if (auto refusal = settle(facet, *resource, place.buckets(*resource), units, local_now)) {
    return reject(*std::move(refusal));
  }

  // From here on it must succeed.
  if (c.booking_id) {
    facet.booking_id = *c.booking_id;
  } else {
    q.scratch.assign(resource->id).append(".").append(std::to_string(resource->last_suffix + 1));
    facet.booking_id = BookingId{std::string_view(q.scratch)};
  }
  BookingCreated created{.facet = facet,
                         .number = booking_number(q.moment.next_sequence, q.moment.partition),
                         .units = units,
                         .party_size = c.party_size,
                         .check_in = c.check_in,
                         .check_out = c.check_out,
                         .nights = nights,
                         .schedule_id = c.schedule_id,
                         .date = {},
                         .start = {},
                         .end = {},
                         .appointment_at = c.appointment_at,
                         .booked_for = place.check_in ? midnight(*place.check_in) : local_now,
                         .price_minor = price,
                         .currency = {},
                         .total_minor = total.minor,
                         .customer = c.customer,
                         .particulars = c.particulars};
  if (price) created.currency = resource->definition.currency;
  if (place.slot != nullptr) {
    created.date = place.slot->date;
    created.start = place.slot->start;
    created.end = place.slot->end;
    created.booked_for = place.appointment_at.value_or(place.slot->starts_at());
  }
  return accept(q, created);
}

namespace {

/// After a check-in a stay keeps its check_in, and a booking its slot.
bool leaves_its_place(const Existing& existing, const Placement& to) {
  if (!existing.checked_in()) return false;
  const Placement from = placement_of(existing);
  return existing.resource.is_room() ? to.check_in != from.check_in : to.slot != from.slot;
}

}  // namespace

Decision decide(const Question& q, const RescheduleBooking& c) {
  // Look up.
  const auto found = look_up(q, c.booking_id);
  if (!found) return reject(found.error());
  const auto& [resource, booking, id, local_now] = *found;
  Placement to{.check_in = c.check_in,
               .check_out = c.check_out,
               .slot = nullptr,
               .appointment_at = c.appointment_at};
  if (c.schedule_id && !resource.is_room()) {
    to.slot = resource.find(*c.schedule_id);
    if (to.slot == nullptr) return reject(Code::schedule_not_found);
  }

  // Guard.
  if (auto refusal = guard_version(q, *found)) return reject(*std::move(refusal));
  if (!may_touch(q, *found)) return reject(Code::forbidden_actor);
  if (to.slot != nullptr && !to.slot->open) return reject(Code::schedule_closed);

  // Fit.
  const PlacementGiven given{.check_in = c.check_in.has_value(),
                             .check_out = c.check_out.has_value(),
                             .schedule_id = c.schedule_id.has_value(),
                             .appointment_at = c.appointment_at.has_value()};
  if (auto refusal = misplaced_field(resource, given, true)) return reject(*std::move(refusal));
  if (appointment_outside(to)) return reject_field(Code::invalid_range, "appointment_at");
  // The appointment that stands is not judged again: its slot may have moved while cancelled.
  const Placement from = placement_of(*found);
  if (to.slot == from.slot && !c.appointment_at) to.appointment_at = from.appointment_at;
  if (found->checked_in() && to.check_out && *to.check_out < found->today()) {
    return reject_field(Code::invalid_range, "check_out");
  }
  const Total total = total_of(resource, booking.price_minor(), to.nights(), booking.units);
  if (total.too_large) return reject_field(Code::invalid_range, "check_out");
  if (q.by_user() && not_in_time(to, local_now)) return reject(Code::not_in_time);
  if (auto refusal = stay_restriction(resource, to)) return reject(*std::move(refusal));

  // Transition.
  if (leaves_its_place(*found, to)) return reject(Code::already_checked_in);
  if (!is_open(booking.status)) return reject(Code::invalid_transition);

  // Capacity. Its own units do not count against it.
  BookingFacet facet = unchanged(q.state, *found);
  if (auto refusal = settle(facet, resource, to.buckets(resource), booking.units, local_now)) {
    return reject(*std::move(refusal));
  }

  if (to.check_in == from.check_in && to.check_out == from.check_out && to.slot == from.slot &&
      to.appointment_at == from.appointment_at) {
    return nothing_to_change();
  }
  BookingRescheduled moved{.facet = facet,
                           .check_in = {from.check_in, to.check_in},
                           .check_out = {from.check_out, to.check_out},
                           .schedule_id = {},
                           .date = {},
                           .start = {},
                           .end = {},
                           .appointment_at = to.appointment_at,
                           .nights = to.nights(),
                           .total_minor = total.minor};
  if (to.slot != nullptr) {
    moved.schedule_id = {ScheduleId{std::string_view(from.slot->id)}, c.schedule_id};
    moved.date = to.slot->date;
    moved.start = to.slot->start;
    moved.end = to.slot->end;
  }
  return accept(q, moved);
}

}  // namespace pesan
