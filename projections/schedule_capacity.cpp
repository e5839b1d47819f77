#include "projections/schedule_capacity.hpp"

namespace pesan {
namespace {

constexpr Table table = Table::schedule_capacity;
consteval ColumnIndex col(std::string_view name) { return column_of(table, name); }

class ScheduleFold {
 public:
  ScheduleFold(ResourceId resource, const Stamp& at, RowChanges& changes)
      : resource_(resource), at_(at), changes_(changes) {}

  void operator()(const ScheduleAdded& e) {
    auto row = changes_.insert(table, {resource_, e.schedule_id});
    set_times(row, e).set(col("booked"), 0).set(col("is_open"), true);
    stamp(row, table, at_);
  }
  void operator()(const ScheduleChanged& e) {
    auto row = changes_.update(table, {resource_, e.schedule_id});
    set_times(row, e);
    stamp(row, table, at_);
  }
  void operator()(const ScheduleClosed& e) { set_open(e.schedule_id, false); }
  void operator()(const ScheduleOpened& e) { set_open(e.schedule_id, true); }
  void operator()(const OfRoom auto&) {}
  void operator()(const OfService auto&) {}
  void operator()(const OfBooking auto& e) { move(e.facet); }

 private:
  template <class ScheduleEvent>
  static RowChanges::Row& set_times(RowChanges::Row& row, const ScheduleEvent& e) {
    return row.set(col("date"), e.date)
        .set(col("start_time"), e.start)
        .set(col("end_time"), e.end)
        .set(col("capacity"), e.capacity);
  }
  void set_open(ScheduleId schedule, bool open) {
    auto row = changes_.update(table, {resource_, schedule});
    row.set(col("is_open"), open);
    stamp(row, table, at_);
  }
  void move(const BookingFacet& facet) {
    if (facet.held.from == facet.held.to) return;
    // Another number of units in the same slot, or another slot: both are a return and a taking.
    add(facet.held.from, -1);
    add(facet.held.to, +1);
  }
  void add(const std::optional<Held>& held, std::int64_t sign) {
    if (!held || held->buckets.inventory != Inventory::slots) return;
    auto row = changes_.update(table, {resource_, held->buckets.slot});
    row.add(col("booked"), sign * held->units);
    stamp(row, table, at_);
  }

  ResourceId resource_;
  const Stamp& at_;
  RowChanges& changes_;
};

}  // namespace

void fold_schedule_capacity(const ResourceEvent& event, const Stamp& at, RowChanges& changes) {
  std::visit(ScheduleFold(event.resource, at, changes), event.event.body);
}

}  // namespace pesan
