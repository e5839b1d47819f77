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
        .set(col("is_active"), e.active)
        .set(col("hold_minutes"), e.hold_minutes)
        .set(col("no_show_minutes"), e.no_show_minutes)
        .set(col("timezone"), e.timezone);
    stamp(row, table, at_);
  }
  void operator()(const ServiceChanged& e) {
    auto row = changes_.update(table, resource_);
    row.set(col("name"), e.name)
        .set(col("price_minor"), e.price_minor)
        .set(col("duration_minutes"), e.duration_minutes)
        .set(col("is_active"), e.active)
        .set(col("hold_minutes"), e.hold_minutes)
        .set(col("no_show_minutes"), e.no_show_minutes);
    stamp(row, table, at_);
  }
  void operator()(const OfRoom auto&) {}
  void operator()(const OfSchedule auto&) {}
  void operator()(const OfBooking auto&) {}

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
