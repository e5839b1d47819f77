#include "projections/booking.hpp"

namespace pesan {
namespace {

constexpr Table table = Table::booking;
consteval ColumnIndex col(std::string_view name) { return column_of(table, name); }

/// Where a booking stands in time, local.
struct Span {
  std::optional<LocalDateTime> starts;
  std::optional<LocalDateTime> ends;
};

Span span_of_stay(const std::optional<Date>& check_in, const std::optional<Date>& check_out) {
  if (!check_in || !check_out) return {};
  return {midnight(*check_in), midnight(*check_out)};
}

/// 24:00 is the next day's beginning, and the last day has no next one.
Span span_of_slot(Date date, TimeOfDay start, TimeOfDay end) {
  constexpr LocalDateTime end_of_days{253'402'300'800'000};  // 10000-01-01T00:00
  const LocalDateTime ends = at(date, end);
  return {at(date, start), ends < end_of_days ? std::optional(ends) : std::nullopt};
}

/// Of the slot that an event names, or else of its dates.
template <class Event>
Span span_of(const Event& e, const std::optional<Date>& check_in,
             const std::optional<Date>& check_out) {
  if (e.date && e.start && e.end) return span_of_slot(*e.date, *e.start, *e.end);
  return span_of_stay(check_in, check_out);
}

class BookingFold {
 public:
  BookingFold(const ResourceEvent& event, const Stamp& at, RowChanges& changes)
      : event_(event), at_(at), changes_(changes) {}

  void operator()(const BookingCreated& e) {
    auto row = changes_.insert(table, e.facet.booking_id);
    set_facet(row, e.facet);
    set_customer(row, e.customer);
    set_particulars(row, e.particulars);
    set_span(row, span_of(e, e.check_in, e.check_out));
    row.set(col("number"), e.number)
        .set(col("resource_id"), event_.resource)
        .set(col("schedule_id"), e.schedule_id)
        .set(col("appointment_at"), Value::minute(e.appointment_at))
        .set(col("check_in"), e.check_in)
        .set(col("check_out"), e.check_out)
        .set(col("nights"), e.nights)
        .set(col("units"), e.units)
        .set(col("party_size"), e.party_size)
        .set(col("price_minor"), e.price_minor)
        .set(col("total_minor"), e.total_minor)
        .set(col("currency"), e.currency)
        .set(col("created_at"), at_.time);
  }
  void operator()(const BookingStatusChanged& e) { touch(e.facet); }
  void operator()(const BookingCheckedIn& e) { touch(e.facet); }
  void operator()(const BookingCheckedOut& e) { touch(e.facet); }
  void operator()(const BookingRescheduled& e) {
    auto row = touch(e.facet);
    set_span(row, span_of(e, e.check_in.to, e.check_out.to));
    row.set(col("schedule_id"), e.schedule_id.to)
        .set(col("appointment_at"), Value::minute(e.appointment_at))
        .set(col("check_in"), e.check_in.to)
        .set(col("check_out"), e.check_out.to)
        .set(col("nights"), e.nights)
        .set(col("total_minor"), e.total_minor);
  }
  void operator()(const BookingChanged& e) {
    auto row = touch(e.facet);
    row.set(col("units"), e.units)
        .set(col("party_size"), e.party_size)
        .set(col("total_minor"), e.total_minor);
    if (e.customer) set_customer(row, *e.customer);
    set_particulars(row, e.particulars);
  }
  void operator()(const PaymentRecorded& e) { touch(e.facet); }
  void operator()(const BookingDeleted& e) { changes_.erase(table, e.facet.booking_id); }
  void operator()(const OfRoom auto&) {}
  void operator()(const OfService auto&) {}
  void operator()(const OfSchedule auto&) {}

 private:
  RowChanges::Row touch(const BookingFacet& facet) {
    auto row = changes_.update(table, facet.booking_id);
    set_facet(row, facet);
    return row;
  }
  /// All of it at every event, changed or not: stores then see few shapes of update.
  void set_facet(RowChanges::Row& row, const BookingFacet& facet) {
    row.set(col("status"), facet.status.to)
        .set(col("payment_status"), facet.payment.to)
        .set(col("checked_in_at"), facet.checked_in_at)
        .set(col("checked_out_at"), facet.checked_out_at)
        .set(col("hold_until"), facet.hold_until)
        .set(col("version"), event_.version);
    if (facet.status.to != Status::cancelled) {
      row.set(col("cancelled_at"), Value::null());
    } else if (facet.status.from != Status::cancelled) {
      row.set(col("cancelled_at"), at_.time);
    }
    stamp(row, table, at_);
  }
  static void set_span(RowChanges::Row& row, const Span& span) {
    row.set(col("starts_at"), Value::minute(span.starts))
        .set(col("ends_at"), Value::minute(span.ends));
  }
  static void set_customer(RowChanges::Row& row, const Customer& customer) {
    row.set(col("customer_name"), customer.name)
        .set(col("customer_gender"), customer.gender)
        .set(col("customer_phone"), customer.phone)
        .set(col("customer_email"), customer.email)
        .set(col("customer_address"), customer.address)
        .set(col("customer_ref"), customer.ref);
  }
  /// What is given; the rest stays, and is null in a new row.
  static void set_particulars(RowChanges::Row& row, const Particulars& given) {
    if (given.subject) {
      row.set(col("subject_type"), given.subject->type)
          .set(col("subject_id"), given.subject->id)
          .set(col("subject_name"), given.subject->name);
    }
    if (given.staff_id) row.set(col("staff_id"), *given.staff_id);
    if (given.notes) row.set(col("notes"), *given.notes);
  }

  const ResourceEvent& event_;
  const Stamp& at_;
  RowChanges& changes_;
};

}  // namespace

void fold_booking(const ResourceEvent& event, const Stamp& at, RowChanges& changes) {
  std::visit(BookingFold(event, at, changes), event.event.body);
}

}  // namespace pesan
