// service and schedule_capacity: services, their slots and what is held of those.
#include <gtest/gtest.h>

#include "tests/support/folded.hpp"

namespace pesan {
namespace {

constexpr auto schedule = Table::schedule_capacity;

ServiceDefined grooming() {
  return {.name = "Full grooming",
          .price_minor = 15'000'000,
          .currency = "IDR",
          .duration_minutes = 90};
}

ScheduleAdded morning() { return {"s1", *parse_date("2026-12-01"), {9 * 60}, {10 * 60 + 30}, 4}; }

BookingFacet facet(std::optional<Held> from, std::optional<Held> to) {
  BookingFacet facet{.booking_id = "groom.1", .inventory = Inventory::slots};
  facet.status = {std::nullopt, Status::pending};
  facet.payment = {std::nullopt, Payment::unpaid};
  facet.occupies = {from.has_value(), to.has_value()};
  facet.held = {from, to};
  return facet;
}

BookingCreated created(const Held& held) {
  return {
      .facet = facet(std::nullopt, held), .number = 1024, .units = held.units, .customer = {"Ann"}};
}

TEST(ProjectionService, AServiceStandsAsItWasLastChanged) {
  Folded rows("groom");
  rows.given({grooming()});
  EXPECT_EQ(rows.value(Table::service, "groom", "duration_minutes"), "90");
  EXPECT_EQ(rows.value(Table::service, "groom", "is_active"), "1");
  rows.given({ServiceChanged{.name = "Bath", .price_minor = 1, .duration_minutes = 30}});
  EXPECT_EQ(rows.value(Table::service, "groom", "name"), "Bath");
  EXPECT_EQ(rows.value(Table::service, "groom", "price_minor"), "1");
  EXPECT_EQ(rows.value(Table::service, "groom", "currency"), "IDR");
  EXPECT_EQ(rows.value(Table::service, "groom", "sequence"), "2");
}

TEST(ProjectionService, ANewSlotIsOpenAndFree) {
  Folded rows("groom");
  rows.given({grooming(), morning()});
  EXPECT_EQ(rows.value(schedule, "groom", "s1", "date"), "2026-12-01");
  EXPECT_EQ(rows.value(schedule, "groom", "s1", "start_time"), "09:00");
  EXPECT_EQ(rows.value(schedule, "groom", "s1", "end_time"), "10:30");
  EXPECT_EQ(rows.value(schedule, "groom", "s1", "booked"), "0");
  EXPECT_EQ(rows.value(schedule, "groom", "s1", "available"), "4");
  EXPECT_EQ(rows.value(schedule, "groom", "s1", "is_open"), "1");
}

TEST(ProjectionService, ASlotMayEndAtMidnight) {
  Folded rows("groom");
  ScheduleAdded late = morning();
  late.end = {24 * 60};
  rows.given({grooming(), late});
  EXPECT_EQ(rows.value(schedule, "groom", "s1", "end_time"), "24:00");
}

TEST(ProjectionService, ClosingOpeningAndChangingKeepWhatIsBooked) {
  Folded rows("groom");
  rows.given({grooming(), morning(), created(slot("s1", 2)), ScheduleClosed{"s1"}});
  EXPECT_EQ(rows.value(schedule, "groom", "s1", "is_open"), "0");
  rows.given(
      {ScheduleOpened{"s1"}, ScheduleChanged{"s1", *parse_date("2026-12-02"), {600}, {660}, 3}});
  EXPECT_EQ(rows.value(schedule, "groom", "s1", "is_open"), "1");
  EXPECT_EQ(rows.value(schedule, "groom", "s1", "date"), "2026-12-02");
  EXPECT_EQ(rows.value(schedule, "groom", "s1", "booked"), "2");
  EXPECT_EQ(rows.value(schedule, "groom", "s1", "available"), "1");
}

TEST(ProjectionService, AMoveToAnotherSlotReturnsTheFirstAndTakesTheSecond) {
  Folded rows("groom");
  ScheduleAdded noon = morning();
  noon.schedule_id = "s2";
  rows.given({grooming(), morning(), noon, created(slot("s1", 2)),
              BookingRescheduled{.facet = facet(slot("s1", 2), slot("s2", 2))}});
  EXPECT_EQ(rows.value(schedule, "groom", "s1", "booked"), "0");
  EXPECT_EQ(rows.value(schedule, "groom", "s2", "booked"), "2");
  EXPECT_EQ(rows.value(schedule, "groom", "s2", "sequence"), "5");
}

TEST(ProjectionService, MoreUnitsTakeTheDifference) {
  Folded rows("groom");
  rows.given({grooming(), morning(), created(slot("s1", 1)),
              BookingChanged{.facet = facet(slot("s1", 1), slot("s1", 3)), .units = 3}});
  EXPECT_EQ(rows.value(schedule, "groom", "s1", "booked"), "3");
  EXPECT_EQ(rows.value(schedule, "groom", "s1", "available"), "1");
}

}  // namespace
}  // namespace pesan
