#include "projections/room_availability.hpp"

namespace pesan {
namespace {

constexpr Table table = Table::room_availability;
consteval ColumnIndex col(std::string_view name) { return column_of(table, name); }

/// Units held of the counter; none where dates or slots are counted instead.
std::int64_t counted(const std::optional<Held>& held) {
  return held && held->buckets.inventory == Inventory::counter ? held->units : 0;
}

class RoomAvailabilityFold {
 public:
  RoomAvailabilityFold(ResourceId resource, const Stamp& at, RowChanges& changes)
      : resource_(resource), at_(at), changes_(changes) {}

  void operator()(const RoomDefined& e) {
    const bool counter = e.inventory == Inventory::counter;
    auto row = changes_.insert(table, resource_);
    row.set(col("room_type"), e.name)
        .set(col("inventory"), e.inventory)
        .set(col("total_units"), e.units)
        .set(col("allocated_units"), counter ? Value(0) : Value::null())
        .set(col("active_bookings"), 0)
        .set(col("nightly_price_minor"), e.nightly_price_minor)
        .set(col("currency"), e.currency)
        .set(col("is_active"), e.active)
        .set(col("max_party"), e.max_party)
        .set(col("hold_minutes"), e.hold_minutes)
        .set(col("no_show_minutes"), e.no_show_minutes)
        .set(col("timezone"), e.timezone);
    stamp(row, table, at_);
  }
  void operator()(const RoomChanged& e) {
    auto row = changes_.update(table, resource_);
    row.set(col("room_type"), e.name)
        .set(col("total_units"), e.units)
        .set(col("nightly_price_minor"), e.nightly_price_minor)
        .set(col("is_active"), e.active)
        .set(col("max_party"), e.max_party)
        .set(col("hold_minutes"), e.hold_minutes)
        .set(col("no_show_minutes"), e.no_show_minutes);
    stamp(row, table, at_);
  }
  void operator()(const OfService auto&) {}
  void operator()(const OfSchedule auto&) {}
  void operator()(const OfBooking auto& e) { move(e.facet); }

 private:
  void move(const BookingFacet& facet) {
    if (facet.inventory == Inventory::slots) return;
    const std::int64_t units = counted(facet.held.to) - counted(facet.held.from);
    const int bookings = int{facet.occupies.to} - int{facet.occupies.from};
    if (units == 0 && bookings == 0) return;
    auto row = changes_.update(table, resource_);
    // A nightly room's units stand in room_night, and here is null.
    if (units != 0) row.add(col("allocated_units"), units);
    if (bookings != 0) row.add(col("active_bookings"), bookings);
    stamp(row, table, at_);
  }

  ResourceId resource_;
  const Stamp& at_;
  RowChanges& changes_;
};

}  // namespace

void fold_room_availability(const ResourceEvent& event, const Stamp& at, RowChanges& changes) {
  std::visit(RoomAvailabilityFold(event.resource, at, changes), event.event.body);
}

}  // namespace pesan
