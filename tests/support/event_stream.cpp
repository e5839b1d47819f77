#include "tests/support/event_stream.hpp"

#include <optional>

#include "events/event_codec.hpp"
#include "tests/support/must.hpp"

namespace pesan {
namespace {

std::string room_of(std::int32_t partition) { return "room-" + std::to_string(partition); }
std::string service_of(std::int32_t partition) { return "service-" + std::to_string(partition); }
std::string code_of(std::int64_t number) { return "CS-" + std::to_string(100'000 + number); }

constexpr std::int32_t first_day = 20'800;

}  // namespace

EventStream::PartitionState& EventStream::state(std::int32_t partition) {
  return partitions_[partition];
}

void EventStream::append(std::int32_t partition, std::string record) {
  must(
      log_.append({{.to = {Topic::events, Partition{partition}},
                    .payload = {.key = std::nullopt, .value = std::move(record), .headers = {}}}}));
}

std::string EventStream::encode(std::int32_t partition, const std::string& resource,
                                const EventBody& body) {
  PartitionState& at = state(partition);
  at.ms += any(100'000);
  ResourceEvent event;
  event.resource = ResourceId(std::string_view(resource));
  event.version = {++at.versions[resource]};
  event.causation_id = "c-1";
  event.causation_source = "/test";
  event.event.actor = {ActorType::admin, "a-1"};
  event.event.body = body;
  if (any(3) == 0) event.event.reason = "because";
  std::string record;
  append_event(record, {log_id_, {at.sequence++}, {at.ms}, event});
  return record;
}

void EventStream::open() {
  for (std::int32_t p = 0; p < log_.partitions(); ++p) {
    LogOpened opened;
    opened.log_id = log_id_;
    opened.partition = p;
    opened.partitions = log_.partitions();
    opened.partitioner = "murmur2";
    std::string record;
    append_event(record, {log_id_, {state(p).sequence++}, {state(p).ms}, opened});
    append(p, record);

    RoomDefined room{.name = "Deluxe", .units = 50, .inventory = Inventory::nightly};
    room.nightly_price_minor = 50'000;
    room.currency = "IDR";
    room.timezone = "Asia/Jakarta";
    append(p, encode(p, room_of(p), room));
    ServiceDefined service{.name = "Bath", .price_minor = 1000, .currency = "IDR"};
    service.duration_minutes = 30;
    service.timezone = "Asia/Jakarta";
    append(p, encode(p, service_of(p), service));
    for (const std::string& name : slot_names_) {
      ScheduleAdded slot;
      slot.schedule_id = ScheduleId(std::string_view(name));
      slot.date = {first_day};
      slot.start = {540};
      slot.end = {600};
      slot.capacity = 1000;
      append(p, encode(p, service_of(p), slot));
    }
  }
}

Held EventStream::any_held(bool slots) {
  Held held;
  held.units = 1 + any(3);
  if (slots) {
    held.buckets.inventory = Inventory::slots;
    held.buckets.slot = ScheduleId(
        std::string_view(slot_names_[static_cast<std::size_t>(any(std::ssize(slot_names_)))]));
  } else {
    held.buckets.inventory = Inventory::nightly;
    held.buckets.first = {first_day + static_cast<std::int32_t>(any(60))};
    held.buckets.end = {held.buckets.first.days + 1 + static_cast<std::int32_t>(any(5))};
  }
  return held;
}

BookingFacet EventStream::facet(Booking& booking, Status status, Payment payment,
                                std::optional<Held> held) {
  BookingFacet facet;
  facet.booking_id = BookingId(std::string_view(booking.id));
  facet.inventory = booking.slots ? Inventory::slots : Inventory::nightly;
  facet.status = {booking.status, status};
  facet.payment = {booking.payment, payment};
  facet.occupies = {booking.held.has_value(), held.has_value()};
  facet.held = {booking.held, held};
  if (status == Status::in_progress) facet.checked_in_at = Instant{1'800'000'000'000};
  booking.status = status;
  booking.payment = payment;
  booking.held = held;
  return facet;
}

std::string EventStream::create(std::int32_t partition) {
  return create(partition, any_held(any(3) == 0));
}

std::string EventStream::create(std::int32_t partition, const Held& held) {
  PartitionState& at = state(partition);
  const bool slots = held.buckets.inventory == Inventory::slots;
  const std::string resource = slots ? service_of(partition) : room_of(partition);
  Booking& booking = at.bookings.emplace_back();
  booking.id = resource + "." + std::to_string(++at.made);
  booking.slots = slots;
  BookingCreated created;
  created.facet = facet(booking, Status::confirmed, Payment::unpaid, held);
  created.facet.status.from.reset();
  created.facet.payment.from.reset();
  created.facet.held.from.reset();
  created.facet.occupies.from = false;
  created.number = booking_number({at.sequence}, Partition{partition});
  created.units = held.units;
  if (!slots) {
    created.check_in = held.buckets.first;
    created.check_out = held.buckets.end;
    created.nights = held.buckets.end.days - held.buckets.first.days;
  } else {
    created.schedule_id = held.buckets.slot;
    created.date = Date{first_day};
    created.start = TimeOfDay{540};
    created.end = TimeOfDay{600};
  }
  created.booked_for = midnight({first_day});
  created.price_minor = 1000;
  created.currency = "IDR";
  created.total_minor = 1000 * held.units;
  created.customer.name = "Ann \"A\" O'Hara";
  created.customer.phone = "08123456789";
  if (any(2) == 0) created.particulars.notes = "quiet, please";
  pending_link_ = booking.id;
  return encode(partition, resource, created);
}

std::string EventStream::change(std::int32_t partition, Booking& booking) {
  const std::string resource(BookingId(std::string_view(booking.id)).resource().text);
  switch (any(6)) {
    case 0: {
      BookingRescheduled moved;
      const auto before = booking.held;
      const Held held = any_held(booking.slots);
      moved.facet = facet(booking, booking.status, booking.payment, held);
      if (booking.slots) {
        moved.schedule_id = {before ? std::optional(before->buckets.slot) : std::nullopt,
                             held.buckets.slot};
        moved.date = Date{first_day};
        moved.start = TimeOfDay{540};
        moved.end = TimeOfDay{600};
      } else {
        moved.check_in = {before ? std::optional(before->buckets.first) : std::nullopt,
                          held.buckets.first};
        moved.check_out = {before ? std::optional(before->buckets.end) : std::nullopt,
                           held.buckets.end};
        moved.nights = held.buckets.end.days - held.buckets.first.days;
      }
      return encode(partition, resource, moved);
    }
    case 1: {
      PaymentRecorded paid;
      paid.facet = facet(booking, booking.status, Payment::paid, booking.held);
      paid.amount_minor = 1000;
      paid.method = PaymentMethod::card;
      return encode(partition, resource, paid);
    }
    case 2: {
      BookingChanged changed;
      changed.facet = facet(booking, booking.status, booking.payment, booking.held);
      changed.units = booking.held ? booking.held->units : 1;
      changed.particulars.notes = "louder, please";
      return encode(partition, resource, changed);
    }
    case 3:
      return encode(
          partition, resource,
          BookingCheckedIn{facet(booking, Status::in_progress, booking.payment, booking.held)});
    case 4:
      return encode(
          partition, resource,
          BookingStatusChanged{facet(booking, Status::cancelled, booking.payment, std::nullopt)});
    default: break;
  }
  BookingDeleted deleted{facet(booking, Status::cancelled, booking.payment, std::nullopt)};
  deleted.facet.status.to.reset();
  deleted.facet.payment.to.reset();
  const std::string record = encode(partition, resource, deleted);
  auto& all = state(partition).bookings;
  booking = all.back();
  all.pop_back();
  return record;
}

std::string EventStream::next_record(std::int32_t partition) {
  auto& bookings = state(partition).bookings;
  if (bookings.empty() || any(3) == 0) return create(partition);
  return change(partition, bookings[static_cast<std::size_t>(any(std::ssize(bookings)))]);
}

void EventStream::register_customer(std::int32_t partition, const std::string& booking) {
  const auto write = [&](const CustomerEventBody& body) {
    std::string record;
    append_customer_event(record, {log_id_, {customer_sequence_++}, {state(partition).ms}, body});
    must(log_.append({{.to = {Topic::customers, Partition{0}},
                       .payload = {.key = std::nullopt, .value = record, .headers = {}}}}));
  };
  std::string code = code_of(customers_);
  const std::string resource = room_of(partition);  // events borrow their texts
  if (customers_ == 0 || any(2) == 0) {
    code = code_of(++customers_);
    CustomerRegistered registered;
    registered.code = code;
    registered.name = "Ann";
    registered.preferred_resource = resource;
    registered.booked_for = midnight({first_day});
    write(registered);
  } else {
    CustomerUpdated updated;
    updated.code = code;
    updated.email = "ann@example.com";
    updated.booked_for = midnight({first_day + 1});
    write(updated);
  }
  BookingLinked linked;
  linked.code = code;
  linked.booking_id = BookingId(std::string_view(booking));
  linked.partition = partition;
  linked.sequence = state(partition).sequence - 1;
  write(linked);
}

void EventStream::write(int events) {
  for (int i = 0; i < events; ++i) {
    const auto partition = static_cast<std::int32_t>(any(log_.partitions()));
    pending_link_.clear();
    append(partition, next_record(partition));
    if (!pending_link_.empty()) register_customer(partition, pending_link_);
  }
}

void EventStream::write_long_stays(int stays, std::int32_t nights) {
  for (int i = 0; i < stays; ++i) {
    const auto partition = static_cast<std::int32_t>(any(log_.partitions()));
    Held held{.buckets = {.inventory = Inventory::nightly}, .units = 1};
    held.buckets.first = {i * nights};
    held.buckets.end = {(i + 1) * nights};
    append(partition, create(partition, held));
  }
}

}  // namespace pesan
