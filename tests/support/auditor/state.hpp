// What the auditor knows of one partition: plain values, no rules.
//
// Dates and local times are the texts of the commands, and what a booking holds is spelled out
// bucket by bucket, so that nothing has to be derived before two things can be compared.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/support/auditor/customers.hpp"

namespace pesan::audit {

// bucket -> units; the bucket is `*`, a date or a schedule id, so the map's order is theirs.
using Holding = std::map<std::string, std::int64_t>;

// The last event that changed a row.
struct Touch {
  std::int64_t sequence = 0;
  std::int64_t at_ms = 0;
};

struct Customer {
  std::string name;
  std::optional<std::string> ref, gender, phone, email, address;
  bool operator==(const Customer&) const = default;
};

struct Subject {
  std::string type, id, name;
  bool operator==(const Subject&) const = default;
};

struct Booking {
  std::string id;
  std::int64_t number = 0;
  std::string status = "pending";
  std::string payment = "unpaid";
  std::int64_t units = 1;
  std::optional<std::int64_t> party_size;
  std::optional<std::string> check_in, check_out, schedule_id, appointment_at;
  Customer customer;
  std::optional<Subject> subject;
  std::optional<std::string> staff_id, notes;
  std::optional<std::int64_t> price, total;
  std::optional<std::string> currency;
  std::optional<std::int64_t> checked_in_ms, checked_out_ms, hold_until_ms, cancelled_ms;
  std::optional<std::string> starts_at, ends_at;  // its dates or its slot, local minutes
  std::optional<std::string> created_by_user;     // nobody when an admin or the system did
  Holding held;
  std::int64_t created_ms = 0;
  std::int64_t version = 0;
  Touch touched;
};

struct Schedule {
  std::string date, start, end;
  std::int64_t capacity = 0;
  bool open = true;
  Touch touched;
};

// What a definition or a change of a room or service says; inventory may be `slots`.
struct Definition {
  std::string id, name, inventory, occupancy, timezone, currency;
  std::optional<std::int64_t> price;
  std::int64_t units = 0, duration_minutes = 0, overbook_limit = 0;
  std::optional<std::int64_t> max_party, min_nights, max_nights;
  std::int64_t hold_minutes = 0, no_show_minutes = 0;
  bool active = true;
};

struct Resource : Definition {
  std::int64_t version = 0;
  std::int64_t assigned_ids = 0;
  std::int64_t no_show_set_ms = 0;  // when no_show_minutes became what it is
  std::map<std::string, Schedule> schedules;
  std::map<std::string, Booking> bookings;
  std::set<std::string> taken_ids;  // deleted bookings' too
  Holding counts;                   // Σ held; moved by differences, proven against it in rows()
  std::map<std::string, Touch> night_touched;
  Touch touched;

  bool is_service() const { return inventory == "slots"; }
};

struct HistoryRow {
  std::string booking_id, event_type, actor_type, actor_id;
  std::int64_t version = 0;
  std::optional<std::string> old_status, new_status, old_payment, new_payment, reason;
  Touch touched;
};

struct PaymentRow {
  std::string booking_id, status;
  std::int64_t version = 0;
  std::optional<std::int64_t> amount_minor;
  std::optional<std::string> method, transaction_id;
  Touch touched;
};

struct PartitionState {
  int number = 0;
  std::int64_t sequence = 0;  // LogOpened
  std::int64_t clock_ms = 0;  // 1970
  bool command_clock = false;
  std::int64_t switched_ms = -1;  // when its backfill ended
  std::map<std::string, Resource> resources;
  std::vector<HistoryRow> history;
  std::vector<PaymentRow> payments;
  std::vector<CustomerModel::Created> created;
};

}  // namespace pesan::audit
