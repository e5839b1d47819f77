// Where and when a booking is: CreateBooking and RescheduleBooking.

#include <fmt/format.h>

#include "tests/support/auditor/calendar.hpp"
#include "tests/support/auditor/fields.hpp"
#include "tests/support/auditor/holding.hpp"

namespace pesan::audit {
namespace {

namespace json = boost::json;

// The first of check_in, check_out, schedule_id, appointment_at that this inventory needs and
// does not get, or gets and does not take.
std::optional<Outcome> misplaced_field(const Resource& r, const Command& c) {
  const auto has = [&c](const char* field) { return c.data.contains(field); };
  const auto fault = [](const char* field) { return refuse("invalid_field", {{"field", field}}); };
  if (r.is_service()) {
    if (has("check_in")) return fault("check_in");
    if (has("check_out")) return fault("check_out");
    if (!has("schedule_id")) return fault("schedule_id");
    return std::nullopt;
  }
  const bool needs_dates = r.inventory == "nightly" || c.type == "RescheduleBooking";
  if (!has("check_in") && (needs_dates || has("check_out"))) return fault("check_in");
  if (!has("check_out") && (needs_dates || has("check_in"))) return fault("check_out");
  if (has("schedule_id")) return fault("schedule_id");
  if (has("appointment_at")) return fault("appointment_at");
  return std::nullopt;
}

// The slot that the command names; a schedule_id on a room is not looked up.
struct NamedSlot {
  const Schedule* slot = nullptr;
  bool missing = false;
};

NamedSlot named_slot(const Resource& r, const Command& c) {
  const auto id = text_of(c.data, "schedule_id");
  if (!r.is_service() || !id) return {};
  const auto found = r.schedules.find(*id);
  if (found == r.schedules.end()) return {.slot = nullptr, .missing = true};
  return {.slot = &found->second, .missing = false};
}

bool is_outside(const std::string& appointment_at, const Schedule& slot) {
  const std::string time = appointment_at.substr(11);
  return appointment_at.substr(0, 10) != slot.date || time < slot.start || time >= slot.end;
}

// A user may neither book nor move to what has begun.
bool is_too_late(const Booking& after, const Schedule* slot, const std::string& now) {
  if (slot != nullptr) {
    return after.appointment_at.value_or(slot->date + "T" + slot->start) + ":00.000" <= now;
  }
  return after.check_in && *after.check_in < now.substr(0, 10);
}

// Of its dates or its slot; there is no day behind the last one.
void set_times(Booking& b, const Schedule* slot) {
  b.starts_at.reset();
  b.ends_at.reset();
  if (b.check_in) {
    b.starts_at = *b.check_in + "T00:00";
    b.ends_at = *b.check_out + "T00:00";
  }
  if (slot == nullptr) return;
  b.starts_at = slot->date + "T" + slot->start;
  if (slot->end != "24:00") {
    b.ends_at = slot->date + "T" + slot->end;
  } else if (slot->date != "9999-12-31") {
    b.ends_at = day_text(*day_number(slot->date) + 1) + "T00:00";
  }
}

bool is_restricted(const Resource& r, const Booking& after) {
  const auto nights = nights_of(after);
  if (!nights) return false;
  return (r.min_nights && *nights < *r.min_nights) || (r.max_nights && *nights > *r.max_nights);
}

std::string booked_for(const Resource& r, const Booking& b, const Schedule* slot,
                       const Command& c) {
  if (b.check_in) return *b.check_in + "T00:00:00.000";
  if (slot != nullptr) {
    return b.appointment_at.value_or(slot->date + "T" + slot->start) + ":00.000";
  }
  return local_now(r, c);
}

Booking new_booking(const PartitionState& p, const Resource& r, const Command& c) {
  Booking b;
  const auto own_id = text_of(c.data, "booking_id");
  b.id = own_id ? *own_id : fmt::format("{}.{}", r.id, r.assigned_ids + 1);
  b.number = (p.sequence + 1) * 1024 + p.number;
  b.status = text_of(c.data, "status").value_or("pending");
  b.payment = text_of(c.data, "payment_status").value_or("unpaid");
  b.units = integer_of(c.data, "units").value_or(1);
  b.party_size = integer_of(c.data, "party_size");
  b.check_in = text_of(c.data, "check_in");
  b.check_out = text_of(c.data, "check_out");
  b.schedule_id = text_of(c.data, "schedule_id");
  b.appointment_at = text_of(c.data, "appointment_at");
  b.customer = customer_of(c.data);
  if (c.data.contains("subject")) b.subject = subject_of(c.data);
  b.staff_id = text_of(c.data, "staff_id");
  b.notes = text_of(c.data, "notes");
  b.price = r.price;
  if (r.price) b.currency = r.currency;
  if (c.by_user()) b.created_by_user = c.actor_id;
  b.created_ms = c.now_ms;
  return b;
}

}  // namespace

Outcome create_booking(PartitionState& p, const Command& c) {
  Resource* const r = find_resource(p, c.resource);
  if (r == nullptr) return refuse("resource_not_found");
  const auto own_id = text_of(c.data, "booking_id");
  if (own_id && r->taken_ids.contains(*own_id)) return refuse("booking_exists");
  const auto [slot, missing] = named_slot(*r, c);
  if (missing) return refuse("schedule_not_found");

  const bool is_plain = text_of(c.data, "status").value_or("pending") == "pending" &&
                        text_of(c.data, "payment_status").value_or("unpaid") == "unpaid" &&
                        !c.data.contains("hold_until");
  if (c.by_user() && !is_plain) return refuse("forbidden_actor");
  if (!r->active) return refuse("resource_inactive");
  if (slot != nullptr && !slot->open) return refuse("schedule_closed");

  const auto hold_until = instant_of(c.data, "hold_until");
  if (hold_until && text_of(c.data, "status") == "confirmed") {
    return refuse("invalid_field", {{"field", "hold_until"}});
  }
  if (auto fault = misplaced_field(*r, c)) return *fault;
  Booking b = new_booking(p, *r, c);
  if (b.appointment_at && is_outside(*b.appointment_at, *slot)) return refuse("invalid_range");
  if (hold_until && *hold_until <= c.now_ms) return refuse("invalid_range");
  b.hold_until_ms = hold_until;
  if (!hold_until && b.status == "pending" && r->hold_minutes > 0) {
    b.hold_until_ms = c.now_ms + r->hold_minutes * 60'000;
  }
  set_times(b, slot);
  if (!set_total(*r, b)) return refuse("invalid_range");
  if (c.by_user() && is_too_late(b, slot, local_now(*r, c))) return refuse("not_in_time");
  if (is_party_too_large(*r, b)) return refuse("party_too_large");
  if (is_restricted(*r, b)) return refuse("stay_restriction");

  const std::string when = booked_for(*r, b, slot, c);
  Outcome outcome = settle(p, *r, c, "BookingCreated", nullptr, &b);
  if (!outcome.event) return outcome;
  if (!own_id) r->assigned_ids += 1;
  r->taken_ids.insert(b.id);
  p.created.push_back({.partition = p.number,
                       .sequence = p.sequence,
                       .booking_id = b.id,
                       .resource = r->id,
                       .name = b.customer.name,
                       .ref = b.customer.ref,
                       .gender = b.customer.gender,
                       .phone = b.customer.phone,
                       .email = b.customer.email,
                       .address = b.customer.address,
                       .source = c.source,
                       .by_user = b.created_by_user,
                       .booked_for = when,
                       .now_ms = c.now_ms});
  return outcome;
}

Outcome reschedule_booking(PartitionState& p, const Command& c) {
  const auto [r, before, refusal] = find_booking(p, c);
  if (refusal) return *refusal;
  const auto [slot, missing] = named_slot(*r, c);
  if (missing) return refuse("schedule_not_found");

  if (auto conflict = version_conflict(*before, c)) return *conflict;
  if (c.by_user() && !lets_user_in(*before, c)) return refuse("forbidden_actor");
  if (slot != nullptr && !slot->open) return refuse("schedule_closed");

  if (auto fault = misplaced_field(*r, c)) return *fault;
  const std::string now = local_now(*r, c);
  Booking after = *before;
  bool changes = false;
  bool keeps_its_place = false;
  if (slot != nullptr) {
    const auto appointment_at = text_of(c.data, "appointment_at");
    if (appointment_at && is_outside(*appointment_at, *slot)) return refuse("invalid_range");
    keeps_its_place = before->schedule_id == text_of(c.data, "schedule_id");
    after.schedule_id = text_of(c.data, "schedule_id");
    if (!keeps_its_place || appointment_at) after.appointment_at = appointment_at;
    changes = !keeps_its_place || after.appointment_at != before->appointment_at;
  } else {
    after.check_in = text_of(c.data, "check_in");
    after.check_out = text_of(c.data, "check_out");
    if (before->checked_in_ms && *after.check_out < now.substr(0, 10)) {
      return refuse("invalid_range");
    }
    keeps_its_place = before->check_in == after.check_in;
    changes = !keeps_its_place || after.check_out != before->check_out;
  }
  set_times(after, slot);
  if (nights_of(after) != nights_of(*before) && !set_total(*r, after)) {
    return refuse("invalid_range");
  }
  if (c.by_user() && is_too_late(after, slot, now)) return refuse("not_in_time");
  if (is_restricted(*r, after)) return refuse("stay_restriction");

  if (before->checked_in_ms && !keeps_its_place) return refuse("already_checked_in");
  if (before->status != "pending" && before->status != "confirmed" &&
      before->status != "in_progress") {
    return refuse("invalid_transition");
  }
  if (!changes) return nothing_changes();
  const Booking old = *before;
  return settle(p, *r, c, "BookingRescheduled", &old, &after);
}

}  // namespace pesan::audit
