#include "tests/support/auditor/rules.hpp"

#include <map>

#include "tests/support/auditor/calendar.hpp"
#include "tests/support/auditor/fields.hpp"

namespace pesan::audit {

namespace json = boost::json;

Outcome decide_business(PartitionState& partition, const Command& command) {
  using Rule = Outcome (*)(PartitionState&, const Command&);
  static const std::map<std::string, Rule> rules = {
      {"DefineRoom", define_room},
      {"ChangeRoom", change_room},
      {"DefineService", define_service},
      {"ChangeService", change_service},
      {"AddSchedule", add_schedule},
      {"ChangeSchedule", change_schedule},
      {"CloseSchedule", open_or_close_schedule},
      {"OpenSchedule", open_or_close_schedule},
      {"CreateBooking", create_booking},
      {"ChangeStatus", change_status},
      {"CheckIn", check_in},
      {"CheckOut", check_out},
      {"RescheduleBooking", reschedule_booking},
      {"ChangeBooking", change_booking},
      {"RecordPayment", record_payment},
      {"DeleteBooking", delete_booking},
      {"RunTimer", run_timer},
  };
  return rules.at(command.type)(partition, command);
}

Resource* find_resource(PartitionState& partition, const std::string& id) {
  const auto found = partition.resources.find(id);
  return found == partition.resources.end() ? nullptr : &found->second;
}

std::string local_now(const Resource& resource, const Command& command) {
  return local_text(resource.timezone, command.now_ms);
}

Touch next_event(PartitionState& partition, Resource& resource, const Command& command) {
  partition.sequence += 1;
  resource.version += 1;
  return {partition.sequence, command.now_ms};
}

Found find_booking(PartitionState& partition, const Command& command) {
  Found found;
  found.resource = find_resource(partition, command.resource);
  if (found.resource == nullptr) {
    found.refusal = refuse("resource_not_found");
    return found;
  }
  const auto booking = found.resource->bookings.find(*text_of(command.data, "booking_id"));
  if (booking == found.resource->bookings.end()) {
    found.refusal = refuse("booking_not_found");
  } else {
    found.booking = &booking->second;
  }
  return found;
}

std::optional<Outcome> version_conflict(const Booking& booking, const Command& command) {
  const auto expected = integer_of(command.data, "expected_version");
  if (expected && *expected != booking.version) return refuse("version_conflict");
  return std::nullopt;
}

bool lets_user_in(const Booking& booking, const Command& command) {
  const bool is_theirs =
      booking.created_by_user == command.actor_id || booking.customer.ref == command.actor_id;
  return is_theirs && !booking.checked_in_ms;
}

Customer customer_of(const json::object& data) {
  const json::object& given = data.at("customer").get_object();
  return {.name = *text_of(given, "name"),
          .ref = text_of(given, "ref"),
          .gender = text_of(given, "gender"),
          .phone = text_of(given, "phone"),
          .email = text_of(given, "email"),
          .address = text_of(given, "address")};
}

Subject subject_of(const json::object& data) {
  const json::object& given = data.at("subject").get_object();
  return {.type = *text_of(given, "type"),
          .id = *text_of(given, "id"),
          .name = *text_of(given, "name")};
}

std::optional<std::int64_t> nights_of(const Booking& booking) {
  if (!booking.check_in) return std::nullopt;
  return *day_number(*booking.check_out) - *day_number(*booking.check_in);
}

bool set_total(const Resource& resource, Booking& booking) {
  const auto nights = resource.is_service() ? 1 : nights_of(booking);
  booking.total.reset();
  if (!booking.price || !nights) return true;
  // At most 10^15 × 3,660 × 10,000, which 64 bits do not hold.
  const auto total = static_cast<__int128>(*booking.price) * *nights * booking.units;
  if (total > most_total) return false;
  booking.total = static_cast<std::int64_t>(total);
  return true;
}

bool is_party_too_large(const Resource& resource, const Booking& booking) {
  return resource.max_party && booking.party_size &&
         *booking.party_size > *resource.max_party * booking.units;
}

}  // namespace pesan::audit
