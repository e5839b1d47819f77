// The business stages of docs/domain.md#rejections, from "look up" to "capacity", one function a
// command.
//
// A function changes the partition only after its last check, so what it refuses leaves no trace.
// The stage "validate alone" is behind it: every field that is there has the right form.
#pragma once

#include <boost/json.hpp>

#include "tests/support/auditor/state.hpp"

namespace pesan::audit {

struct Command {
  std::string type;
  const boost::json::object& data;
  std::string resource, source, actor_type, actor_id;
  std::optional<std::string> reason;
  std::int64_t now_ms = 0;

  bool by_user() const { return actor_type == "user"; }
};

struct Outcome {
  std::string code;  // "" when accepted
  boost::json::object details;
  std::optional<std::string> booking_id;  // of a new booking
  bool event = false;                     // accepted, and something changed
};

inline Outcome refuse(std::string code, boost::json::object details = {}) {
  return {std::move(code), std::move(details), std::nullopt, false};
}
inline Outcome nothing_changes() { return {}; }

// Total above 10^15, which no booking may have.
inline constexpr std::int64_t most_total = 1'000'000'000'000'000;

Outcome decide_business(PartitionState& partition, const Command& command);

// resource_rules.cpp
Outcome define_room(PartitionState&, const Command&);
Outcome change_room(PartitionState&, const Command&);
Outcome define_service(PartitionState&, const Command&);
Outcome change_service(PartitionState&, const Command&);
Outcome add_schedule(PartitionState&, const Command&);
Outcome change_schedule(PartitionState&, const Command&);
Outcome open_or_close_schedule(PartitionState&, const Command&);
// stay_rules.cpp
Outcome create_booking(PartitionState&, const Command&);
Outcome reschedule_booking(PartitionState&, const Command&);
// booking_rules.cpp
Outcome change_status(PartitionState&, const Command&);
Outcome check_in(PartitionState&, const Command&);
Outcome check_out(PartitionState&, const Command&);
Outcome change_booking(PartitionState&, const Command&);
Outcome record_payment(PartitionState&, const Command&);
Outcome delete_booking(PartitionState&, const Command&);
Outcome run_timer(PartitionState&, const Command&);

// Steps that several commands share.
Resource* find_resource(PartitionState& partition, const std::string& id);
std::string local_now(const Resource& resource, const Command& command);
// The event gets the partition's next sequence and the resource's next version.
Touch next_event(PartitionState& partition, Resource& resource, const Command& command);

// The look-up and the first guard of a command on a booking that must exist.
struct Found {
  Resource* resource = nullptr;
  const Booking* booking = nullptr;
  std::optional<Outcome> refusal;
};
Found find_booking(PartitionState& partition, const Command& command);
std::optional<Outcome> version_conflict(const Booking& booking, const Command& command);
// A user's own booking, before its guest has arrived.
bool lets_user_in(const Booking& booking, const Command& command);

// Whether RunTimer of that kind would end something now.
bool is_due(const PartitionState& partition, const Resource& resource, const Booking& booking,
            const std::string& timer, std::int64_t now_ms);

Customer customer_of(const boost::json::object& data);
Subject subject_of(const boost::json::object& data);
std::optional<std::int64_t> nights_of(const Booking& booking);
// Price × nights × units as far as they exist; false when it is above the bound.
bool set_total(const Resource& resource, Booking& booking);
bool is_party_too_large(const Resource& resource, const Booking& booking);

}  // namespace pesan::audit
