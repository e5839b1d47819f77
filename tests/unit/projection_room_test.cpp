// room_availability and room_night: what is held of a room, by the literal events.
#include <gtest/gtest.h>

#include "tests/support/folded.hpp"

namespace pesan {
namespace {

constexpr auto availability = Table::room_availability;
constexpr auto night = Table::room_night;

RoomDefined room(Inventory inventory) {
  return {.name = "Deluxe",
          .units = 10,
          .inventory = inventory,
          .nightly_price_minor = 50'000'000,
          .currency = "IDR"};
}

BookingFacet confirmed(const Held& held) {
  BookingFacet facet{.booking_id = "villa.1", .inventory = held.buckets.inventory};
  facet.status = {std::nullopt, Status::confirmed};
  facet.payment = {std::nullopt, Payment::unpaid};
  facet.occupies = {false, true};
  facet.held = {std::nullopt, held};
  return facet;
}

BookingFacet moved(const Held& from, const Held& to) {
  BookingFacet facet = confirmed(to);
  facet.status.from = Status::confirmed;
  facet.occupies.from = true;
  facet.held.from = from;
  return facet;
}

BookingCreated created(const Held& held) {
  return {.facet = confirmed(held), .number = 1024, .units = held.units, .customer = {"Ann"}};
}

TEST(ProjectionRoom, ADefinedCounterRoomIsFree) {
  Folded rows("villa");
  rows.given({room(Inventory::counter)});
  EXPECT_EQ(rows.value(availability, "villa", "room_type"), "Deluxe");
  EXPECT_EQ(rows.value(availability, "villa", "inventory"), "counter");
  EXPECT_EQ(rows.value(availability, "villa", "total_units"), "10");
  EXPECT_EQ(rows.value(availability, "villa", "allocated_units"), "0");
  EXPECT_EQ(rows.value(availability, "villa", "available_units"), "10");
  EXPECT_EQ(rows.value(availability, "villa", "active_bookings"), "0");
  EXPECT_EQ(rows.value(availability, "villa", "nightly_price_minor"), "50000000");
  EXPECT_EQ(rows.value(availability, "villa", "is_active"), "1");
  EXPECT_EQ(rows.value(availability, "villa", "sequence"), "1");
  EXPECT_EQ(rows.value(availability, "villa", "updated_at"), "2026-11-20T08:01:00.000Z");
}

TEST(ProjectionRoom, ANightlyRoomHasNoAllocationOfItsOwn) {
  Folded rows("villa");
  rows.given({room(Inventory::nightly), created(nights("2026-12-01", "2026-12-03"))});
  EXPECT_EQ(rows.value(availability, "villa", "allocated_units"), "null");
  EXPECT_EQ(rows.value(availability, "villa", "available_units"), "null");
  EXPECT_EQ(rows.value(availability, "villa", "active_bookings"), "1");
}

TEST(ProjectionRoom, AChangeReplacesWhatMayChangeAndKeepsWhatIsHeld) {
  Folded rows("villa");
  rows.given({room(Inventory::counter), created(counter(2)),
              RoomChanged{.name = "Suite", .units = 7, .active = false}});
  EXPECT_EQ(rows.value(availability, "villa", "room_type"), "Suite");
  EXPECT_EQ(rows.value(availability, "villa", "available_units"), "5");
  EXPECT_EQ(rows.value(availability, "villa", "nightly_price_minor"), "null");
  EXPECT_EQ(rows.value(availability, "villa", "is_active"), "0");
  EXPECT_EQ(rows.value(availability, "villa", "currency"), "IDR");
}

TEST(ProjectionRoom, ABookingTakesItsUnitsFromTheCounterAndItsDeletionReturnsThem) {
  Folded rows("villa");
  rows.given({room(Inventory::counter), created(counter(3))});
  EXPECT_EQ(rows.value(availability, "villa", "allocated_units"), "3");
  EXPECT_EQ(rows.value(availability, "villa", "active_bookings"), "1");
  EXPECT_EQ(rows.value(night, "villa", "2026-12-01", "booked_units"), "(no row)");

  BookingDeleted deleted{confirmed(counter(3))};
  deleted.facet.status = {Status::confirmed, std::nullopt};
  deleted.facet.payment = {Payment::unpaid, std::nullopt};
  deleted.facet.occupies = {true, false};
  deleted.facet.held = {counter(3), std::nullopt};
  rows.given({deleted});
  EXPECT_EQ(rows.value(availability, "villa", "allocated_units"), "0");
  EXPECT_EQ(rows.value(availability, "villa", "available_units"), "10");
  EXPECT_EQ(rows.value(availability, "villa", "active_bookings"), "0");
}

TEST(ProjectionRoom, AnEventThatMovesNothingTouchesNoRow) {
  Folded rows("villa");
  BookingCreated pending = created(counter());
  pending.facet.occupies = {false, false};
  pending.facet.held = {std::nullopt, std::nullopt};
  rows.given({room(Inventory::counter), pending});
  EXPECT_EQ(rows.value(availability, "villa", "sequence"), "1");
}

TEST(ProjectionRoom, AStayHoldsEveryNightButTheDayOfDeparture) {
  Folded rows("villa");
  rows.given({room(Inventory::nightly), created(nights("2026-12-31", "2027-01-02", 2))});
  EXPECT_EQ(rows.count(night), 2U);
  EXPECT_EQ(rows.value(night, "villa", "2026-12-31", "booked_units"), "2");
  EXPECT_EQ(rows.value(night, "villa", "2027-01-01", "booked_units"), "2");
  EXPECT_EQ(rows.value(night, "villa", "2027-01-02", "booked_units"), "(no row)");
}

TEST(ProjectionRoom, AnOverlappingMoveTouchesOnlyTheNightsThatDiffer) {
  Folded rows("villa");
  const Held before = nights("2026-12-01", "2026-12-04");
  const Held after = nights("2026-12-02", "2026-12-06");
  rows.given({room(Inventory::nightly), created(before),
              BookingRescheduled{.facet = moved(before, after)}});
  EXPECT_EQ(rows.value(night, "villa", "2026-12-01", "booked_units"), "0");
  EXPECT_EQ(rows.value(night, "villa", "2026-12-02", "booked_units"), "1");
  EXPECT_EQ(rows.value(night, "villa", "2026-12-02", "sequence"), "2");
  EXPECT_EQ(rows.value(night, "villa", "2026-12-03", "sequence"), "2");
  EXPECT_EQ(rows.value(night, "villa", "2026-12-04", "booked_units"), "1");
  EXPECT_EQ(rows.value(night, "villa", "2026-12-05", "sequence"), "3");
  EXPECT_EQ(rows.count(night), 5U);
}

TEST(ProjectionRoom, AMoveInAnyDirectionHoldsExactlyTheNightsAfterIt) {
  struct Move {
    Held from;
    Held to;
  };
  const Move moves[] = {
      {nights("2026-12-10", "2026-12-12"), nights("2026-12-01", "2026-12-03")},
      {nights("2026-12-01", "2026-12-03"), nights("2026-12-10", "2026-12-12")},
      {nights("2026-12-10", "2026-12-12"), nights("2026-12-08", "2026-12-10")},
      {nights("2026-12-10", "2026-12-12"), nights("2026-12-12", "2026-12-13")},
      {nights("2026-12-10", "2026-12-14"), nights("2026-12-11", "2026-12-12")},
      {nights("2026-12-11", "2026-12-12"), nights("2026-12-10", "2026-12-14", 3)},
      {nights("2026-12-10", "2026-12-12", 2), nights("2026-12-10", "2026-12-12", 5)},
  };
  for (const Move& move : moves) {
    Folded rows("villa");
    rows.given({room(Inventory::nightly), created(move.from),
                BookingChanged{.facet = moved(move.from, move.to), .units = move.to.units}});
    for (std::int32_t day = 1; day < 20; ++day) {
      const Date date{parse_date("2026-12-01")->days + day - 1};
      const bool held = move.to.buckets.first <= date && date < move.to.buckets.end;
      const std::string found = rows.value(night, "villa", to_string(date), "booked_units");
      if (held) {
        EXPECT_EQ(found, std::to_string(move.to.units)) << to_string(date);
      } else {
        EXPECT_TRUE(found == "0" || found == "(no row)") << to_string(date) << " " << found;
      }
    }
  }
}

TEST(ProjectionRoom, AnEarlyDepartureReturnsTheNightsThatAreLeft) {
  Folded rows("villa");
  BookingCheckedOut left{
      moved(nights("2026-12-01", "2026-12-05"), nights("2026-12-01", "2026-12-03"))};
  left.facet.occupies = {true, false};
  rows.given({room(Inventory::nightly), created(nights("2026-12-01", "2026-12-05")), left});
  EXPECT_EQ(rows.value(night, "villa", "2026-12-02", "booked_units"), "1");
  EXPECT_EQ(rows.value(night, "villa", "2026-12-03", "booked_units"), "0");
  EXPECT_EQ(rows.value(availability, "villa", "active_bookings"), "0");
}

}  // namespace
}  // namespace pesan
