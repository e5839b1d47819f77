// How each event changes the state. Events are fat, so nothing here decides anything; what an event
// says it found is asserted against what is there.
#include <charconv>
#include <utility>

#include "engine/state.hpp"
#include "events/ascii.hpp"
#include "events/assert.hpp"

namespace pesan {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};

Definition definition_of(const RoomDefined& e) {
  return {.name = std::string(e.name),
          .inventory = e.inventory,
          .occupancy = e.occupancy,
          .units = e.units,
          .price_minor = e.nightly_price_minor,
          .currency = std::string(e.currency),
          .max_party = e.max_party,
          .overbook_limit = e.overbook_limit,
          .min_nights = e.min_nights,
          .max_nights = e.max_nights,
          .duration_minutes = 0,
          .hold_minutes = e.hold_minutes.value_or(0),
          .no_show_minutes = e.no_show_minutes.value_or(0),
          .timezone = std::string(e.timezone),
          .active = e.active};
}

Definition definition_of(const ServiceDefined& e) {
  return {.name = std::string(e.name),
          .inventory = Inventory::slots,
          .occupancy = e.occupancy,
          .units = 0,
          .price_minor = e.price_minor,
          .currency = std::string(e.currency),
          .max_party = {},
          .overbook_limit = e.overbook_limit,
          .min_nights = {},
          .max_nights = {},
          .duration_minutes = e.duration_minutes,
          .hold_minutes = e.hold_minutes.value_or(0),
          .no_show_minutes = e.no_show_minutes.value_or(0),
          .timezone = std::string(e.timezone),
          .active = e.active};
}

/// The booking is one of those that keep its schedule from being moved (docs/domain.md#schedules).
bool names_slot(const Resource& resource, const Booking& booking) {
  return !resource.is_room() && !booking.deleted && is_open(booking.status);
}

}  // namespace

void State::evolve(const ResourceEvent& event, Instant at) {
  if (const auto* room = std::get_if<RoomDefined>(&event.event.body)) {
    return define(event.resource, definition_of(*room), at);
  }
  if (const auto* service = std::get_if<ServiceDefined>(&event.event.body)) {
    return define(event.resource, definition_of(*service), at);
  }
  const auto found = resource_by_id_.find(event.resource.text);
  PESAN_ASSERT(found != resource_by_id_.end(), "an event of a resource that was never defined");
  Resource& resource = resources_[found->second];
  PESAN_ASSERT(event.version == resource.version.next(), "versions of a resource have no gaps");
  Undo& undo = undo_.emplace_back();
  undo.resource = resource.index;
  undo.last_suffix = resource.last_suffix;
  fold(resource, undo, event.event, at);
  resource.version = event.version;
}

void State::define(ResourceId id, Definition definition, Instant at) {
  PESAN_ASSERT(find(id) == nullptr, "a resource is defined once");
  const auto zone = TimeZone::find(definition.timezone);
  PESAN_ASSERT(zone, "this system does not know the time zone of a resource: install tzdata");
  const auto index = static_cast<std::uint32_t>(resources_.size());
  Resource& resource = resources_.emplace_back(Resource{.id = std::string(id.text),
                                                        .index = index,
                                                        .definition = std::move(definition),
                                                        .zone = *zone,
                                                        .version = Version{1},
                                                        .no_shows_after = at,
                                                        .last_suffix = 0,
                                                        .counter_held = 0,
                                                        .nights = {},
                                                        .schedules = {},
                                                        .schedule_by_id = {}});
  resource_by_id_.emplace(resource.id, index);
  Undo& undo = undo_.emplace_back();
  undo.resource = index;
  undo.defined = true;
}

Schedule& State::schedule_before(Resource& resource, Undo& undo, ScheduleId id) {
  undo.schedule_index = resource.index_of(id);
  Schedule& schedule = resource.schedules[undo.schedule_index];
  undo.schedule = std::make_unique<Schedule>(schedule);
  return schedule;
}

Booking& State::booking_before(Resource& resource, Undo& undo, BookingId id) {
  const auto found = booking_by_id_.find(std::pair{resource.index, id.suffix()});
  PESAN_ASSERT(found != booking_by_id_.end(), "an event of a booking that was never created");
  Booking& booking = bookings_[*found];
  undo.booking_index = *found;
  undo.booking = booking;
  return booking;
}

Booking& State::create(Resource& resource, Undo& undo, const Actor& by, const BookingCreated& e) {
  const auto suffix = suffixes_.add(e.facet.booking_id.suffix());
  undo.booking_index = static_cast<std::uint32_t>(bookings_.size());
  undo.created_booking = true;
  Booking& booking = bookings_.emplace_back();
  booking.resource = resource.index;
  booking.suffix_data = suffix.data();
  booking.suffix_size = static_cast<std::uint8_t>(suffix.size());
  booking_by_id_.insert(undo.booking_index);
  if (all_digits(suffix)) {
    std::from_chars(suffix.data(), suffix.data() + suffix.size(), resource.last_suffix);
  }
  booking.units = static_cast<std::uint16_t>(e.units);
  booking.party.set(e.party_size);
  booking.check_in_days.set(e.check_in ? std::optional(e.check_in->days) : std::nullopt);
  booking.check_out_days.set(e.check_out ? std::optional(e.check_out->days) : std::nullopt);
  if (e.schedule_id) booking.slot = resource.index_of(*e.schedule_id);
  booking.appointment_ms.set(e.appointment_at ? std::optional(e.appointment_at->ms) : std::nullopt);
  booking.price.set(e.price_minor);
  if (by.type == ActorType::user) booking.creator = digest_of_person(by.id);
  booking.customer = digest_of_customer(e.customer);
  if (e.customer.ref) booking.customer_ref = digest_of_person(*e.customer.ref);
  replace(booking, e.particulars);
  return booking;
}

void State::name_slot(Resource& resource, const Booking& booking, std::int64_t sign) {
  if (names_slot(resource, booking)) resource.schedules[booking.slot].naming += sign;
}

/// What every booking event does: status, payment, times, what is held, the version.
void State::settle(Resource& resource, Booking& booking, const BookingFacet& facet, Instant at) {
  const auto held = held_by(booking);
  PESAN_ASSERT(held == facet.held.from, "an event says what was held before it");
  resource.move(held, facet.held.to);
  booking.deleted = !facet.status.to.has_value();
  booking.status = facet.status.to.value_or(booking.status);
  booking.payment = facet.payment.to.value_or(booking.payment);
  booking.checked_in_ms.set(facet.checked_in_at ? std::optional(facet.checked_in_at->ms)
                                                : std::nullopt);
  booking.checked_out_ms.set(facet.checked_out_at ? std::optional(facet.checked_out_at->ms)
                                                  : std::nullopt);
  const auto waits = booking.status == Status::confirmed ? std::optional(at) : facet.hold_until;
  booking.waits_ms.set(waits ? std::optional(waits->ms) : std::nullopt);
  booking.held_units = 0;
  if (facet.held.to) {
    booking.held_units = static_cast<std::uint16_t>(facet.held.to->units);
    const Buckets& buckets = facet.held.to->buckets;
    if (resource.is_room()) {
      booking.held_first = buckets.first.days;
      booking.held_end = buckets.end.days;
    } else {
      booking.held_slot = resource.index_of(buckets.slot);
    }
  }
  booking.version = resource.version.next();
}

void State::fold(Resource& resource, Undo& undo, const Event& event, Instant at) {
  const auto redefine = [&]() -> Definition& {
    undo.definition = std::make_unique<Definition>(resource.definition);
    return resource.definition;
  };
  /// A booking event: first what it alone changes, then what all of them do.
  const auto change = [&](const BookingFacet& facet, auto own) {
    Booking& booking = booking_before(resource, undo, facet.booking_id);
    name_slot(resource, booking, -1);
    timers_.erase(undo.booking_index);
    own(booking);
    settle(resource, booking, facet, at);
    name_slot(resource, booking, +1);
    timers_.add(undo.booking_index);
  };
  const auto nothing_else = [](Booking&) {};

  std::visit(
      Overloaded{
          [](const RoomDefined&) {},  // both in `define`
          [](const ServiceDefined&) {},
          [&](const RoomChanged& e) {
            Definition& d = redefine();
            d.name = e.name;
            d.units = e.units;
            d.price_minor = e.nightly_price_minor;
            d.max_party = e.max_party;
            d.overbook_limit = e.overbook_limit;
            d.min_nights = e.min_nights;
            d.max_nights = e.max_nights;
            d.hold_minutes = e.hold_minutes.value_or(0);
            d.active = e.active;
            set_no_show_minutes(resource, undo, e.no_show_minutes.value_or(0), at);
          },
          [&](const ServiceChanged& e) {
            Definition& d = redefine();
            d.name = e.name;
            d.price_minor = e.price_minor;
            d.duration_minutes = e.duration_minutes;
            d.overbook_limit = e.overbook_limit;
            d.hold_minutes = e.hold_minutes.value_or(0);
            d.active = e.active;
            set_no_show_minutes(resource, undo, e.no_show_minutes.value_or(0), at);
          },
          [&](const ScheduleAdded& e) {
            PESAN_ASSERT(resource.find(e.schedule_id) == nullptr, "a schedule is added once");
            const auto index = static_cast<std::uint32_t>(resource.schedules.size());
            Schedule& schedule = resource.schedules.emplace_back();
            schedule.id = e.schedule_id.text;
            schedule.date = e.date;
            schedule.start = e.start;
            schedule.end = e.end;
            schedule.capacity = e.capacity;
            resource.schedule_by_id.emplace(schedule.id, index);
            undo.added_schedule = true;
          },
          [&](const ScheduleChanged& e) {
            Schedule& schedule = schedule_before(resource, undo, e.schedule_id);
            schedule.date = e.date;
            schedule.start = e.start;
            schedule.end = e.end;
            schedule.capacity = e.capacity;
          },
          [&](const ScheduleClosed& e) {
            schedule_before(resource, undo, e.schedule_id).open = false;
          },
          [&](const ScheduleOpened& e) {
            schedule_before(resource, undo, e.schedule_id).open = true;
          },
          [&](const BookingCreated& e) {
            Booking& booking = create(resource, undo, event.actor, e);
            settle(resource, booking, e.facet, at);
            name_slot(resource, booking, +1);
            timers_.add(undo.booking_index);
          },
          [&](const BookingStatusChanged& e) { change(e.facet, nothing_else); },
          [&](const BookingCheckedIn& e) { change(e.facet, nothing_else); },
          [&](const BookingCheckedOut& e) { change(e.facet, nothing_else); },
          [&](const BookingRescheduled& e) {
            change(e.facet, [&](Booking& booking) {
              const auto days = [](const std::optional<Date>& date) {
                return date ? std::optional(date->days) : std::nullopt;
              };
              if (e.schedule_id.to) {
                booking.slot = resource.index_of(*e.schedule_id.to);
                booking.appointment_ms.set(e.appointment_at ? std::optional(e.appointment_at->ms)
                                                            : std::nullopt);
              } else {
                booking.check_in_days.set(days(e.check_in.to));
                booking.check_out_days.set(days(e.check_out.to));
              }
            });
          },
          [&](const BookingChanged& e) {
            change(e.facet, [&](Booking& booking) {
              booking.units = static_cast<std::uint16_t>(e.units);
              booking.party.set(e.party_size);
              if (e.customer) {
                booking.customer = digest_of_customer(*e.customer);
                booking.customer_ref =
                    e.customer->ref ? digest_of_person(*e.customer->ref) : Digest{};
              }
              replace(booking, e.particulars);
            });
          },
          [&](const PaymentRecorded& e) { change(e.facet, nothing_else); },
          [&](const BookingDeleted& e) { change(e.facet, nothing_else); },
      },
      event.body);
}

}  // namespace pesan
