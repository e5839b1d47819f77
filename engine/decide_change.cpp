// An existing booking changes: status, check-in and check-out, details, payment, deletion.
#include "engine/booking_rules.hpp"
#include "engine/deciders.hpp"
#include "engine/status_table.hpp"

namespace pesan {
namespace {

/// Settles a facet on the booking's own place and units.
std::optional<Rejection> settle_in_place(BookingFacet& facet, const Existing& existing) {
  return settle(facet, existing.resource, placement_of(existing).buckets(existing.resource),
                existing.booking.units, existing.local_now);
}

/// Today is no day between the first and the last of a nightly stay. Who comes early is moved
/// first, so that two parties never have one room.
bool outside_its_dates(const Existing& existing) {
  if (existing.resource.definition.inventory != Inventory::nightly) return false;
  const Booking& booking = existing.booking;
  return existing.today() < *booking.check_in() || existing.today() > *booking.check_out();
}

std::unexpected<Rejection> invalid_transition(Status from, std::string_view to) {
  return reject(Code::invalid_transition,
                {{"from", std::string(name_of(from))}, {"to", std::string(to)}});
}

}  // namespace

Decision decide(const Question& q, const ChangeStatus& c) {
  const auto found = look_up(q, c.booking_id);
  if (!found) return reject(found.error());
  if (auto refusal = guard_version(q, *found)) return reject(*std::move(refusal));
  const Status from = found->booking.status;
  const Cell asked = cell(from, c.status);
  if (!may_touch(q, *found) || !may_ask(asked, q.command.actor.type)) {
    return reject(Code::forbidden_actor);
  }

  if (from == Status::confirmed && c.status == Status::no_show && found->checked_in()) {
    return reject(Code::already_checked_in);
  }
  if (asked == Cell::forbidden) return invalid_transition(from, name_of(c.status));
  if (asked == Cell::same) return nothing_to_change();

  BookingFacet facet = unchanged(q.state, *found);
  facet.status.to = c.status;
  if (starts_episode(from, c.status)) {
    facet.checked_in_at.reset();
    facet.checked_out_at.reset();
  }
  if (auto refusal = settle_in_place(facet, *found)) return reject(*std::move(refusal));
  return accept(q, BookingStatusChanged{facet});
}

Decision decide(const Question& q, const CheckIn& c) {
  const auto found = look_up(q, c.booking_id);
  if (!found) return reject(found.error());
  if (auto refusal = guard_version(q, *found)) return reject(*std::move(refusal));
  if (q.by_user()) return reject(Code::forbidden_actor);

  if (outside_its_dates(*found)) return reject(Code::not_in_time);

  const Status from = found->booking.status;
  if (found->checked_in()) return reject(Code::already_checked_in);
  if (!is_open(from)) return invalid_transition(from, "checked in");

  BookingFacet facet = unchanged(q.state, *found);
  facet.status.to = from == Status::pending ? Status::confirmed : from;
  facet.checked_in_at = q.moment.now;
  if (auto refusal = settle_in_place(facet, *found)) return reject(*std::move(refusal));
  return accept(q, BookingCheckedIn{facet});
}

Decision decide(const Question& q, const CheckOut& c) {
  const auto found = look_up(q, c.booking_id);
  if (!found) return reject(found.error());
  if (auto refusal = guard_version(q, *found)) return reject(*std::move(refusal));
  if (q.by_user()) return reject(Code::forbidden_actor);

  const Status from = found->booking.status;
  if (!found->checked_in()) return reject(Code::not_checked_in);
  if (found->booking.checked_out_at()) return reject(Code::already_checked_out);
  if (from != Status::confirmed && from != Status::in_progress && from != Status::completed) {
    return invalid_transition(from, "checked out");
  }

  BookingFacet facet = unchanged(q.state, *found);
  facet.status.to = Status::completed;
  facet.checked_out_at = q.moment.now;
  if (auto refusal = settle_in_place(facet, *found)) return reject(*std::move(refusal));
  return accept(q, BookingCheckedOut{facet});
}

Decision decide(const Question& q, const ChangeBooking& c) {
  const auto found = look_up(q, c.booking_id);
  if (!found) return reject(found.error());
  const auto& [resource, booking, id, local_now] = *found;
  if (auto refusal = guard_version(q, *found)) return reject(*std::move(refusal));
  if (!may_touch(q, *found) ||
      (q.by_user() && (c.units || c.particulars.staff_id || c.hold_until))) {
    return reject(Code::forbidden_actor);
  }

  if (c.hold_until && *c.hold_until <= q.moment.now) {
    return reject_field(Code::invalid_range, "hold_until");
  }

  const std::int64_t units = given_or(c.units, booking.units);
  const auto party_size = c.party_size ? c.party_size : booking.party_size();
  const Total total =
      total_of(resource, booking.price_minor(), placement_of(*found).nights(), units);
  if (total.too_large) return reject_field(Code::invalid_range, "units");
  if ((c.units || c.party_size) && party_too_large(resource, party_size, units)) {
    return reject(Code::party_too_large);
  }

  const bool may_change =
      c.hold_until ? booking.status == Status::pending : is_open(booking.status);
  if (!may_change) return invalid_transition(booking.status, "changed");

  BookingFacet facet = unchanged(q.state, *found);
  const auto hold_until = facet.hold_until;
  if (c.hold_until) facet.hold_until = c.hold_until;
  if (auto refusal =
          settle(facet, resource, placement_of(*found).buckets(resource), units, local_now)) {
    return reject(*std::move(refusal));
  }

  const bool same = units == booking.units && party_size == booking.party_size() &&
                    facet.hold_until == hold_until &&
                    (!c.customer || digest_of_customer(*c.customer) == booking.customer) &&
                    has_already(booking, c.particulars);
  if (same) return nothing_to_change();
  return accept(q, BookingChanged{.facet = facet,
                                  .units = units,
                                  .party_size = party_size,
                                  .total_minor = total.minor,
                                  .customer = c.customer,
                                  .particulars = c.particulars});
}

Decision decide(const Question& q, const RecordPayment& c) {
  const auto found = look_up(q, c.booking_id);
  if (!found) return reject(found.error());
  if (auto refusal = guard_version(q, *found)) return reject(*std::move(refusal));
  if (q.by_user()) return reject(Code::forbidden_actor);

  BookingFacet facet = unchanged(q.state, *found);
  facet.payment.to = c.status;
  if (auto refusal = settle_in_place(facet, *found)) return reject(*std::move(refusal));
  if (c.status == found->booking.payment && !c.amount_minor) return nothing_to_change();
  return accept(q, PaymentRecorded{.facet = facet,
                                   .amount_minor = c.amount_minor,
                                   .method = c.method,
                                   .transaction_id = c.transaction_id});
}

Decision decide(const Question& q, const DeleteBooking& c) {
  const auto found = look_up(q, c.booking_id);
  if (!found) return reject(found.error());
  if (auto refusal = guard_version(q, *found)) return reject(*std::move(refusal));
  if (q.by_user()) return reject(Code::forbidden_actor);

  BookingFacet facet = unchanged(q.state, *found);
  facet.status.to = std::nullopt;
  facet.payment.to = std::nullopt;
  facet.occupies.to = false;
  facet.held.to = std::nullopt;
  facet.hold_until = std::nullopt;
  return accept(q, BookingDeleted{facet});
}

Decision decide(const Question& q, const RunTimer& c) {
  const auto found = look_up(q, c.booking_id);
  if (!found) return reject(found.error());
  if (auto refusal = guard_version(q, *found)) return reject(*std::move(refusal));
  if (q.command.actor.type != ActorType::system) return reject(Code::forbidden_actor);

  const auto timer = timer_of(found->resource, found->booking);
  if (!timer || timer->timer != c.timer || timer->due > q.moment.now) return reject(Code::not_due);

  BookingFacet facet = unchanged(q.state, *found);
  facet.status.to = c.timer == Timer::expiry ? Status::expired : Status::no_show;
  if (auto refusal = settle_in_place(facet, *found)) return reject(*std::move(refusal));
  return accept(q, BookingStatusChanged{facet});
}

}  // namespace pesan
