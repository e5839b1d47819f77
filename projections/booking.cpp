#include "projections/booking.hpp"

namespace pesan {
namespace {

constexpr Table table = Table::booking;
consteval ColumnIndex col(std::string_view name) { return column_of(table, name); }

class BookingFold {
 public:
  BookingFold(const ResourceEvent& event, const Stamp& at, RowChanges& changes)
      : event_(event), at_(at), changes_(changes) {}

  void operator()(const BookingCreated& e) {
    auto row = changes_.insert(table, e.facet.booking_id);
    set_facet(row, e.facet);
    set_customer(row, e.customer);
    set_particulars(row, e.particulars);
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
        .set(col("version"), event_.version);
    stamp(row, table, at_);
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
