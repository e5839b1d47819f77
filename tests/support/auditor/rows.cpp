// The read models of docs/tables.md, counted anew from the bookings themselves each time.

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "tests/support/auditor/calendar.hpp"
#include "tests/support/auditor/holding.hpp"
#include "tests/support/auditor/model.hpp"

namespace pesan::audit {
namespace {

namespace json = boost::json;
using Tables = std::map<std::string, std::vector<json::object>>;

json::value or_null(const std::optional<std::string>& text) {
  if (text) return json::value(json::string(*text));
  return nullptr;
}
json::value or_null(const std::optional<std::int64_t>& number) {
  if (number) return json::value(*number);
  return nullptr;
}
json::value instant_or_null(const std::optional<std::int64_t>& ms) {
  if (ms) return json::value(json::string(instant_text(*ms)));
  return nullptr;
}
json::value none_or(std::int64_t minutes) {
  if (minutes == 0) return nullptr;
  return minutes;
}
std::int64_t flag(bool value) { return value ? 1 : 0; }

json::object stamped(json::object row, Touch touch) {
  row["sequence"] = touch.sequence;
  row["updated_at"] = instant_text(touch.at_ms);
  return row;
}

// Σ held, counted. That it equals the counts which the decisions used is the auditor's own proof.
Holding count_held(const Resource& resource) {
  Holding held;
  for (const auto& [bucket, units] : resource.counts) held[bucket] = 0;
  for (const auto& [id, booking] : resource.bookings) {
    for (const auto& [bucket, units] : booking.held) held[bucket] += units;
  }
  if (held != resource.counts) {
    fmt::print(stderr, "the auditor's own counts of {} drifted\n", resource.id);
    std::abort();
  }
  return held;
}

std::int64_t units_in(const Holding& held, const std::string& bucket) {
  const auto found = held.find(bucket);
  return found == held.end() ? 0 : found->second;
}

void add_room(Tables& tables, const Resource& r) {
  const Holding held = count_held(r);
  const auto active = std::ranges::count_if(
      r.bookings, [&r](const auto& item) { return occupies(r, item.second); });
  std::optional<std::int64_t> allocated, available;
  if (r.inventory == "counter") {
    allocated = units_in(held, "*");
    available = r.units - *allocated;
  } else {
    for (const auto& [night, units] : held) {
      tables["room_night"].push_back(
          stamped({{"resource_id", r.id}, {"night", night}, {"booked_units", units}},
                  r.night_touched.at(night)));
    }
  }
  tables["room_availability"].push_back(stamped({{"resource_id", r.id},
                                                 {"room_type", r.name},
                                                 {"inventory", r.inventory},
                                                 {"total_units", r.units},
                                                 {"allocated_units", or_null(allocated)},
                                                 {"available_units", or_null(available)},
                                                 {"active_bookings", active},
                                                 {"nightly_price_minor", or_null(r.price)},
                                                 {"currency", r.currency},
                                                 {"is_active", flag(r.active)},
                                                 {"max_party", or_null(r.max_party)},
                                                 {"hold_minutes", none_or(r.hold_minutes)},
                                                 {"no_show_minutes", none_or(r.no_show_minutes)},
                                                 {"timezone", r.timezone}},
                                                r.touched));
}

void add_service(Tables& tables, const Resource& r) {
  const Holding held = count_held(r);
  tables["service"].push_back(stamped({{"resource_id", r.id},
                                       {"name", r.name},
                                       {"price_minor", or_null(r.price)},
                                       {"currency", r.currency},
                                       {"duration_minutes", r.duration_minutes},
                                       {"is_active", flag(r.active)},
                                       {"hold_minutes", none_or(r.hold_minutes)},
                                       {"no_show_minutes", none_or(r.no_show_minutes)},
                                       {"timezone", r.timezone}},
                                      r.touched));
  for (const auto& [id, slot] : r.schedules) {
    const std::int64_t booked = units_in(held, id);
    tables["schedule_capacity"].push_back(stamped({{"resource_id", r.id},
                                                   {"schedule_id", id},
                                                   {"date", slot.date},
                                                   {"start_time", slot.start},
                                                   {"end_time", slot.end},
                                                   {"capacity", slot.capacity},
                                                   {"booked", booked},
                                                   {"available", slot.capacity - booked},
                                                   {"is_open", flag(slot.open)}},
                                                  slot.touched));
  }
}

json::object booking_row(const Resource& r, const Booking& b) {
  std::optional<std::string> subject_type, subject_id, subject_name;
  if (b.subject) {
    subject_type = b.subject->type;
    subject_id = b.subject->id;
    subject_name = b.subject->name;
  }
  // Nights are counted from the dates here, and not taken from the booking's price.
  std::optional<std::int64_t> nights;
  if (b.check_in) nights = *day_number(*b.check_out) - *day_number(*b.check_in);
  return stamped({{"booking_id", b.id},
                  {"number", b.number},
                  {"resource_id", r.id},
                  {"schedule_id", or_null(b.schedule_id)},
                  {"appointment_at", or_null(b.appointment_at)},
                  {"check_in", or_null(b.check_in)},
                  {"check_out", or_null(b.check_out)},
                  {"nights", or_null(nights)},
                  {"units", b.units},
                  {"party_size", or_null(b.party_size)},
                  {"status", b.status},
                  {"payment_status", b.payment},
                  {"customer_name", b.customer.name},
                  {"customer_gender", or_null(b.customer.gender)},
                  {"customer_phone", or_null(b.customer.phone)},
                  {"customer_email", or_null(b.customer.email)},
                  {"customer_address", or_null(b.customer.address)},
                  {"customer_ref", or_null(b.customer.ref)},
                  {"subject_type", or_null(subject_type)},
                  {"subject_id", or_null(subject_id)},
                  {"subject_name", or_null(subject_name)},
                  {"staff_id", or_null(b.staff_id)},
                  {"price_minor", or_null(b.price)},
                  {"total_minor", or_null(b.total)},
                  {"currency", or_null(b.currency)},
                  {"checked_in_at", instant_or_null(b.checked_in_ms)},
                  {"checked_out_at", instant_or_null(b.checked_out_ms)},
                  {"is_checked_in", flag(b.checked_in_ms.has_value())},
                  {"is_checked_out", flag(b.checked_out_ms.has_value())},
                  {"notes", or_null(b.notes)},
                  {"created_at", instant_text(b.created_ms)},
                  {"version", b.version},
                  {"starts_at", or_null(b.starts_at)},
                  {"ends_at", or_null(b.ends_at)},
                  {"cancelled_at", instant_or_null(b.cancelled_ms)},
                  {"hold_until", instant_or_null(b.hold_until_ms)}},
                 b.touched);
}

json::object history_row(const HistoryRow& h) {
  return stamped({{"booking_id", h.booking_id},
                  {"version", h.version},
                  {"event_type", h.event_type},
                  {"old_status", or_null(h.old_status)},
                  {"new_status", or_null(h.new_status)},
                  {"old_payment", or_null(h.old_payment)},
                  {"new_payment", or_null(h.new_payment)},
                  {"actor_type", h.actor_type},
                  {"actor_id", h.actor_id},
                  {"reason", or_null(h.reason)},
                  {"at", instant_text(h.touched.at_ms)}},
                 h.touched);
}

json::object payment_row(const PaymentRow& p) {
  return stamped({{"booking_id", p.booking_id},
                  {"version", p.version},
                  {"status", p.status},
                  {"amount_minor", or_null(p.amount_minor)},
                  {"method", or_null(p.method)},
                  {"transaction_id", or_null(p.transaction_id)},
                  {"at", instant_text(p.touched.at_ms)}},
                 p.touched);
}

using Key = std::vector<std::string>;

// The primary key of each table's row; versions are padded so that text order is theirs.
Key key_of(const std::string& table, const json::object& row) {
  const auto text = [&row](const char* column) {
    return std::string(std::string_view(row.at(column).get_string()));
  };
  if (table == "room_night") return {text("resource_id"), text("night")};
  if (table == "schedule_capacity") return {text("resource_id"), text("schedule_id")};
  if (table == "booking") return {text("booking_id")};
  if (table == "booking_history" || table == "payment") {
    return {text("booking_id"), fmt::format("{:020}", row.at("version").get_int64())};
  }
  return {text("resource_id")};
}

}  // namespace

std::map<std::string, std::vector<json::object>> Model::rows() const {
  Tables tables;
  for (const char* name : {"room_availability", "room_night", "service", "schedule_capacity",
                           "booking", "booking_history", "payment"}) {
    tables[name];
  }
  for (const PartitionState& partition : partitions_) {
    for (const auto& [id, resource] : partition.resources) {
      resource.is_service() ? add_service(tables, resource) : add_room(tables, resource);
      for (const auto& [booking_id, booking] : resource.bookings) {
        tables["booking"].push_back(booking_row(resource, booking));
      }
    }
    for (const auto& row : partition.history) {
      tables["booking_history"].push_back(history_row(row));
    }
    for (const auto& row : partition.payments) tables["payment"].push_back(payment_row(row));
  }
  for (auto& [table, rows_of_it] : tables) {
    std::map<Key, json::object> sorted;
    for (auto& row : rows_of_it) {
      Key key = key_of(table, row);
      sorted.emplace(std::move(key), std::move(row));
    }
    rows_of_it.clear();
    for (auto& [key, row] : sorted) rows_of_it.push_back(std::move(row));
  }
  return tables;
}

}  // namespace pesan::audit
