// The JSON form of every event's `data`, once. Writer, reader and schema are visitors. A field that
// is empty (nullopt) is left out, but for the two sides of a Change, which say null. Fields are
// only ever added, with a default; anything else is a new type (docs/wire.md#evolution).
#pragma once

#include <string_view>
#include <type_traits>

#include "events/events.hpp"

namespace pesan {

// A visitor has operator()(name, field) for scalars, optionals, Change<…> and the structs that are
// described here.

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
void describe_event(V& v, Actor& a) {
  v("type", a.type);
  v("id", a.id);
}

template <class V>
void describe_event(V& v, Customer& c) {
  v("name", c.name);
  v("ref", c.ref);
  v("gender", c.gender);
  v("phone", c.phone);
  v("email", c.email);
  v("address", c.address);
}

template <class V>
void describe_event(V& v, Subject& s) {
  v("type", s.type);
  v("id", s.id);
  v("name", s.name);
}

template <class V>
void describe_event(V& v, Held& h) {
  v("buckets", h.buckets);
  v("units", h.units);
}

template <class V>
void describe_event(V& v, BookingFacet& f) {
  v("booking_id", f.booking_id);
  v("inventory", f.inventory);
  v("status", f.status);
  v("payment", f.payment);
  v("occupies", f.occupies);
  v("held", f.held);
  v("checked_in_at", f.checked_in_at);
  v("checked_out_at", f.checked_out_at);
}

template <class V>
void describe_event(V& v, RoomDefined& e) {
  v("name", e.name);
  v("units", e.units);
  v("inventory", e.inventory);
  v("nightly_price_minor", e.nightly_price_minor);
  v("currency", e.currency);
  v("max_party", e.max_party);
  v("occupancy", e.occupancy);
  v("overbook_limit", e.overbook_limit);
  v("min_nights", e.min_nights);
  v("max_nights", e.max_nights);
  v("timezone", e.timezone);
  v("active", e.active);
}

template <class V>
void describe_event(V& v, RoomChanged& e) {
  v("name", e.name);
  v("units", e.units);
  v("nightly_price_minor", e.nightly_price_minor);
  v("max_party", e.max_party);
  v("overbook_limit", e.overbook_limit);
  v("min_nights", e.min_nights);
  v("max_nights", e.max_nights);
  v("active", e.active);
}

template <class V>
void describe_event(V& v, ServiceDefined& e) {
  v("name", e.name);
  v("price_minor", e.price_minor);
  v("currency", e.currency);
  v("duration_minutes", e.duration_minutes);
  v("occupancy", e.occupancy);
  v("overbook_limit", e.overbook_limit);
  v("timezone", e.timezone);
  v("active", e.active);
}

template <class V>
void describe_event(V& v, ServiceChanged& e) {
  v("name", e.name);
  v("price_minor", e.price_minor);
  v("duration_minutes", e.duration_minutes);
  v("overbook_limit", e.overbook_limit);
  v("active", e.active);
}

template <class V>
void describe_event(V& v, ScheduleAdded& e) {
  v("schedule_id", e.schedule_id);
  v("date", e.date);
  v("start", e.start);
  v("end", e.end);
  v("capacity", e.capacity);
}

template <class V>
void describe_event(V& v, ScheduleChanged& e) {
  v("schedule_id", e.schedule_id);
  v("date", e.date);
  v("start", e.start);
  v("end", e.end);
  v("capacity", e.capacity);
}

template <class V>
void describe_event(V& v, ScheduleClosed& e) {
  v("schedule_id", e.schedule_id);
}

template <class V>
void describe_event(V& v, ScheduleOpened& e) {
  v("schedule_id", e.schedule_id);
}

template <class V>
void describe_event(V& v, BookingCreated& e) {
  describe_event(v, e.facet);
  v("number", e.number);
  v("units", e.units);
  v("party_size", e.party_size);
  v("check_in", e.check_in);
  v("check_out", e.check_out);
  v("nights", e.nights);
  v("schedule_id", e.schedule_id);
  v("date", e.date);
  v("start", e.start);
  v("end", e.end);
  v("appointment_at", e.appointment_at);
  v("booked_for", e.booked_for);
  v("price_minor", e.price_minor);
  v("currency", e.currency);
  v("total_minor", e.total_minor);
  v("customer", e.customer);
  v("subject", e.subject);
  v("staff_id", e.staff_id);
  v("notes", e.notes);
}

template <class V>
void describe_event(V& v, BookingStatusChanged& e) {
  describe_event(v, e.facet);
}

template <class V>
void describe_event(V& v, BookingCheckedIn& e) {
  describe_event(v, e.facet);
}

template <class V>
void describe_event(V& v, BookingCheckedOut& e) {
  describe_event(v, e.facet);
}

template <class V>
void describe_event(V& v, BookingRescheduled& e) {
  describe_event(v, e.facet);
  v("check_in", e.check_in);
  v("check_out", e.check_out);
  v("schedule_id", e.schedule_id);
  v("date", e.date);
  v("start", e.start);
  v("end", e.end);
  v("appointment_at", e.appointment_at);
  v("nights", e.nights);
  v("total_minor", e.total_minor);
}

template <class V>
void describe_event(V& v, BookingChanged& e) {
  describe_event(v, e.facet);
  v("units", e.units);
  v("party_size", e.party_size);
  v("total_minor", e.total_minor);
  v("customer", e.customer);
  v("staff_id", e.staff_id);
  v("subject", e.subject);
  v("notes", e.notes);
}

template <class V>
void describe_event(V& v, PaymentRecorded& e) {
  describe_event(v, e.facet);
  v("amount_minor", e.amount_minor);
  v("method", e.method);
  v("transaction_id", e.transaction_id);
}

template <class V>
void describe_event(V& v, BookingDeleted& e) {
  describe_event(v, e.facet);
}

template <class V>
void describe_event(V& v, LogOpened& e) {
  v("log_id", e.log_id);
  v("partition", e.partition);
  v("partitions", e.partitions);
  v("partitioner", e.partitioner);
  v("clock", e.clock);
  v("format", e.format);
}

template <class V>
void describe_event(V& v, ClockSwitched& e) {
  v("partition", e.partition);
  v("clock", e.clock);
}

template <class V>
void describe_event(V& v, ClockMended& e) {
  v("partition", e.partition);
  v("from", e.from);
  v("to", e.to);
  v("next_command", e.next_command);
}

template <class V>
void describe_event(V& v, CustomerRegistered& e) {
  v("code", e.code);
  v("name", e.name);
  v("gender", e.gender);
  v("phone", e.phone);
  v("email", e.email);
  v("address", e.address);
  v("preferred_resource", e.preferred_resource);
  v("booked_for", e.booked_for);
}

template <class V>
void describe_event(V& v, CustomerUpdated& e) {
  v("code", e.code);
  v("gender", e.gender);
  v("email", e.email);
  v("address", e.address);
  v("booked_for", e.booked_for);
}

template <class V>
void describe_event(V& v, BookingLinked& e) {
  v("code", e.code);
  v("booking_id", e.booking_id);
  v("partition", e.partition);
  v("sequence", e.sequence);
}

/// The events of a resource also say who did it, and why; these stand in front of their own fields.
template <class V, class Body>
void describe_resource_event(V& v, Event& event, Body& body) {
  v("actor", event.actor);
  v("reason", event.reason);
  describe_event(v, body);
}

template <class Body>
struct EventName;
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
