// One struct per command (docs/domain.md#commands), as values that passed every field rule
// ("validate alone"). Commands borrow: their texts live in the record that they were read from.
// Optional members are fields that were not given; defaults are filled in by the deciders, where
// the rule stands.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "events/guest.hpp"
#include "events/ids.hpp"
#include "events/time.hpp"
#include "events/vocabulary.hpp"

namespace pesan {

struct DefineRoom {
  std::string_view name;
  std::int64_t units = 0;
  Inventory inventory = Inventory::counter;  // counter or nightly
  std::optional<std::int64_t> nightly_price_minor;
  std::optional<std::string_view> currency;
  std::optional<std::int64_t> max_party;
  std::optional<Occupancy> occupancy;
  std::optional<std::int64_t> overbook_limit;
  std::optional<std::int64_t> min_nights;
  std::optional<std::int64_t> max_nights;
  std::optional<std::int64_t> hold_minutes;
  std::optional<std::int64_t> no_show_minutes;
  std::optional<std::string_view> timezone;
  std::optional<bool> active;
  bool operator==(const DefineRoom&) const = default;
};

struct ChangeRoom {
  std::optional<std::string_view> name;
  std::optional<std::int64_t> units;
  std::optional<std::int64_t> nightly_price_minor;
  std::optional<std::int64_t> max_party;
  std::optional<std::int64_t> overbook_limit;
  std::optional<std::int64_t> min_nights;
  std::optional<std::int64_t> max_nights;
  std::optional<std::int64_t> hold_minutes;
  std::optional<std::int64_t> no_show_minutes;
  std::optional<bool> active;
  bool operator==(const ChangeRoom&) const = default;
};

struct DefineService {
  std::string_view name;
  std::int64_t price_minor = 0;
  std::optional<std::string_view> currency;
  std::int64_t duration_minutes = 0;
  std::optional<Occupancy> occupancy;
  std::optional<std::int64_t> overbook_limit;
  std::optional<std::int64_t> hold_minutes;
  std::optional<std::int64_t> no_show_minutes;
  std::optional<std::string_view> timezone;
  std::optional<bool> active;
  bool operator==(const DefineService&) const = default;
};

struct ChangeService {
  std::optional<std::string_view> name;
  std::optional<std::int64_t> price_minor;
  std::optional<std::int64_t> duration_minutes;
  std::optional<std::int64_t> overbook_limit;
  std::optional<std::int64_t> hold_minutes;
  std::optional<std::int64_t> no_show_minutes;
  std::optional<bool> active;
  bool operator==(const ChangeService&) const = default;
};

struct AddSchedule {
  ScheduleId schedule_id;
  Date date;
  TimeOfDay start;
  TimeOfDay end;
  std::int64_t capacity = 0;
  bool operator==(const AddSchedule&) const = default;
};

struct ChangeSchedule {
  ScheduleId schedule_id;
  std::optional<Date> date;
  std::optional<TimeOfDay> start;
  std::optional<TimeOfDay> end;
  std::optional<std::int64_t> capacity;
  bool operator==(const ChangeSchedule&) const = default;
};

struct CloseSchedule {
  ScheduleId schedule_id;
  bool operator==(const CloseSchedule&) const = default;
};

struct OpenSchedule {
  ScheduleId schedule_id;
  bool operator==(const OpenSchedule&) const = default;
};

struct CreateBooking {
  std::optional<BookingId> booking_id;
  std::optional<Status> status;  // pending or confirmed
  std::optional<std::int64_t> units;
  std::optional<std::int64_t> party_size;
  std::optional<Date> check_in;
  std::optional<Date> check_out;
  std::optional<ScheduleId> schedule_id;
  std::optional<LocalDateTime> appointment_at;
  Customer customer;
  std::optional<Payment> payment_status;
  std::optional<Instant> hold_until;
  Particulars particulars;
  bool operator==(const CreateBooking&) const = default;
};

struct ChangeStatus {
  BookingId booking_id;
  Status status = Status::pending;
  bool operator==(const ChangeStatus&) const = default;
};

struct CheckIn {
  BookingId booking_id;
  bool operator==(const CheckIn&) const = default;
};

struct CheckOut {
  BookingId booking_id;
  bool operator==(const CheckOut&) const = default;
};

struct RescheduleBooking {
  BookingId booking_id;
  std::optional<Date> check_in;
  std::optional<Date> check_out;
  std::optional<ScheduleId> schedule_id;
  std::optional<LocalDateTime> appointment_at;
  bool operator==(const RescheduleBooking&) const = default;
};

struct ChangeBooking {
  BookingId booking_id;
  std::optional<std::int64_t> units;
  std::optional<std::int64_t> party_size;
  std::optional<Customer> customer;
  std::optional<Instant> hold_until;
  Particulars particulars;
  bool operator==(const ChangeBooking&) const = default;
};

struct RecordPayment {
  BookingId booking_id;
  Payment status = Payment::unpaid;
  std::optional<std::int64_t> amount_minor;
  std::optional<PaymentMethod> method;
  std::optional<std::string_view> transaction_id;
  bool operator==(const RecordPayment&) const = default;
};

struct DeleteBooking {
  BookingId booking_id;
  bool operator==(const DeleteBooking&) const = default;
};

/// Ends what is due by itself (docs/holds.md#timers).
struct RunTimer {
  BookingId booking_id;
  Timer timer = Timer::expiry;
  bool operator==(const RunTimer&) const = default;
};

using CommandBody =
    std::variant<DefineRoom, ChangeRoom, DefineService, ChangeService, AddSchedule, ChangeSchedule,
                 CloseSchedule, OpenSchedule, CreateBooking, ChangeStatus, CheckIn, CheckOut,
                 RescheduleBooking, ChangeBooking, RecordPayment, DeleteBooking, RunTimer>;

/// A valid command: what every command carries, and what this one asks for.
struct Command {
  ResourceId resource;
  Actor actor;
  std::optional<std::string_view> reason;
  std::optional<std::int64_t> expected_version;  // only where the body names an existing booking
  CommandBody body;
  bool operator==(const Command&) const = default;
};

/// The booking that the command names; nullopt where it names none (or brings no id of its own).
std::optional<BookingId> booking_named_by(const CommandBody& body);

}  // namespace pesan
