// customer and customer_booking: the registry's decisions as rows.
#include <gtest/gtest.h>

#include "tests/support/folded.hpp"

namespace pesan {
namespace {

constexpr auto customer = Table::customer;

CustomerRegistered ann() {
  return {.code = "CS-000001",
          .name = "Ann",
          .phone = "0812345",
          .preferred_resource = "studio",
          .booked_for = midnight(*parse_date("2026-12-01"))};
}

TEST(ProjectionCustomer, ARegisteredCustomerHasItsFirstBooking) {
  Folded rows("studio");
  rows.given_customers({ann(), BookingLinked{"CS-000001", "studio.1", 0, 5}});
  EXPECT_EQ(rows.value(customer, "CS-000001", "name"), "Ann");
  EXPECT_EQ(rows.value(customer, "CS-000001", "email"), "null");
  EXPECT_EQ(rows.value(customer, "CS-000001", "preferred_resource_id"), "studio");
  EXPECT_EQ(rows.value(customer, "CS-000001", "first_booking_at"), "2026-12-01T00:00:00.000");
  EXPECT_EQ(rows.value(customer, "CS-000001", "last_booking_at"), "2026-12-01T00:00:00.000");
  EXPECT_EQ(rows.value(customer, "CS-000001", "bookings"), "1");
  EXPECT_EQ(rows.value(Table::customer_booking, "studio.1", "customer_code"), "CS-000001");
  EXPECT_EQ(rows.value(Table::customer_booking, "studio.1", "sequence"), "2");
}

TEST(ProjectionCustomer, AnUpdateReplacesWhatItSaysAndTheLastTimeEvenByAnEarlierOne) {
  Folded rows("studio");
  rows.given_customers({ann(), BookingLinked{"CS-000001", "studio.1", 0, 5},
                        CustomerUpdated{.code = "CS-000001",
                                        .email = "ann@x.id",
                                        .booked_for = midnight(*parse_date("2026-11-30"))},
                        BookingLinked{"CS-000001", "studio.2", 0, 6}});
  EXPECT_EQ(rows.value(customer, "CS-000001", "email"), "ann@x.id");
  EXPECT_EQ(rows.value(customer, "CS-000001", "phone"), "0812345");
  EXPECT_EQ(rows.value(customer, "CS-000001", "first_booking_at"), "2026-12-01T00:00:00.000");
  EXPECT_EQ(rows.value(customer, "CS-000001", "last_booking_at"), "2026-11-30T00:00:00.000");
  EXPECT_EQ(rows.value(customer, "CS-000001", "bookings"), "2");
  EXPECT_EQ(rows.value(customer, "CS-000001", "sequence"), "4");
}

}  // namespace
}  // namespace pesan
