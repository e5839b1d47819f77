// The JSON form of every command, once: names, order and rules of the fields. The reader, the
// writer and the schema are visitors of these functions. Their order decides which field a
// rejection names (docs/domain.md#fields).
#pragma once

#include <string_view>

#include "events/command_rules.hpp"
#include "events/commands.hpp"

namespace pesan {

// A visitor has required(name, field, rule), optional(name, field, rule) for scalar fields and
// required_object(name, field), optional_object(name, field) for structs described here.

template <class V>
void describe(V& v, Actor& a) {
  v.required("type", a.type, rule::all_names);
  v.required("id", a.id, rule::short_text);
}

template <class V>
void describe(V& v, Customer& c) {
  v.required("name", c.name, rule::name);
  v.optional("ref", c.ref, rule::short_text);
  v.optional("gender", c.gender, rule::all_names);
  v.optional("phone", c.phone, rule::phone);
  v.optional("email", c.email, rule::email);
  v.optional("address", c.address, rule::long_text);
}

template <class V>
void describe(V& v, Subject& s) {
  v.required("type", s.type, rule::short_text);
  v.required("id", s.id, rule::short_text);
  v.required("name", s.name, rule::short_text);
}

template <class V>
void describe(V& v, DefineRoom& c) {
  v.required("name", c.name, rule::name);
  v.required("units", c.units, rule::capacity);
  v.required("inventory", c.inventory, rule::first_two);
  v.optional("nightly_price_minor", c.nightly_price_minor, rule::money);
  v.optional("currency", c.currency, rule::currency);
  v.optional("max_party", c.max_party, rule::count);
  v.optional("occupancy", c.occupancy, rule::all_names);
  v.optional("overbook_limit", c.overbook_limit, rule::overbook);
  v.optional("min_nights", c.min_nights, rule::count);
  v.optional("max_nights", c.max_nights, rule::count);
  v.optional("timezone", c.timezone, rule::timezone);
  v.optional("active", c.active, rule::flag);
}

template <class V>
void describe(V& v, ChangeRoom& c) {
  v.optional("name", c.name, rule::name);
  v.optional("units", c.units, rule::capacity);
  v.optional("nightly_price_minor", c.nightly_price_minor, rule::money);
  v.optional("max_party", c.max_party, rule::count);
  v.optional("overbook_limit", c.overbook_limit, rule::overbook);
  v.optional("min_nights", c.min_nights, rule::count);
  v.optional("max_nights", c.max_nights, rule::count);
  v.optional("active", c.active, rule::flag);
}

template <class V>
void describe(V& v, DefineService& c) {
  v.required("name", c.name, rule::name);
  v.required("price_minor", c.price_minor, rule::money);
  v.optional("currency", c.currency, rule::currency);
  v.required("duration_minutes", c.duration_minutes, rule::count);
  v.optional("occupancy", c.occupancy, rule::all_names);
  v.optional("overbook_limit", c.overbook_limit, rule::overbook);
  v.optional("timezone", c.timezone, rule::timezone);
  v.optional("active", c.active, rule::flag);
}

template <class V>
void describe(V& v, ChangeService& c) {
  v.optional("name", c.name, rule::name);
  v.optional("price_minor", c.price_minor, rule::money);
  v.optional("duration_minutes", c.duration_minutes, rule::count);
  v.optional("overbook_limit", c.overbook_limit, rule::overbook);
  v.optional("active", c.active, rule::flag);
}

template <class V>
void describe(V& v, AddSchedule& c) {
  v.required("schedule_id", c.schedule_id, rule::schedule_id);
  v.required("date", c.date, rule::day);
  v.required("start", c.start, rule::time);
  v.required("end", c.end, rule::time);
  v.required("capacity", c.capacity, rule::capacity);
}

template <class V>
void describe(V& v, ChangeSchedule& c) {
  v.required("schedule_id", c.schedule_id, rule::schedule_id);
  v.optional("date", c.date, rule::day);
  v.optional("start", c.start, rule::time);
  v.optional("end", c.end, rule::time);
  v.optional("capacity", c.capacity, rule::capacity);
}

template <class V>
void describe(V& v, CloseSchedule& c) {
  v.required("schedule_id", c.schedule_id, rule::schedule_id);
}

template <class V>
void describe(V& v, OpenSchedule& c) {
  v.required("schedule_id", c.schedule_id, rule::schedule_id);
}

template <class V>
void describe(V& v, CreateBooking& c) {
  v.optional("booking_id", c.booking_id, rule::own_booking_id);
  v.optional("status", c.status, rule::first_two);
  v.optional("units", c.units, rule::count);
  v.optional("party_size", c.party_size, rule::count);
  v.optional("check_in", c.check_in, rule::day);
  v.optional("check_out", c.check_out, rule::day);
  v.optional("schedule_id", c.schedule_id, rule::schedule_id);
  v.optional("appointment_at", c.appointment_at, rule::appointment);
  v.required_object("customer", c.customer);
  v.optional_object("subject", c.subject);
  v.optional("staff_id", c.staff_id, rule::short_text);
  v.optional("payment_status", c.payment_status, rule::all_names);
  v.optional("notes", c.notes, rule::long_text);
}

template <class V>
void describe(V& v, ChangeStatus& c) {
  v.required("booking_id", c.booking_id, rule::booking_id);
  v.required("status", c.status, rule::all_names);
}

template <class V>
void describe(V& v, CheckIn& c) {
  v.required("booking_id", c.booking_id, rule::booking_id);
}

template <class V>
void describe(V& v, CheckOut& c) {
  v.required("booking_id", c.booking_id, rule::booking_id);
}

template <class V>
void describe(V& v, RescheduleBooking& c) {
  v.required("booking_id", c.booking_id, rule::booking_id);
  v.optional("check_in", c.check_in, rule::day);
  v.optional("check_out", c.check_out, rule::day);
  v.optional("schedule_id", c.schedule_id, rule::schedule_id);
  v.optional("appointment_at", c.appointment_at, rule::appointment);
}

template <class V>
void describe(V& v, ChangeBooking& c) {
  v.required("booking_id", c.booking_id, rule::booking_id);
  v.optional("units", c.units, rule::count);
  v.optional("party_size", c.party_size, rule::count);
  v.optional_object("customer", c.customer);
  v.optional("staff_id", c.staff_id, rule::short_text);
  v.optional_object("subject", c.subject);
  v.optional("notes", c.notes, rule::long_text);
}

template <class V>
void describe(V& v, RecordPayment& c) {
  v.required("booking_id", c.booking_id, rule::booking_id);
  v.required("status", c.status, rule::all_names);
  v.optional("amount_minor", c.amount_minor, rule::money);
  v.optional("method", c.method, rule::all_names);
  v.optional("transaction_id", c.transaction_id, rule::short_text);
}

template <class V>
void describe(V& v, DeleteBooking& c) {
  v.required("booking_id", c.booking_id, rule::booking_id);
}

/// The commands that name a booking which must exist; they alone may carry expected_version.
template <class Body>
inline constexpr bool names_existing_booking =
    requires(Body& body) { body.booking_id; } && !std::is_same_v<Body, CreateBooking>;

/// What every command carries, in front of its own fields.
template <class V, class Body>
void describe_command(V& v, Command& c, Body& body) {
  v.required("resource", c.resource, rule::resource);
  v.required_object("actor", c.actor);
  v.optional("reason", c.reason, rule::short_text);
  if constexpr (names_existing_booking<Body>) {
    v.optional("expected_version", c.expected_version, rule::version);
  }
  describe(v, body);
}

template <class Body>
struct CommandName;
// clang-format off
#define PESAN_COMMAND_NAME(Type) \
  template <> struct CommandName<Type> { static constexpr std::string_view value = #Type; }
PESAN_COMMAND_NAME(DefineRoom);
PESAN_COMMAND_NAME(ChangeRoom);
PESAN_COMMAND_NAME(DefineService);
PESAN_COMMAND_NAME(ChangeService);
PESAN_COMMAND_NAME(AddSchedule);
PESAN_COMMAND_NAME(ChangeSchedule);
PESAN_COMMAND_NAME(CloseSchedule);
PESAN_COMMAND_NAME(OpenSchedule);
PESAN_COMMAND_NAME(CreateBooking);
PESAN_COMMAND_NAME(ChangeStatus);
PESAN_COMMAND_NAME(CheckIn);
PESAN_COMMAND_NAME(CheckOut);
PESAN_COMMAND_NAME(RescheduleBooking);
PESAN_COMMAND_NAME(ChangeBooking);
PESAN_COMMAND_NAME(RecordPayment);
PESAN_COMMAND_NAME(DeleteBooking);
#undef PESAN_COMMAND_NAME
// clang-format on

}  // namespace pesan
