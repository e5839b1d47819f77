#include "projections/room_night.hpp"

#include <algorithm>

namespace pesan {
namespace {

constexpr Table table = Table::room_night;
consteval ColumnIndex col(std::string_view name) { return column_of(table, name); }

/// Nights [first, end) with the same number of units in each; empty where nothing is held.
struct Nights {
  std::int32_t first = 0;
  std::int32_t end = 0;
  std::int64_t units = 0;

  std::int64_t units_in(std::int32_t night) const {
    return first <= night && night < end ? units : 0;
  }
};

Nights nights_of(const std::optional<Held>& held) {
  if (!held || held->buckets.inventory != Inventory::nightly) return {};
  return {held->buckets.first.days, held->buckets.end.days, held->units};
}

}  // namespace

void fold_room_night(const ResourceEvent& event, const Stamp& at, RowChanges& changes) {
  const BookingFacet* facet = facet_of(event.event.body);
  if (facet == nullptr || facet->held.from == facet->held.to) return;
  const Nights before = nights_of(facet->held.from);
  const Nights after = nights_of(facet->held.to);

  const auto move = [&](std::int32_t first, std::int32_t end) {
    for (std::int32_t night = first; night < end; ++night) {
      const std::int64_t units = after.units_in(night) - before.units_in(night);
      if (units == 0) continue;
      auto row = changes.upsert(table, {event.resource, Date{night}});
      row.add(col("booked_units"), units);
      stamp(row, table, at);
    }
  };
  // The two ranges may be far apart: each is walked, the second without what it shares.
  move(before.first, before.end);
  if (before.first == before.end) {
    move(after.first, after.end);
  } else {
    move(after.first, std::min(after.end, before.first));
    move(std::max(after.first, before.end), after.end);
  }
}

}  // namespace pesan
