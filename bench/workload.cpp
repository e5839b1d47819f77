#include "bench/workload.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/deciders.hpp"
#include "events/time_zone.hpp"

namespace pesan::bench {
namespace {

constexpr Actor admin{ActorType::admin, "front-desk"};
constexpr int last_stage = 4;

struct Lifecycle {
  std::string_view resource;
  std::string_view booking;
  int stage = 0;
  bool cancelled = false;
};

}  // namespace

Workload::Workload(Size size)
    : start_(size.start),
      today_(date_of(TimeZone::find(default_timezone).value().local(size.start))) {
  define_rooms(size.rooms);
  std::vector<Lifecycle> open(static_cast<std::size_t>(size.open_bookings));
  std::uint64_t random = 88172645463325252ULL;
  const auto next_random = [&] {  // xorshift: the same on every machine
    random ^= random << 13U;
    random ^= random >> 7U;
    random ^= random << 17U;
    return random;
  };
  std::int64_t number = 0;
  commands_.reserve(static_cast<std::size_t>(size.rooms + size.commands));
  for (std::int64_t i = 0; i < size.commands; ++i) {
    Lifecycle& life = open[next_random() % open.size()];
    if (life.booking.empty() || life.stage > (life.cancelled ? 2 : last_stage)) {
      const auto room = static_cast<std::int64_t>(next_random() % rooms_.size());
      const bool cancelled = next_random() % 5 == 0;
      commands_.push_back(create(++number, room, cancelled));
      const auto& created = std::get<CreateBooking>(commands_.back().body);
      life = {.resource = commands_.back().resource.text,
              .booking = created.booking_id->text,
              .stage = 1,
              .cancelled = cancelled};
    } else {
      commands_.push_back(next_of(life.resource, life.booking, life.stage, life.cancelled));
      ++life.stage;
    }
  }
}

void Workload::define_rooms(std::int64_t rooms) {
  for (std::int64_t i = 0; i < rooms; ++i) {
    rooms_.push_back(keep(fmt::format("room-{:04}", i)));
    commands_.push_back({.resource = ResourceId{rooms_.back()},
                         .actor = admin,
                         .reason = {},
                         .expected_version = {},
                         .body = DefineRoom{.name = "Villa Deluxe",
                                            .units = 1000,
                                            .inventory = Inventory::nightly,
                                            .nightly_price_minor = 75'000'000,
                                            .max_party = 4}});
  }
}

/// Who comes is there today: the front desk books, which may also do so after midnight. A user
/// books for later, and cancels.
Command Workload::create(std::int64_t number, std::int64_t room, bool cancelled) {
  const auto resource = rooms_[static_cast<std::size_t>(room)];
  const auto ahead = cancelled ? 1 + static_cast<std::int32_t>(number * 7 % 360) : 0;
  const Date first{today_.days + ahead};
  const Actor user{ActorType::user, cancelled ? keep(fmt::format("u-{}", number % 5000)) : ""};
  return {.resource = ResourceId{resource},
          .actor = cancelled ? user : admin,
          .reason = {},
          .expected_version = {},
          .body = CreateBooking{
              .booking_id = BookingId{keep(fmt::format("{}.b{}", resource, number))},
              .party_size = 2,
              .check_in = first,
              .check_out = Date{first.days + 1 + static_cast<std::int32_t>(number % 4)},
              .customer = {.name = keep(fmt::format("Guest {}", number)),
                           .ref = {},
                           .gender = Gender::female,
                           .phone = keep(fmt::format("0812{:07}", number)),
                           .email = keep(fmt::format("guest{}@example.com", number)),
                           .address = "Jl. Contoh No. 123, Jakarta"}}};
}

Command Workload::next_of(std::string_view resource, std::string_view booking, int stage,
                          bool cancelled) const {
  const BookingId id{booking};
  CommandBody body = DeleteBooking{id};
  switch (stage) {
    case 1: body = ChangeStatus{id, Status::confirmed}; break;
    case 2:
      if (cancelled) {
        body = ChangeStatus{id, Status::cancelled};
      } else {
        body = RecordPayment{.booking_id = id,
                             .status = Payment::paid,
                             .amount_minor = 75'000'000,
                             .method = PaymentMethod::transfer};
      }
      break;
    case 3: body = CheckIn{id}; break;
    default: body = CheckOut{id}; break;
  }
  return {.resource = ResourceId{resource},
          .actor = admin,
          .reason = {},
          .expected_version = {},
          .body = std::move(body)};
}

std::string Workload::record(std::size_t i) const {
  std::string out;
  append_command(out, {.id = fmt::format("c-{}", i),
                       .source = "/bench",
                       .time = time_of(i),
                       .command = commands_[i]});
  return out;
}

}  // namespace pesan::bench
