#include "projections/customer.hpp"

namespace pesan {
namespace {

constexpr Table table = Table::customer;
consteval ColumnIndex col(std::string_view name) { return column_of(table, name); }

class CustomerFold {
 public:
  CustomerFold(const Stamp& at, RowChanges& changes) : at_(at), changes_(changes) {}

  void operator()(const CustomerRegistered& e) {
    auto row = changes_.insert(table, Value(e.code));
    row.set(col("name"), e.name)
        .set(col("gender"), e.gender)
        .set(col("phone"), e.phone)
        .set(col("email"), e.email)
        .set(col("address"), e.address)
        .set(col("preferred_resource_id"), e.preferred_resource)
        .set(col("first_booking_at"), Value::local(e.booked_for))
        .set(col("last_booking_at"), Value::local(e.booked_for))
        .set(col("bookings"), 0);  // the link that follows counts it
    stamp(row, table, at_);
  }
  void operator()(const CustomerUpdated& e) {
    auto row = changes_.update(table, Value(e.code));
    if (e.gender) row.set(col("gender"), *e.gender);
    if (e.email) row.set(col("email"), *e.email);
    if (e.address) row.set(col("address"), *e.address);
    row.set(col("last_booking_at"), Value::local(e.booked_for));
    stamp(row, table, at_);
  }
  void operator()(const BookingLinked& e) {
    auto row = changes_.update(table, Value(e.code));
    row.add(col("bookings"), 1);
    stamp(row, table, at_);

    auto link = changes_.insert(Table::customer_booking, e.booking_id);
    link.set(column_of(Table::customer_booking, "customer_code"), e.code);
    stamp(link, Table::customer_booking, at_);
  }

 private:
  const Stamp& at_;
  RowChanges& changes_;
};

}  // namespace

void fold_customer(const CustomerEventBody& event, const Stamp& at, RowChanges& changes) {
  std::visit(CustomerFold(at, changes), event);
}

}  // namespace pesan
