// Which fields every command has, and in which member, once. The reader, the writer, the schema and
// the generators of tests are visitors of these functions. Their order decides which field a
// rejection names (docs/domain.md#fields).
#pragma once

#include <string_view>

#include "events/commands.hpp"
#include "events/fields.hpp"
#include "events/resource_fields.hpp"

namespace pesan {

// Visitors: see guest.hpp.

template <class V>
void describe(V& v, DefineRoom& c) {
  describe_new_room(v, c);
}

template <class V>
void describe(V& v, ChangeRoom& c) {
  describe_changed_room(v, c);
}

template <class V>
void describe(V& v, DefineService& c) {
  describe_new_service(v, c);
}

template <class V>
void describe(V& v, ChangeService& c) {
  describe_changed_service(v, c);
}

template <class V>
void describe(V& v, AddSchedule& c) {
  describe_schedule(v, c);
}

template <class V>
void describe(V& v, ChangeSchedule& c) {
  describe_schedule(v, c);
}

template <class V>
void describe(V& v, CloseSchedule& c) {
  v(field::schedule_id, c.schedule_id);
}

template <class V>
void describe(V& v, OpenSchedule& c) {
  v(field::schedule_id, c.schedule_id);
}

template <class V>
void describe(V& v, CreateBooking& c) {
  v(field::own_booking_id, c.booking_id);
  v(field::first_status, c.status);
  v(field::units, c.units);
  v(field::party_size, c.party_size);
  v(field::check_in, c.check_in);
  v(field::check_out, c.check_out);
  v(field::schedule_id, c.schedule_id);
  v(field::appointment_at, c.appointment_at);
  describe_given(v, c.customer, c.particulars, [&] {
    v(field::payment_status, c.payment_status);
    v(field::hold_until, c.hold_until);
  });
}

template <class V>
void describe(V& v, ChangeStatus& c) {
  v(field::booking_id, c.booking_id);
  v(field::next_status, c.status);
}

template <class V>
void describe(V& v, CheckIn& c) {
  v(field::booking_id, c.booking_id);
}

template <class V>
void describe(V& v, CheckOut& c) {
  v(field::booking_id, c.booking_id);
}

template <class V>
void describe(V& v, RescheduleBooking& c) {
  v(field::booking_id, c.booking_id);
  v(field::check_in, c.check_in);
  v(field::check_out, c.check_out);
  v(field::schedule_id, c.schedule_id);
  v(field::appointment_at, c.appointment_at);
}

template <class V>
void describe(V& v, ChangeBooking& c) {
  v(field::booking_id, c.booking_id);
  v(field::units, c.units);
  v(field::party_size, c.party_size);
  describe_replaced(v, c.customer, c.particulars, [&] { v(field::hold_until, c.hold_until); });
}

template <class V>
void describe(V& v, RecordPayment& c) {
  v(field::booking_id, c.booking_id);
  v(field::paid_status, c.status);
  v(field::amount_minor, c.amount_minor);
  v(field::method, c.method);
  v(field::transaction_id, c.transaction_id);
}

template <class V>
void describe(V& v, DeleteBooking& c) {
  v(field::booking_id, c.booking_id);
}

template <class V>
void describe(V& v, RunTimer& c) {
  v(field::booking_id, c.booking_id);
  v(field::timer, c.timer);
}

/// The commands that name a booking which must exist; they alone may carry expected_version.
template <class Body>
inline constexpr bool names_existing_booking =
    requires(Body& body) { body.booking_id; } && !std::is_same_v<Body, CreateBooking>;

/// What every command carries, in front of its own fields.
template <class V, class Body>
void describe_command(V& v, Command& c, Body& body) {
  v(field::resource, c.resource);
  v(field::actor, c.actor);
  v(field::reason, c.reason);
  if constexpr (names_existing_booking<Body>) {
    v(field::expected_version, c.expected_version);
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
PESAN_COMMAND_NAME(RunTimer);
#undef PESAN_COMMAND_NAME
// clang-format on

}  // namespace pesan
