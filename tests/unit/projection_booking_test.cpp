// booking, booking_history and payment: a booking as it stands, and all that happened to it.
#include <gtest/gtest.h>

#include "tests/support/folded.hpp"

namespace pesan {
namespace {

constexpr auto booking = Table::booking;
constexpr auto history = Table::booking_history;

BookingFacet facet(std::optional<Status> from, std::optional<Status> to) {
  BookingFacet facet{.booking_id = "villa.1", .inventory = Inventory::counter};
  facet.status = {from, to};
  facet.payment = {from ? std::optional(Payment::unpaid) : std::nullopt,
                   to ? std::optional(Payment::unpaid) : std::nullopt};
  return facet;
}

BookingCreated created() {
  return {.facet = facet(std::nullopt, Status::pending),
          .number = 1024,
          .units = 2,
          .party_size = 3,
          .check_in = parse_date("2026-12-01"),
          .check_out = parse_date("2026-12-03"),
          .nights = 2,
          .price_minor = 100,
          .currency = "IDR",
          .total_minor = 400,
          .customer = {"John Doe", "u-9", Gender::male, "08123456789", "john@email.com", "Jakarta"},
          .particulars = {
              .subject = Subject{"dog", "d-1", "Rex"}, .staff_id = "st-1", .notes = "late"}};
}

TEST(ProjectionBooking, ACreatedBookingHasAllThatWasGiven) {
  Folded rows("villa");
  rows.given({created()});
  const std::pair<const char*, const char*> expected[] = {
      {"number", "1024"},
      {"resource_id", "villa"},
      {"schedule_id", "null"},
      {"appointment_at", "null"},
      {"check_in", "2026-12-01"},
      {"check_out", "2026-12-03"},
      {"nights", "2"},
      {"units", "2"},
      {"party_size", "3"},
      {"status", "pending"},
      {"payment_status", "unpaid"},
      {"customer_name", "John Doe"},
      {"customer_gender", "male"},
      {"customer_ref", "u-9"},
      {"customer_address", "Jakarta"},
      {"subject_type", "dog"},
      {"subject_id", "d-1"},
      {"subject_name", "Rex"},
      {"staff_id", "st-1"},
      {"price_minor", "100"},
      {"total_minor", "400"},
      {"currency", "IDR"},
      {"checked_in_at", "null"},
      {"is_checked_in", "0"},
      {"is_checked_out", "0"},
      {"notes", "late"},
      {"version", "1"},
      {"sequence", "1"},
      {"created_at", "2026-11-20T08:01:00.000Z"},
      {"customer_phone", "08123456789"},
      {"customer_email", "john@email.com"}};
  for (const auto& [column, value] : expected) {
    EXPECT_EQ(rows.value(booking, "villa.1", column), value) << column;
  }
}

TEST(ProjectionBooking, EveryEventMovesStatusTimesVersionAndStamp) {
  Folded rows("villa");
  BookingCheckedIn in{facet(Status::pending, Status::confirmed)};
  in.facet.checked_in_at = parse_instant("2026-12-01T07:00:00Z");
  rows.given({created(), in});
  EXPECT_EQ(rows.value(booking, "villa.1", "status"), "confirmed");
  EXPECT_EQ(rows.value(booking, "villa.1", "checked_in_at"), "2026-12-01T07:00:00.000Z");
  EXPECT_EQ(rows.value(booking, "villa.1", "is_checked_in"), "1");
  EXPECT_EQ(rows.value(booking, "villa.1", "version"), "2");
  EXPECT_EQ(rows.value(booking, "villa.1", "updated_at"), "2026-11-20T08:02:00.000Z");
  EXPECT_EQ(rows.value(booking, "villa.1", "created_at"), "2026-11-20T08:01:00.000Z");

  rows.given({BookingStatusChanged{facet(Status::confirmed, Status::pending)}});
  EXPECT_EQ(rows.value(booking, "villa.1", "checked_in_at"), "null");
  EXPECT_EQ(rows.value(booking, "villa.1", "is_checked_in"), "0");
}

TEST(ProjectionBooking, AChangeReplacesTheCustomerWholeAndLeavesWhatWasNotGiven) {
  Folded rows("villa");
  rows.given({created(), BookingChanged{.facet = facet(Status::pending, Status::pending),
                                        .units = 5,
                                        .total_minor = 1000,
                                        .customer = Customer{.name = "Jane"},
                                        .particulars = {.notes = ""}}});
  EXPECT_EQ(rows.value(booking, "villa.1", "units"), "5");
  EXPECT_EQ(rows.value(booking, "villa.1", "party_size"), "null");
  EXPECT_EQ(rows.value(booking, "villa.1", "total_minor"), "1000");
  EXPECT_EQ(rows.value(booking, "villa.1", "customer_name"), "Jane");
  EXPECT_EQ(rows.value(booking, "villa.1", "customer_phone"), "null");
  EXPECT_EQ(rows.value(booking, "villa.1", "customer_ref"), "null");
  EXPECT_EQ(rows.value(booking, "villa.1", "subject_name"), "Rex");
  EXPECT_EQ(rows.value(booking, "villa.1", "staff_id"), "st-1");
  EXPECT_EQ(rows.value(booking, "villa.1", "notes"), "");
}

TEST(ProjectionBooking, ARescheduleMovesDatesOrSlotAndAppointment) {
  Folded rows("villa");
  BookingRescheduled move{.facet = facet(Status::pending, Status::pending)};
  move.check_in = {parse_date("2026-12-01"), parse_date("2026-12-05")};
  move.check_out = {parse_date("2026-12-03"), parse_date("2026-12-06")};
  move.nights = 1;
  move.total_minor = 200;
  rows.given({created(), move});
  EXPECT_EQ(rows.value(booking, "villa.1", "check_in"), "2026-12-05");
  EXPECT_EQ(rows.value(booking, "villa.1", "nights"), "1");
  EXPECT_EQ(rows.value(history, "villa.1", "2", "details"),
            R"({"check_in":{"from":"2026-12-01","to":"2026-12-05"},)"
            R"("check_out":{"from":"2026-12-03","to":"2026-12-06"},"nights":1,"total_minor":200})");

  BookingRescheduled slot{.facet = facet(Status::pending, Status::pending)};
  slot.schedule_id = {std::nullopt, "s2"};
  slot.appointment_at = parse_local_minute("2026-12-07T09:30");
  rows.given({slot});
  EXPECT_EQ(rows.value(booking, "villa.1", "schedule_id"), "s2");
  EXPECT_EQ(rows.value(booking, "villa.1", "appointment_at"), "2026-12-07T09:30");
  EXPECT_EQ(rows.value(booking, "villa.1", "check_in"), "null");
}

TEST(ProjectionBooking, ADeletedBookingLeavesTheTableAndKeepsHistoryAndPayments) {
  Folded rows("villa");
  PaymentRecorded paid{.facet = facet(Status::pending, Status::pending),
                       .amount_minor = 400,
                       .method = PaymentMethod::card,
                       .transaction_id = "t-1"};
  paid.facet.payment.to = Payment::paid;
  BookingDeleted deleted{facet(Status::pending, std::nullopt)};
  deleted.facet.payment.from = Payment::paid;
  rows.given({created(), paid, deleted});
  EXPECT_EQ(rows.count(booking), 0U);
  EXPECT_EQ(rows.count(history), 3U);
  EXPECT_EQ(rows.count(Table::payment), 1U);
  EXPECT_EQ(rows.value(Table::payment, "villa.1", "2", "status"), "paid");
  EXPECT_EQ(rows.value(Table::payment, "villa.1", "2", "amount_minor"), "400");
  EXPECT_EQ(rows.value(Table::payment, "villa.1", "2", "method"), "card");
  EXPECT_EQ(rows.value(Table::payment, "villa.1", "2", "at"), "2026-11-20T08:02:00.000Z");
  EXPECT_EQ(rows.value(history, "villa.1", "3", "old_status"), "pending");
  EXPECT_EQ(rows.value(history, "villa.1", "3", "new_status"), "null");
}

TEST(ProjectionBooking, HistoryTellsWhoDidWhatAndWhy) {
  Folded rows("villa");
  rows.by({ActorType::user, "u-9"}).given({created()});
  rows.by({ActorType::admin, "a-1"}, "no answer")
      .given({BookingStatusChanged{facet(Status::pending, Status::cancelled)}});
  EXPECT_EQ(rows.value(history, "villa.1", "1", "event_type"), "BookingCreated");
  EXPECT_EQ(rows.value(history, "villa.1", "1", "old_status"), "null");
  EXPECT_EQ(rows.value(history, "villa.1", "1", "new_payment"), "unpaid");
  EXPECT_EQ(rows.value(history, "villa.1", "1", "actor_type"), "user");
  EXPECT_EQ(rows.value(history, "villa.1", "1", "reason"), "null");
  EXPECT_EQ(rows.value(history, "villa.1", "1", "details"),
            R"({"number":1024,"units":2,"party_size":3,"check_in":"2026-12-01",)"
            R"("check_out":"2026-12-03","total_minor":400,"currency":"IDR","staff_id":"st-1"})");
  EXPECT_EQ(rows.value(history, "villa.1", "2", "event_type"), "BookingStatusChanged");
  EXPECT_EQ(rows.value(history, "villa.1", "2", "actor_id"), "a-1");
  EXPECT_EQ(rows.value(history, "villa.1", "2", "reason"), "no answer");
  EXPECT_EQ(rows.value(history, "villa.1", "2", "details"), "null");
}

TEST(ProjectionBooking, HistoryNamesWhatGuestDataWasGivenAndDoesNotRepeatIt) {
  Folded rows("villa");
  rows.given({created(), BookingChanged{.facet = facet(Status::pending, Status::pending),
                                        .units = 2,
                                        .customer = Customer{.name = "Jane", .phone = "0812345"},
                                        .particulars = {.notes = "quiet"}}});
  EXPECT_EQ(rows.value(history, "villa.1", "2", "details"),
            R"({"units":2,"given":["customer","notes"]})");
}

}  // namespace
}  // namespace pesan
