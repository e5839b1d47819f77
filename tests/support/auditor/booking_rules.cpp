// What happens to a booking where it stands: status, arrival, contents, payment, deletion.

#include <array>
#include <string_view>

#include "tests/support/auditor/calendar.hpp"
#include "tests/support/auditor/fields.hpp"
#include "tests/support/auditor/holding.hpp"

namespace pesan::audit {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 7> statuses = {
    "pending", "confirmed", "in_progress", "completed", "cancelled", "no_show", "expired"};

// docs/domain.md#status: rows from, columns to, in the order above.
constexpr std::array<std::string_view, 7> cells = {
    "=AAAU-S",  // pending
    "A=AAUA-",  // confirmed
    "AA=AA--",  // in_progress
    "AA-=A--",  // completed
    "AA-A=--",  // cancelled
    "-AA-A=-",  // no_show
    "-A--A-=",  // expired
};

std::size_t index_of(std::string_view status) {
  std::size_t i = 0;
  while (statuses[i] != status) ++i;
  return i;
}

char cell(std::string_view from, std::string_view to) {
  return cells[index_of(from)][index_of(to)];
}

bool is_under_way(const Booking& b) {
  return b.status == "pending" || b.status == "confirmed" || b.status == "in_progress";
}

// Entering pending, or coming back from an end, starts a new episode.
void enter_status(Booking& b, const std::string& to) {
  const bool was_over = !is_under_way(b);
  b.status = to;
  if (to == "pending" || (was_over && is_under_way(b))) {
    b.checked_in_ms.reset();
    b.checked_out_ms.reset();
  }
}

// A hold that nobody paid has ended.
bool is_over(const Booking& b, std::int64_t now_ms) {
  return b.status == "pending" && b.hold_until_ms && *b.hold_until_ms <= now_ms &&
         (b.payment == "unpaid" || b.payment == "refunded");
}

// The guest is late, and was not yet when somebody last looked.
bool has_not_come(const PartitionState& p, const Resource& r, const Booking& b,
                  std::int64_t now_ms) {
  if (b.status != "confirmed" || b.checked_in_ms || r.no_show_minutes == 0) return false;
  std::optional<std::string> expected = b.appointment_at;
  if (!expected && b.check_in) expected = *b.check_in + "T00:00";
  if (!expected && b.schedule_id) {
    const Schedule& slot = r.schedules.at(*b.schedule_id);
    expected = slot.date + "T" + slot.start;
  }
  if (!expected) return false;
  const std::int64_t late = first_showing(r.timezone, *expected, r.no_show_minutes);
  return late <= now_ms && late > b.touched.at_ms && late > r.no_show_set_ms &&
         late > p.switched_ms;
}

bool may_change_status(const Booking& b, const Command& c, char cell_kind) {
  if (c.by_user()) {
    return lets_user_in(b, c) && (cell_kind == 'U' || cell_kind == '=' || cell_kind == '-');
  }
  return cell_kind != 'S' || c.actor_type == "system";
}

}  // namespace

bool is_due(const PartitionState& p, const Resource& r, const Booking& b, const std::string& timer,
            std::int64_t now_ms) {
  return timer == "expiry" ? is_over(b, now_ms) : has_not_come(p, r, b, now_ms);
}

Outcome change_status(PartitionState& p, const Command& c) {
  const auto [r, found, refusal] = find_booking(p, c);
  if (refusal) return *refusal;
  if (auto conflict = version_conflict(*found, c)) return *conflict;
  const std::string to = *text_of(c.data, "status");
  const char kind = cell(found->status, to);
  if (!may_change_status(*found, c, kind)) return refuse("forbidden_actor");

  if (found->status == "confirmed" && to == "no_show" && found->checked_in_ms) {
    return refuse("already_checked_in");
  }
  if (kind == '-') return refuse("invalid_transition");
  if (kind == '=') return nothing_changes();
  const Booking before = *found;
  Booking after = before;
  enter_status(after, to);
  return settle(p, *r, c, "BookingStatusChanged", &before, &after);
}

Outcome check_in(PartitionState& p, const Command& c) {
  const auto [r, found, refusal] = find_booking(p, c);
  if (refusal) return *refusal;
  if (auto conflict = version_conflict(*found, c)) return *conflict;
  if (c.by_user()) return refuse("forbidden_actor");
  if (r->inventory == "nightly") {
    const std::string today = local_now(*r, c).substr(0, 10);
    if (today < *found->check_in || today > *found->check_out) return refuse("not_in_time");
  }
  if (found->checked_in_ms) return refuse("already_checked_in");
  if (!is_under_way(*found)) return refuse("invalid_transition");
  const Booking before = *found;
  Booking after = before;
  if (after.status == "pending") after.status = "confirmed";
  after.checked_in_ms = c.now_ms;
  return settle(p, *r, c, "BookingCheckedIn", &before, &after);
}

Outcome check_out(PartitionState& p, const Command& c) {
  const auto [r, found, refusal] = find_booking(p, c);
  if (refusal) return *refusal;
  if (auto conflict = version_conflict(*found, c)) return *conflict;
  if (c.by_user()) return refuse("forbidden_actor");
  if (!found->checked_in_ms) return refuse("not_checked_in");
  if (found->checked_out_ms) return refuse("already_checked_out");
  if (found->status != "confirmed" && found->status != "in_progress" &&
      found->status != "completed") {
    return refuse("invalid_transition");
  }
  const Booking before = *found;
  Booking after = before;
  after.status = "completed";
  after.checked_out_ms = c.now_ms;
  return settle(p, *r, c, "BookingCheckedOut", &before, &after);
}

Outcome change_booking(PartitionState& p, const Command& c) {
  const auto [r, found, refusal] = find_booking(p, c);
  if (refusal) return *refusal;
  if (auto conflict = version_conflict(*found, c)) return *conflict;
  const auto units = integer_of(c.data, "units");
  const auto party_size = integer_of(c.data, "party_size");
  const auto staff_id = text_of(c.data, "staff_id");
  const auto notes = text_of(c.data, "notes");
  const auto hold_until = instant_of(c.data, "hold_until");
  if (c.by_user() && (!lets_user_in(*found, c) || units || staff_id || hold_until)) {
    return refuse("forbidden_actor");
  }
  if (hold_until && *hold_until <= c.now_ms) return refuse("invalid_range");

  const Booking before = *found;
  Booking after = before;
  if (units) after.units = *units;
  if (party_size) after.party_size = party_size;
  if (c.data.contains("customer")) after.customer = customer_of(c.data);
  if (staff_id) after.staff_id = staff_id;
  if (c.data.contains("subject")) after.subject = subject_of(c.data);
  if (notes) after.notes = notes;
  if (hold_until) after.hold_until_ms = hold_until;
  if (after.units != before.units && !set_total(*r, after)) return refuse("invalid_range");
  if ((units || party_size) && is_party_too_large(*r, after)) return refuse("party_too_large");
  if (!is_under_way(before) || (hold_until && before.status != "pending")) {
    return refuse("invalid_transition");
  }

  const bool changes = after.units != before.units || after.party_size != before.party_size ||
                       after.customer != before.customer || after.staff_id != before.staff_id ||
                       after.subject != before.subject || after.notes != before.notes ||
                       after.hold_until_ms != before.hold_until_ms;
  if (!changes) return nothing_changes();
  return settle(p, *r, c, "BookingChanged", &before, &after);
}

Outcome record_payment(PartitionState& p, const Command& c) {
  const auto [r, found, refusal] = find_booking(p, c);
  if (refusal) return *refusal;
  if (auto conflict = version_conflict(*found, c)) return *conflict;
  if (c.by_user()) return refuse("forbidden_actor");
  const Booking before = *found;
  Booking after = before;
  after.payment = *text_of(c.data, "status");
  const auto amount = integer_of(c.data, "amount_minor");
  if (after.payment == before.payment && !amount) return nothing_changes();

  Outcome outcome = settle(p, *r, c, "PaymentRecorded", &before, &after);
  if (outcome.event) {
    p.payments.push_back({.booking_id = before.id,
                          .status = after.payment,
                          .version = r->version,
                          .amount_minor = amount,
                          .method = text_of(c.data, "method"),
                          .transaction_id = text_of(c.data, "transaction_id"),
                          .touched = {p.sequence, c.now_ms}});
  }
  return outcome;
}

Outcome run_timer(PartitionState& p, const Command& c) {
  const auto [r, found, refusal] = find_booking(p, c);
  if (refusal) return *refusal;
  if (auto conflict = version_conflict(*found, c)) return *conflict;
  if (c.actor_type != "system") return refuse("forbidden_actor");
  const std::string timer = *text_of(c.data, "timer");
  if (!is_due(p, *r, *found, timer, c.now_ms)) return refuse("not_due");
  const Booking before = *found;
  Booking after = before;
  after.status = timer == "expiry" ? "expired" : "no_show";
  return settle(p, *r, c, "BookingStatusChanged", &before, &after);
}

Outcome delete_booking(PartitionState& p, const Command& c) {
  const auto [r, found, refusal] = find_booking(p, c);
  if (refusal) return *refusal;
  if (auto conflict = version_conflict(*found, c)) return *conflict;
  if (c.by_user()) return refuse("forbidden_actor");
  const Booking before = *found;
  return settle(p, *r, c, "BookingDeleted", &before, nullptr);
}

}  // namespace pesan::audit
