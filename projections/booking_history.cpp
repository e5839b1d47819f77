#include "projections/booking_history.hpp"

#include <string>

#include "events/event_codec.hpp"
#include "events/json_writer.hpp"

namespace pesan {
namespace {

constexpr Table table = Table::booking_history;
consteval ColumnIndex col(std::string_view name) { return column_of(table, name); }

/// Writes one event's details: members in a fixed order, what is not there left out.
class Details {
 public:
  explicit Details(std::string& out) : out_(out), json_(out) {
    out_.clear();
    json_.begin_object();
  }
  /// Whatever was written, or nothing.
  bool finish() {
    json_.end_object();
    return out_.size() > 2;
  }

  void add(std::string_view name, std::int64_t value) {
    json_.key(name);
    json_.integer(value);
  }
  void add(std::string_view name, std::string_view value) {
    json_.key(name);
    json_.text(value);
  }
  void add(std::string_view name, Date value) {
    json_.key(name);
    json_.plain([&](std::string& out) { append_date(out, value); });
  }
  void add(std::string_view name, ScheduleId value) { add(name, value.text); }
  void add(std::string_view name, LocalDateTime value) {
    json_.key(name);
    json_.plain([&](std::string& out) { append_local_minute(out, value); });
  }
  void add(std::string_view name, Instant value) {
    json_.key(name);
    json_.plain([&](std::string& out) { append_instant(out, value); });
  }
  template <class T>
  void add(std::string_view name, const std::optional<T>& value) {
    if (value) add(name, *value);
  }
  /// `{"from":…,"to":…}` where it changed.
  template <class T>
  void add(std::string_view name, const Change<std::optional<T>>& change) {
    if (change.from == change.to) return;
    json_.key(name);
    json_.begin_object();
    add("from", change.from);
    add("to", change.to);
    json_.end_object();
  }
  void given(const std::optional<Customer>& customer, const Particulars& p) {
    if (!customer && p == Particulars{}) return;
    json_.key("given");
    json_.begin_array();
    if (customer) json_.text("customer");
    if (p.staff_id) json_.text("staff_id");
    if (p.subject) json_.text("subject");
    if (p.notes) json_.text("notes");
    json_.end_array();
  }

 private:
  std::string& out_;
  JsonWriter json_;
};

class HistoryFold {
 public:
  HistoryFold(const ResourceEvent& event, const Stamp& at, RowChanges& changes)
      : event_(event), at_(at), changes_(changes) {}

  void operator()(const BookingCreated& e) {
    Details details(text_);
    details.add("number", e.number);
    details.add("units", e.units);
    details.add("party_size", e.party_size);
    details.add("check_in", e.check_in);
    details.add("check_out", e.check_out);
    details.add("schedule_id", e.schedule_id);
    details.add("appointment_at", e.appointment_at);
    details.add("total_minor", e.total_minor);
    details.add("currency", e.currency);
    details.add("staff_id", e.particulars.staff_id);
    details.add("hold_until", e.facet.hold_until);
    record(e.facet, details.finish());
  }
  void operator()(const BookingStatusChanged& e) { record(e.facet, false); }
  void operator()(const BookingCheckedIn& e) { record(e.facet, false); }
  void operator()(const BookingCheckedOut& e) { record(e.facet, false); }
  void operator()(const BookingRescheduled& e) {
    Details details(text_);
    details.add("check_in", e.check_in);
    details.add("check_out", e.check_out);
    details.add("schedule_id", e.schedule_id);
    details.add("appointment_at", e.appointment_at);
    details.add("nights", e.nights);
    details.add("total_minor", e.total_minor);
    record(e.facet, details.finish());
  }
  void operator()(const BookingChanged& e) {
    Details details(text_);
    details.add("units", e.units);
    details.add("party_size", e.party_size);
    details.add("total_minor", e.total_minor);
    details.given(e.customer, e.particulars);
    details.add("staff_id", e.particulars.staff_id);  // who served is asked for later too
    details.add("hold_until", e.facet.hold_until);
    record(e.facet, details.finish());
  }
  void operator()(const PaymentRecorded& e) {
    Details details(text_);
    details.add("amount_minor", e.amount_minor);
    if (e.method) details.add("method", name_of(*e.method));
    details.add("transaction_id", e.transaction_id);
    record(e.facet, details.finish());
  }
  void operator()(const BookingDeleted& e) { record(e.facet, false); }
  void operator()(const OfRoom auto&) {}
  void operator()(const OfService auto&) {}
  void operator()(const OfSchedule auto&) {}

 private:
  void record(const BookingFacet& facet, bool with_details) {
    auto row = changes_.insert(table, {facet.booking_id, event_.version});
    row.set(col("event_type"), type_name(event_.event.body))
        .set(col("old_status"), facet.status.from)
        .set(col("new_status"), facet.status.to)
        .set(col("old_payment"), facet.payment.from)
        .set(col("new_payment"), facet.payment.to)
        .set(col("actor_type"), event_.event.actor.type)
        .set(col("actor_id"), event_.event.actor.id)
        .set(col("reason"), event_.event.reason)
        .set(col("details"), with_details ? Value(std::string_view(text_)) : Value::null())
        .set(col("at"), at_.time);
    stamp(row, table, at_);
  }

  const ResourceEvent& event_;
  const Stamp& at_;
  RowChanges& changes_;
  std::string text_;
};

}  // namespace

void fold_booking_history(const ResourceEvent& event, const Stamp& at, RowChanges& changes) {
  if (!changes.wants(table)) return;  // the details are the only costly part of any fold
  std::visit(HistoryFold(event, at, changes), event.event.body);
}

}  // namespace pesan
