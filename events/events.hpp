// One struct per event (docs/wire.md#events). Events are fat: they carry every value that a fold
// needs, after the event and, where history wants it, before, so that no reader consults a rule,
// a clock or a time zone. Events borrow their texts from the command, state or record behind them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "events/guest.hpp"
#include "events/ids.hpp"
#include "events/time.hpp"
#include "events/vocabulary.hpp"

namespace pesan {

/// A value on both sides of an event.
template <class T>
struct Change {
  T from{};
  T to{};
  bool operator==(const Change&) const = default;
};

/// A range of buckets of one resource (docs/domain.md#resources). Exactly one form, told by the
/// inventory.
struct Buckets {
  Inventory inventory = Inventory::counter;
  Date first;       // nightly: the first night
  Date end;         // nightly: the day after the last night
  ScheduleId slot;  // slots: the schedule
  bool operator==(const Buckets&) const = default;
};

/// What a booking holds: `units` in each bucket of the range.
struct Held {
  Buckets buckets;
  std::int64_t units = 0;
  bool operator==(const Held&) const = default;
};

/// What every booking event says. Status is null before creation and after deletion.
struct BookingFacet {
  BookingId booking_id;
  Inventory inventory = Inventory::counter;
  Change<std::optional<Status>> status;
  Change<std::optional<Payment>> payment;
  Change<bool> occupies;
  Change<std::optional<Held>> held;
  std::optional<Instant> checked_in_at;   // after the event
  std::optional<Instant> checked_out_at;  // after the event
  std::optional<Instant> hold_until{};    // after the event
  bool operator==(const BookingFacet&) const = default;
};

struct RoomDefined {
  std::string_view name;
  std::int64_t units = 0;
  Inventory inventory = Inventory::counter;
  std::optional<std::int64_t> nightly_price_minor;
  std::string_view currency;
  std::optional<std::int64_t> max_party;
  Occupancy occupancy = Occupancy::on_confirm;
  std::int64_t overbook_limit = 0;
  std::optional<std::int64_t> min_nights;
  std::optional<std::int64_t> max_nights;
  std::optional<std::int64_t> hold_minutes{};  // absent where it is 0, as no_show_minutes
  std::optional<std::int64_t> no_show_minutes{};
  std::string_view timezone;
  bool active = true;
  bool operator==(const RoomDefined&) const = default;
};

/// The values after it, changed or not.
struct RoomChanged {
  std::string_view name;
  std::int64_t units = 0;
  std::optional<std::int64_t> nightly_price_minor;
  std::optional<std::int64_t> max_party;
  std::int64_t overbook_limit = 0;
  std::optional<std::int64_t> min_nights;
  std::optional<std::int64_t> max_nights;
  std::optional<std::int64_t> hold_minutes{};
  std::optional<std::int64_t> no_show_minutes{};
  bool active = true;
  bool operator==(const RoomChanged&) const = default;
};

struct ServiceDefined {
  std::string_view name;
  std::int64_t price_minor = 0;
  std::string_view currency;
  std::int64_t duration_minutes = 0;
  Occupancy occupancy = Occupancy::on_create;
  std::int64_t overbook_limit = 0;
  std::optional<std::int64_t> hold_minutes{};
  std::optional<std::int64_t> no_show_minutes{};
  std::string_view timezone;
  bool active = true;
  bool operator==(const ServiceDefined&) const = default;
};

/// The values after it, changed or not.
struct ServiceChanged {
  std::string_view name;
  std::int64_t price_minor = 0;
  std::int64_t duration_minutes = 0;
  std::int64_t overbook_limit = 0;
  std::optional<std::int64_t> hold_minutes{};
  std::optional<std::int64_t> no_show_minutes{};
  bool active = true;
  bool operator==(const ServiceChanged&) const = default;
};

/// A new schedule is open.
struct ScheduleAdded {
  ScheduleId schedule_id;
  Date date;
  TimeOfDay start;
  TimeOfDay end;
  std::int64_t capacity = 0;
  bool operator==(const ScheduleAdded&) const = default;
};

/// The values after it, changed or not.
struct ScheduleChanged {
  ScheduleId schedule_id;
  Date date;
  TimeOfDay start;
  TimeOfDay end;
  std::int64_t capacity = 0;
  bool operator==(const ScheduleChanged&) const = default;
};

struct ScheduleClosed {
  ScheduleId schedule_id;
  bool operator==(const ScheduleClosed&) const = default;
};

struct ScheduleOpened {
  ScheduleId schedule_id;
  bool operator==(const ScheduleOpened&) const = default;
};

struct BookingCreated {
  BookingFacet facet;
  std::int64_t number = 0;  // booking_number of this very event
  std::int64_t units = 0;
  std::optional<std::int64_t> party_size;
  std::optional<Date> check_in;
  std::optional<Date> check_out;
  std::optional<std::int64_t> nights;
  std::optional<ScheduleId> schedule_id;
  std::optional<Date> date;  // of the slot, as are start and end
  std::optional<TimeOfDay> start;
  std::optional<TimeOfDay> end;
  std::optional<LocalDateTime> appointment_at;
  LocalDateTime booked_for;
  std::optional<std::int64_t> price_minor;
  std::optional<std::string_view> currency;
  std::optional<std::int64_t> total_minor;
  Customer customer;
  Particulars particulars;
  bool operator==(const BookingCreated&) const = default;
};

struct BookingStatusChanged {
  BookingFacet facet;
  bool operator==(const BookingStatusChanged&) const = default;
};

struct BookingCheckedIn {
  BookingFacet facet;
  bool operator==(const BookingCheckedIn&) const = default;
};

struct BookingCheckedOut {
  BookingFacet facet;
  bool operator==(const BookingCheckedOut&) const = default;
};

/// A stay moves by dates, a service booking by slot or appointment; the other members are empty.
struct BookingRescheduled {
  BookingFacet facet;
  Change<std::optional<Date>> check_in;
  Change<std::optional<Date>> check_out;
  Change<std::optional<ScheduleId>> schedule_id;
  std::optional<Date> date;  // of the slot after it, as are start and end
  std::optional<TimeOfDay> start;
  std::optional<TimeOfDay> end;
  std::optional<LocalDateTime> appointment_at;  // after it
  std::optional<std::int64_t> nights;           // after it
  std::optional<std::int64_t> total_minor;      // after it
  bool operator==(const BookingRescheduled&) const = default;
};

/// units, party_size and total as they are after it; of the rest, what was given (it replaces).
struct BookingChanged {
  BookingFacet facet;
  std::int64_t units = 0;
  std::optional<std::int64_t> party_size;
  std::optional<std::int64_t> total_minor;
  std::optional<Customer> customer;
  Particulars particulars;
  bool operator==(const BookingChanged&) const = default;
};

/// The payment status is the facet's.
struct PaymentRecorded {
  BookingFacet facet;
  std::optional<std::int64_t> amount_minor;
  std::optional<PaymentMethod> method;
  std::optional<std::string_view> transaction_id;
  bool operator==(const PaymentRecorded&) const = default;
};

struct BookingDeleted {
  BookingFacet facet;
  bool operator==(const BookingDeleted&) const = default;
};

// Events stand in groups. Whoever has no use for a group says so once, by its concept
// (`void operator()(const OfRoom auto&) {}`); whoever has names each event of it, and does not
// compile until a new one is named too.

using RoomEvents = std::variant<RoomDefined, RoomChanged>;
using ServiceEvents = std::variant<ServiceDefined, ServiceChanged>;
using ScheduleEvents = std::variant<ScheduleAdded, ScheduleChanged, ScheduleClosed, ScheduleOpened>;
/// Each of them has a facet.
using BookingEvents =
    std::variant<BookingCreated, BookingStatusChanged, BookingCheckedIn, BookingCheckedOut,
                 BookingRescheduled, BookingChanged, PaymentRecorded, BookingDeleted>;

template <class E, class Group>
inline constexpr bool is_of = false;
template <class E, class... Events>
inline constexpr bool is_of<E, std::variant<Events...>> = (std::is_same_v<E, Events> || ...);

template <class E>
concept OfRoom = is_of<E, RoomEvents>;
template <class E>
concept OfService = is_of<E, ServiceEvents>;
template <class E>
concept OfSchedule = is_of<E, ScheduleEvents>;
template <class E>
concept OfBooking = is_of<E, BookingEvents>;

template <class... Groups>
struct Joined;
template <class... Events>
struct Joined<std::variant<Events...>> {
  using Type = std::variant<Events...>;
};
template <class... As, class... Bs, class... Groups>
struct Joined<std::variant<As...>, std::variant<Bs...>, Groups...>
    : Joined<std::variant<As..., Bs...>, Groups...> {};

/// What a command can make of a resource: one event, or none.
using EventBody = Joined<RoomEvents, ServiceEvents, ScheduleEvents, BookingEvents>::Type;

/// A decided event, before it has a place in the log.
struct Event {
  Actor actor;
  std::optional<std::string_view> reason;
  EventBody body;
  bool operator==(const Event&) const = default;
};

/// Of a log that names none.
inline constexpr std::string_view default_calling_code = "62";

/// Sequence 0 of every events partition: what this log is (docs/wire.md#events).
struct LogOpened {
  std::string_view log_id;
  std::int64_t partition = 0;
  std::int64_t partitions = 0;
  std::string_view partitioner;  // "murmur2"
  Clock clock = Clock::append;
  // Of phone numbers that name no country; without it default_calling_code.
  std::optional<std::string_view> calling_code{};
  std::int64_t format = 1;
  bool operator==(const LogOpened&) const = default;
};

/// From here on `now` follows the clock named.
struct ClockSwitched {
  std::int64_t partition = 0;
  Clock clock = Clock::append;
  bool operator==(const ClockSwitched&) const = default;
};

/// The partition's clock was set back, because a wrong time had put it ahead of all later ones.
struct ClockMended {
  std::int64_t partition = 0;
  Instant from;
  Instant to;
  std::int64_t next_command = 0;  // the offset of the first one that is decided after it
  bool operator==(const ClockMended&) const = default;
};

/// The events of the log itself: about no resource.
using LogEvents = std::variant<LogOpened, ClockSwitched, ClockMended>;
template <class E>
concept OfLog = is_of<E, LogEvents>;

/// How the ids of these events begin, before the partition.
constexpr std::string_view id_prefix_of(const LogOpened&) { return "opened-"; }
constexpr std::string_view id_prefix_of(const ClockSwitched&) { return "clock-"; }
constexpr std::string_view id_prefix_of(const ClockMended&) { return "mended-"; }

/// An event of a resource with its place in the log.
struct ResourceEvent {
  ResourceId resource;
  Version version;
  std::string_view causation_id;
  std::string_view causation_source;
  std::optional<std::string_view> traceparent;
  Event event;
  bool operator==(const ResourceEvent&) const = default;
};

/// One record of the events topic.
struct LoggedEvent {
  std::string_view log_id;
  Sequence sequence;
  Instant time;
  Joined<std::variant<ResourceEvent>, LogEvents>::Type what;
  bool operator==(const LoggedEvent&) const = default;
};

// ---- the registry's events, topic `customers` (docs/domain.md#customers) ----

struct CustomerRegistered {
  std::string_view code;  // CS-000001
  std::string_view name;
  std::optional<Gender> gender;
  std::optional<std::string_view> phone;
  std::optional<std::string_view> email;
  std::optional<std::string_view> address;
  std::string_view preferred_resource;
  LocalDateTime booked_for;
  bool operator==(const CustomerRegistered&) const = default;
};

/// The values after it of what a booking may update: all but the time only where it changed.
struct CustomerUpdated {
  std::string_view code;
  std::optional<Gender> gender;
  std::optional<std::string_view> email;
  std::optional<std::string_view> address;
  LocalDateTime booked_for;
  bool operator==(const CustomerUpdated&) const = default;
};

/// Exactly one for every BookingCreated; partition and sequence are that event's.
struct BookingLinked {
  std::string_view code;
  BookingId booking_id;
  std::int64_t partition = 0;
  std::int64_t sequence = 0;
  // The customer's own id at the sender of the command, where it speaks for the customer; both or
  // neither. Links of older programs have none.
  std::optional<std::string_view> ref{};
  std::optional<std::string_view> source{};
  bool operator==(const BookingLinked&) const = default;
};

using CustomerEventBody = std::variant<CustomerRegistered, CustomerUpdated, BookingLinked>;

/// One record of the customers topic.
struct LoggedCustomerEvent {
  std::string_view log_id;
  Sequence sequence;
  Instant time;  // of the booking event behind it
  CustomerEventBody body;
  bool operator==(const LoggedCustomerEvent&) const = default;
};

/// The text form of a range: `*`, `2026-12-01/2026-12-03` or a schedule id.
void append_buckets(std::string& out, const Buckets& buckets);
/// nullopt for what `append_buckets` does not write; borrows from `text`.
std::optional<Buckets> parse_buckets(std::string_view text);

/// The facet of a booking event; nullptr for an event of a resource or schedule.
const BookingFacet* facet_of(const EventBody& body);
/// What an event is about: a booking, or else its resource.
std::string_view subject_of(const ResourceEvent& event);

}  // namespace pesan
