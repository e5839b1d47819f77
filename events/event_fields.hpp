// Which fields every event's `data` has, and in which member, once. Writer, reader, schema and the
// generators of tests are visitors. A field that is empty (nullopt) is left out, but for the two
// sides of a Change, which say null. Fields are only ever added, with a default; anything else is a
// new type (docs/wire.md#evolution).
#pragma once

#include <string_view>
#include <type_traits>

#include "events/events.hpp"
#include "events/fields.hpp"
#include "events/resource_fields.hpp"

namespace pesan {

// Visitors: see guest.hpp.

/// Of every booking event: written even where both sides of the Change are null. The other Changes
/// are left out then: a stay has no slot, a slot no dates.
template <class T>
inline constexpr bool always_written =
    std::is_same_v<T, Status> || std::is_same_v<T, Payment> || std::is_same_v<T, Held>;

/// The structs that are JSON objects of their own.
template <class T>
inline constexpr bool is_event_object = std::is_same_v<T, Actor> || std::is_same_v<T, Customer> ||
                                        std::is_same_v<T, Subject> || std::is_same_v<T, Held>;

template <class V>
void describe(V& v, Held& h) {
  v(field::held_buckets, h.buckets);
  v(field::held_units, h.units);
}

template <class V>
void describe(V& v, BookingFacet& f) {
  v(field::booking_id, f.booking_id);
  v(field::inventory, f.inventory);
  v(field::status, f.status);
  v(field::payment, f.payment);
  v(field::occupies, f.occupies);
  v(field::held, f.held);
  v(field::checked_in_at, f.checked_in_at);
  v(field::checked_out_at, f.checked_out_at);
  v(field::on_hold_until, f.hold_until);
}

template <class V>
void describe(V& v, RoomDefined& e) {
  describe_new_room(v, e);
}

template <class V>
void describe(V& v, RoomChanged& e) {
  describe_changed_room(v, e);
}

template <class V>
void describe(V& v, ServiceDefined& e) {
  describe_new_service(v, e);
}

template <class V>
void describe(V& v, ServiceChanged& e) {
  describe_changed_service(v, e);
}

template <class V>
void describe(V& v, ScheduleAdded& e) {
  describe_schedule(v, e);
}

template <class V>
void describe(V& v, ScheduleChanged& e) {
  describe_schedule(v, e);
}

template <class V>
void describe(V& v, ScheduleClosed& e) {
  v(field::schedule_id, e.schedule_id);
}

template <class V>
void describe(V& v, ScheduleOpened& e) {
  v(field::schedule_id, e.schedule_id);
}

template <class V>
void describe(V& v, BookingCreated& e) {
  describe(v, e.facet);
  v(field::number, e.number);
  v(field::units, e.units);
  v(field::party_size, e.party_size);
  v(field::check_in, e.check_in);
  v(field::check_out, e.check_out);
  v(field::nights, e.nights);
  v(field::schedule_id, e.schedule_id);
  v(field::date, e.date);
  v(field::start, e.start);
  v(field::end, e.end);
  v(field::appointment_at, e.appointment_at);
  v(field::booked_for, e.booked_for);
  v(field::price_minor, e.price_minor);
  v(field::currency, e.currency);
  v(field::total_minor, e.total_minor);
  describe_given(v, e.customer, e.particulars, [] {});
}

template <class V>
void describe(V& v, BookingStatusChanged& e) {
  describe(v, e.facet);
}

template <class V>
void describe(V& v, BookingCheckedIn& e) {
  describe(v, e.facet);
}

template <class V>
void describe(V& v, BookingCheckedOut& e) {
  describe(v, e.facet);
}

template <class V>
void describe(V& v, BookingRescheduled& e) {
  describe(v, e.facet);
  v(field::check_in, e.check_in);
  v(field::check_out, e.check_out);
  v(field::schedule_id, e.schedule_id);
  v(field::date, e.date);
  v(field::start, e.start);
  v(field::end, e.end);
  v(field::appointment_at, e.appointment_at);
  v(field::nights, e.nights);
  v(field::total_minor, e.total_minor);
}

template <class V>
void describe(V& v, BookingChanged& e) {
  describe(v, e.facet);
  v(field::units, e.units);
  v(field::party_size, e.party_size);
  v(field::total_minor, e.total_minor);
  describe_replaced(v, e.customer, e.particulars, [] {});
}

template <class V>
void describe(V& v, PaymentRecorded& e) {
  describe(v, e.facet);
  v(field::amount_minor, e.amount_minor);
  v(field::method, e.method);
  v(field::transaction_id, e.transaction_id);
}

template <class V>
void describe(V& v, BookingDeleted& e) {
  describe(v, e.facet);
}

template <class V>
void describe(V& v, LogOpened& e) {
  v(field::log_id, e.log_id);
  v(field::partition, e.partition);
  v(field::partitions, e.partitions);
  v(field::partitioner, e.partitioner);
  v(field::clock, e.clock);
  v(field::calling_code, e.calling_code);
  v(field::format, e.format);
}

template <class V>
void describe(V& v, ClockSwitched& e) {
  v(field::partition, e.partition);
  v(field::clock, e.clock);
}

template <class V>
void describe(V& v, ClockMended& e) {
  v(field::partition, e.partition);
  v(field::clock_from, e.from);
  v(field::clock_to, e.to);
  v(field::next_command, e.next_command);
}

template <class V>
void describe(V& v, CustomerRegistered& e) {
  v(field::code, e.code);
  v(field::name, e.name);
  v(field::gender, e.gender);
  v(field::phone, e.phone);
  v(field::email, e.email);
  v(field::address, e.address);
  v(field::preferred_resource, e.preferred_resource);
  v(field::booked_for, e.booked_for);
}

template <class V>
void describe(V& v, CustomerUpdated& e) {
  v(field::code, e.code);
  v(field::gender, e.gender);
  v(field::email, e.email);
  v(field::address, e.address);
  v(field::booked_for, e.booked_for);
}

template <class V>
void describe(V& v, BookingLinked& e) {
  v(field::code, e.code);
  v(field::booking_id, e.booking_id);
  v(field::linked_partition, e.partition);
  v(field::linked_sequence, e.sequence);
  v(field::linked_ref, e.ref);
  v(field::linked_source, e.source);
}

/// The events of a resource also say who did it, and why; these stand in front of their own fields.
template <class V, class Body>
void describe_resource_event(V& v, Event& event, Body& body) {
  v(field::actor, event.actor);
  v(field::reason, event.reason);
  describe(v, body);
}

template <class Body>
struct EventName;
/// Whether one of the group has that name.
template <class... Events>
bool names_one_of(std::string_view type, const std::variant<Events...>* /*group*/) {
  return ((EventName<Events>::value == type) || ...);
}
// clang-format off
#define PESAN_EVENT_NAME(Type) \
  template <> struct EventName<Type> { static constexpr std::string_view value = #Type; }
PESAN_EVENT_NAME(RoomDefined);
PESAN_EVENT_NAME(RoomChanged);
PESAN_EVENT_NAME(ServiceDefined);
PESAN_EVENT_NAME(ServiceChanged);
PESAN_EVENT_NAME(ScheduleAdded);
PESAN_EVENT_NAME(ScheduleChanged);
PESAN_EVENT_NAME(ScheduleClosed);
PESAN_EVENT_NAME(ScheduleOpened);
PESAN_EVENT_NAME(BookingCreated);
PESAN_EVENT_NAME(BookingStatusChanged);
PESAN_EVENT_NAME(BookingCheckedIn);
PESAN_EVENT_NAME(BookingCheckedOut);
PESAN_EVENT_NAME(BookingRescheduled);
PESAN_EVENT_NAME(BookingChanged);
PESAN_EVENT_NAME(PaymentRecorded);
PESAN_EVENT_NAME(BookingDeleted);
PESAN_EVENT_NAME(LogOpened);
PESAN_EVENT_NAME(ClockSwitched);
PESAN_EVENT_NAME(ClockMended);
PESAN_EVENT_NAME(CustomerRegistered);
PESAN_EVENT_NAME(CustomerUpdated);
PESAN_EVENT_NAME(BookingLinked);
#undef PESAN_EVENT_NAME
// clang-format on

}  // namespace pesan
