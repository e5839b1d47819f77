#include "projections/service.hpp"

namespace pesan {
namespace {

constexpr Table table = Table::service;
consteval ColumnIndex col(std::string_view name) { return column_of(table, name); }

class ServiceFold {
 public:
  ServiceFold(ResourceId resource, const Stamp& at, RowChanges& changes)
      : resource_(resource), at_(at), changes_(changes) {}

  void operator()(const ServiceDefined& e) {
    auto row = changes_.insert(table, resource_);
    row.set(col("name"), e.name)
        .set(col("price_minor"), e.price_minor)
        .set(col("currency"), e.currency)
        .set(col("duration_minutes"), e.duration_minutes)
        .set(col("is_active"), e.active);
    stamp(row, table, at_);
  }
  void operator()(const ServiceChanged& e) {
    auto row = changes_.update(table, resource_);
    row.set(col("name"), e.name)
        .set(col("price_minor"), e.price_minor)
        .set(col("duration_minutes"), e.duration_minutes)
        .set(col("is_active"), e.active);
    stamp(row, table, at_);
  }
  void operator()(const RoomDefined&) {}
  void operator()(const RoomChanged&) {}
  void operator()(const ScheduleAdded&) {}
  void operator()(const ScheduleChanged&) {}
  void operator()(const ScheduleClosed&) {}
  void operator()(const ScheduleOpened&) {}
  void operator()(const BookingCreated&) {}
  void operator()(const BookingStatusChanged&) {}
  void operator()(const BookingCheckedIn&) {}
  void operator()(const BookingCheckedOut&) {}
  void operator()(const BookingRescheduled&) {}
  void operator()(const BookingChanged&) {}
  void operator()(const PaymentRecorded&) {}
  void operator()(const BookingDeleted&) {}

 private:
  ResourceId resource_;
  const Stamp& at_;
  RowChanges& changes_;
};

}  // namespace

void fold_service(const ResourceEvent& event, const Stamp& at, RowChanges& changes) {
  std::visit(ServiceFold(event.resource, at, changes), event.event.body);
}

}  // namespace pesan
