#include "projections/payment.hpp"

namespace pesan {
namespace {

constexpr Table table = Table::payment;
consteval ColumnIndex col(std::string_view name) { return column_of(table, name); }

class PaymentFold {
 public:
  PaymentFold(Version version, const Stamp& at, RowChanges& changes)
      : version_(version), at_(at), changes_(changes) {}

  void operator()(const PaymentRecorded& e) {
    auto row = changes_.insert(table, {e.facet.booking_id, version_});
    row.set(col("status"), e.facet.payment.to)
        .set(col("amount_minor"), e.amount_minor)
        .set(col("method"), e.method)
        .set(col("transaction_id"), e.transaction_id)
        .set(col("at"), at_.time);
    stamp(row, table, at_);
  }
  void operator()(const OfRoom auto&) {}
  void operator()(const OfService auto&) {}
  void operator()(const OfSchedule auto&) {}
  void operator()(const BookingCreated&) {}
  void operator()(const BookingStatusChanged&) {}
  void operator()(const BookingCheckedIn&) {}
  void operator()(const BookingCheckedOut&) {}
  void operator()(const BookingRescheduled&) {}
  void operator()(const BookingChanged&) {}
  void operator()(const BookingDeleted&) {}

 private:
  Version version_;
  const Stamp& at_;
  RowChanges& changes_;
};

}  // namespace

void fold_payment(const ResourceEvent& event, const Stamp& at, RowChanges& changes) {
  std::visit(PaymentFold(event.version, at, changes), event.event.body);
}

}  // namespace pesan
