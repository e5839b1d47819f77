// docs/domain.md#fields: which field is named when several are at fault, and the ranges that a
// command shows.

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/support/given_when_then.hpp"

namespace pesan {
namespace {

/// The field that an invalid_field names for these members of `data`.
std::string named(std::string_view type, const std::string& data) {
  const Answer answer =
      Desk().send_record(R"({"specversion":"1.0","id":"1","source":"/t","type":")" +
                         std::string(type) + R"(","data":)" + data + "}");
  if (answer.word() != "invalid_field") return answer.word();
  return std::string(answer.data().at("details").at("field").as_string());
}

TEST(CodecFieldOrder, ResourceActorReasonAndVersionComeFirstInThatOrder) {
  EXPECT_EQ(named("CheckIn", R"({})"), "resource");
  EXPECT_EQ(named("CheckIn", R"({"resource":"v"})"), "actor");
  EXPECT_EQ(named("CheckIn", R"({"resource":"v","actor":{"type":"x"},"reason":1})"), "actor.type");
  EXPECT_EQ(named("CheckIn", R"({"resource":"v","actor":{"type":"user"},"reason":1})"), "actor.id");
  EXPECT_EQ(named("CheckIn", R"({"expected_version":-1,"reason":"","resource":"v",
                                 "actor":{"type":"user","id":"u"}})"),
            "reason");
  EXPECT_EQ(named("CheckIn", R"({"expected_version":-1,"booking_id":1,"resource":"v",
                                 "actor":{"type":"user","id":"u"}})"),
            "expected_version");
  EXPECT_EQ(named("CheckIn", R"({"resource":"v","actor":{"type":"user","id":"u"}})"), "booking_id");
}

constexpr std::string_view front = R"({"resource":"v","actor":{"type":"user","id":"u"},)";

TEST(CodecFieldOrder, ThenTheCommandsOwnRow) {
  const auto room = [](std::string_view fields) {
    return named("DefineRoom", std::string(front) + std::string(fields) + "}");
  };
  EXPECT_EQ(room(R"("x":1)"), "name");
  EXPECT_EQ(room(R"("x":1,"name":"V")"), "units");
  EXPECT_EQ(room(R"("x":1,"name":"V","units":1)"), "inventory");
  EXPECT_EQ(room(R"("active":1,"currency":1,"name":"V","units":1,"inventory":"nightly")"),
            "currency");
  const auto booking = [](std::string_view fields) {
    return named("CreateBooking", std::string(front) + std::string(fields) + "}");
  };
  EXPECT_EQ(booking(R"("notes":1,"subject":1,"units":0,"status":"x","booking_id":"v.1")"),
            "booking_id");
  EXPECT_EQ(booking(R"("notes":1,"subject":1,"units":0,"status":"x")"), "status");
  EXPECT_EQ(booking(R"("notes":1,"subject":1,"units":0)"), "units");
  EXPECT_EQ(booking(R"("notes":1,"subject":1)"), "customer");
  EXPECT_EQ(booking(R"("notes":1,"subject":1,"customer":{"phone":"1","name":""})"),
            "customer.name");
  EXPECT_EQ(booking(R"("notes":1,"subject":1,"customer":{"phone":"1","name":"J"})"),
            "customer.phone");
  EXPECT_EQ(booking(R"("notes":1,"subject":{"type":"t"},"customer":{"name":"J"})"), "subject.id");
}

TEST(CodecFieldOrder, UnknownFieldsComeLastByNameAtTheirLevel) {
  const auto status = [](std::string_view fields) {
    return named("ChangeStatus", std::string(front) + std::string(fields) + "}");
  };
  EXPECT_EQ(status(R"("zz":1,"aa":1,"status":"x","booking_id":"v.1")"), "status");
  EXPECT_EQ(status(R"("zz":1,"ab":1,"aa":1,"B":1,"status":"paid","booking_id":"v.1")"), "status");
  EXPECT_EQ(status(R"("zz":1,"ab":1,"aa":1,"status":"pending","booking_id":"v.1")"), "aa");
  EXPECT_EQ(status(R"("zz":1,"ab":1,"Z":1,"status":"pending","booking_id":"v.1")"), "Z");
  EXPECT_EQ(status(R"("":1,"status":"pending","booking_id":"v.1")"), "");
  // Those of an object come when that object does, before what stands behind it.
  EXPECT_EQ(named("CreateBooking",
                  std::string(front) + R"("a":1,"notes":1,"customer":{"name":"J","b":1}})"),
            "customer.b");
  EXPECT_EQ(named("CheckIn", R"({"resource":"v","actor":{"type":"user","id":"u","x":1},"a":1})"),
            "actor.x");
}

TEST(CodecFieldOrder, AnUnknownFieldIsABreachWhateverItsValue) {
  EXPECT_EQ(named("CheckIn", std::string(front) + R"("booking_id":"v.1","note":null})"), "note");
}

TEST(CodecFieldOrder, ExpectedVersionIsUnknownWhereNoBookingMustExist) {
  EXPECT_EQ(named("CreateBooking",
                  std::string(front) + R"("expected_version":1,"customer":{"name":"J"}})"),
            "expected_version");
  EXPECT_EQ(named("ChangeRoom", std::string(front) + R"("expected_version":1})"),
            "expected_version");
}

TEST(CodecFieldOrder, APathIsCutToTwoHundredCharacters) {
  const std::string longer(250, 'y');
  EXPECT_EQ(named("CheckIn", std::string(front) + R"("booking_id":"v.1",")" + longer + R"(":1})"),
            longer.substr(0, 200));
  std::string wide;
  for (int i = 0; i < 250; ++i) wide += "\xC3\xA9";
  EXPECT_EQ(named("CheckIn", std::string(front) + R"("booking_id":"v.1",")" + wide + R"(":1})"),
            wide.substr(0, 400));
}

TEST(CodecFieldOrder, OfANameTwiceInOneObjectTheLastCounts) {
  EXPECT_EQ(named("CheckIn", std::string(front) + R"("booking_id":1,"booking_id":"v.1"})"),
            "resource_not_found");
  EXPECT_EQ(named("CheckIn", std::string(front) + R"("booking_id":"v.1","booking_id":1})"),
            "booking_id");
  EXPECT_EQ(named("CheckIn", R"({"resource":1,"resource":"v","booking_id":"v.1",
                      "actor":{"type":"x","id":"u","type":"user"}})"),
            "resource_not_found");
}

// ---- ranges ----

TEST(CodecRange, CheckOutIsAfterCheckInAndAtMost3660NightsLater) {
  const auto nights = [](std::string_view out) {
    return named("RescheduleBooking", std::string(front) +
                                          R"("booking_id":"v.1","check_in":"2026-12-01",)" +
                                          R"("check_out":")" + std::string(out) + "\"}");
  };
  EXPECT_EQ(nights("2026-11-30"), "invalid_range");
  EXPECT_EQ(nights("2026-12-01"), "invalid_range");
  EXPECT_EQ(nights("2026-12-02"), "resource_not_found");
  EXPECT_EQ(nights("2036-12-08"), "resource_not_found");  // 3,660
  EXPECT_EQ(nights("2036-12-09"), "invalid_range");
}

TEST(CodecRange, OneDateAloneIsNoRange) {
  EXPECT_EQ(named("RescheduleBooking",
                  std::string(front) + R"("booking_id":"v.1","check_out":"1970-01-01"})"),
            "resource_not_found");
}

TEST(CodecRange, EndIsAfterStart) {
  const auto slot = [](std::string_view type, std::string_view start, std::string_view end) {
    return named(type, std::string(front) +
                           R"("schedule_id":"s","date":"2026-12-01","capacity":1,"start":")" +
                           std::string(start) + R"(","end":")" + std::string(end) + "\"}");
  };
  for (const std::string_view type : {"AddSchedule", "ChangeSchedule"}) {
    EXPECT_EQ(slot(type, "10:00", "10:00"), "invalid_range");
    EXPECT_EQ(slot(type, "10:01", "10:00"), "invalid_range");
    EXPECT_EQ(slot(type, "24:00", "24:00"), "invalid_range");
    EXPECT_EQ(slot(type, "23:59", "24:00"), "resource_not_found");
  }
}

TEST(CodecRange, MaxNightsIsNotBelowMinNights) {
  const auto room = [](std::string_view bounds) {
    return named("ChangeRoom", std::string(front) + std::string(bounds) + "}");
  };
  EXPECT_EQ(room(R"("min_nights":3,"max_nights":2)"), "invalid_range");
  EXPECT_EQ(room(R"("min_nights":3,"max_nights":3)"), "resource_not_found");
}

}  // namespace
}  // namespace pesan
