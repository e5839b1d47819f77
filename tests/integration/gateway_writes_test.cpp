// Commands over HTTP, the whole way: a socket, the gateway, the desk, the roles on files.
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/gateway_house.hpp"

namespace pesan::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(GatewayWrites, AWriteIsSeenByTheNextRead) {
  const GatewayHouse house;
  const HttpAnswer room = house.post("/v1/rooms", villa);
  EXPECT_EQ(room.status, 201U);
  EXPECT_EQ(room.header("Location"), "/v1/rooms/villa");
  const HttpAnswer booked = house.post("/v1/bookings", stay("villa"));
  EXPECT_EQ(booked.status, 201U) << booked.body;
  EXPECT_EQ(booked.header("ETag"), "\"2\"");
  EXPECT_EQ(booked.header("Pesan-Position"), "0:2");
  const HttpAnswer booking = house.get(booked.header("Location"));
  EXPECT_EQ(booking.status, 200U);
  EXPECT_EQ(booking.header("ETag"), "\"2\"");
  EXPECT_EQ(booking.json().at("status"), "confirmed");
}

TEST(GatewayWrites, EveryStepOfABookingHasItsRoute) {
  const GatewayHouse house;
  house.post("/v1/rooms", villa);
  house.post("/v1/bookings", stay("villa", R"(,"booking_id":"villa.x")"));
  const auto step = [&](std::string_view method, std::string_view route, std::string_view body) {
    return house.ask(method, fmt::format("/v1/bookings/villa.x{}", route), body).status;
  };
  EXPECT_EQ(step("PATCH", "", R"({"notes":"late"})"), 200U);
  EXPECT_EQ(step("POST", "/reschedule", R"({"check_in":"2031-12-02","check_out":"2031-12-04"})"),
            200U);
  EXPECT_EQ(step("POST", "/payments", R"({"status":"paid","amount_minor":100})"), 200U);
  EXPECT_EQ(step("POST", "/status", R"({"status":"cancelled"})"), 200U);
  EXPECT_EQ(step("DELETE", "", ""), 200U);
  EXPECT_EQ(step("GET", "", ""), 404U);
}

TEST(GatewayWrites, ServicesAndTheirSlotsHaveTheirRoutes) {
  const GatewayHouse house;
  EXPECT_EQ(house
                .post("/v1/services", R"({"resource":"spa","name":"Spa","price_minor":5,)"
                                      R"("duration_minutes":60})")
                .status,
            201U);
  const HttpAnswer slot =
      house.post("/v1/services/spa/schedules",
                 R"({"schedule_id":"s1","date":"2031-12-01","start":"09:00","end":"10:00",)"
                 R"("capacity":3})");
  EXPECT_EQ(slot.header("Location"), "/v1/services/spa/schedules/s1");
  EXPECT_EQ(house.get(slot.header("Location")).json().at("capacity"), 3);
  EXPECT_EQ(house.ask("PATCH", "/v1/services/spa/schedules/s1", R"({"capacity":4})").status, 200U);
  EXPECT_EQ(house.post("/v1/services/spa/schedules/s1/close").status, 200U);
  EXPECT_EQ(house.get("/v1/services/spa/schedules/s1").json().at("is_open"), false);
  EXPECT_EQ(house.post("/v1/services/spa/schedules/s1/open").status, 200U);
  EXPECT_EQ(house.ask("PATCH", "/v1/services/spa", R"({"price_minor":6})").status, 200U);
  EXPECT_EQ(house.get("/v1/services/spa").json().at("price_minor"), 6);
}

TEST(GatewayWrites, ARefusalIsAProblemThatNamesItsResult) {
  const GatewayHouse house;
  const HttpAnswer refused = house.post("/v1/bookings", stay("barn"));
  EXPECT_EQ(refused.status, 404U);
  EXPECT_EQ(refused.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(refused.code(), "resource_not_found");
  const HttpAnswer later = house.get(refused.json().at("instance").as_string());
  EXPECT_EQ(later.status, 200U);
  EXPECT_EQ(later.json().at("code"), "resource_not_found");
}

TEST(GatewayWrites, OneKeyHasOneOutcome) {
  const GatewayHouse house;
  house.post("/v1/rooms", villa);
  const HttpAnswer first = house.post("/v1/bookings", stay("villa"), "Idempotency-Key: \"k1\"\r\n");
  const HttpAnswer again = house.post("/v1/bookings", stay("villa"), "Idempotency-Key: k1\r\n");
  EXPECT_EQ(again.status, 201U);
  EXPECT_EQ(again.header("Location"), first.header("Location"));
  EXPECT_EQ(again.json().at("duplicate"), true);
  const HttpAnswer other =
      house.post("/v1/bookings", stay("villa", R"(,"units":2)"), "Idempotency-Key: k1\r\n");
  EXPECT_EQ(other.status, 422U);
  EXPECT_EQ(other.code(), "idempotency_conflict");
}

TEST(GatewayWrites, CallersThatSendOneKeyAtATimeAllGetTheFirstOutcome) {
  const GatewayHouse house;
  house.post("/v1/rooms", villa);
  std::vector<std::string> places(8);
  {
    std::vector<std::jthread> callers;
    for (std::string& place : places) {
      callers.emplace_back([&] {
        place =
            house.post("/v1/bookings", stay("villa"), "Idempotency-Key: k1\r\n").header("Location");
      });
    }
  }
  for (const std::string& place : places) EXPECT_EQ(place, "/v1/bookings/villa.1");
}

TEST(GatewayWrites, FiftyCallersForTheLastRoomsGetNoMoreThanThereAre) {
  const GatewayHouse house;
  house.post("/v1/rooms", villa);
  std::vector<unsigned> statuses(50);
  {
    std::vector<std::jthread> callers;
    for (unsigned& status : statuses) {
      callers.emplace_back([&] { status = house.post("/v1/bookings", stay("villa")).status; });
    }
  }
  EXPECT_EQ(std::ranges::count(statuses, 201U), 2);
  EXPECT_EQ(std::ranges::count(statuses, 409U), 48);
}

TEST(GatewayWrites, AVersionThatNoMoreHoldsIs412) {
  const GatewayHouse house;
  house.post("/v1/rooms", villa);
  house.post("/v1/bookings", stay("villa"));
  const auto pay = [&](std::string_view tag) {
    return house.post("/v1/bookings/villa.1/payments", R"({"status":"paid"})",
                      fmt::format("If-Match: {}\r\n", tag));
  };
  const HttpAnswer stale = pay("\"1\"");
  EXPECT_EQ(stale.status, 412U);
  EXPECT_EQ(stale.code(), "version_conflict");
  EXPECT_EQ(pay("\"2\"").status, 200U);
}

TEST(GatewayWrites, WhoDoesNotWaitIsToldWhereToAsk) {
  const GatewayHouse house;
  const HttpAnswer sent = house.post("/v1/rooms", villa, "Prefer: respond-async\r\n");
  EXPECT_EQ(sent.status, 202U);
  EXPECT_EQ(sent.header("Location"), "/v1/results/0-0");
  EXPECT_EQ(sent.header("Preference-Applied"), "respond-async");
  HttpAnswer result = house.get("/v1/results/0-0");
  while (result.status == 202U) result = house.get("/v1/results/0-0");
  EXPECT_EQ(result.status, 200U);
  EXPECT_EQ(result.json().at("command").at("id"), sent.json().at("id"));
}

TEST(GatewayWrites, WhereNobodyDecidesTheCallerLearnsThatItIsInTheLog) {
  GatewayHouse house;
  house.stop_roles();
  const HttpAnswer sent = house.post("/v1/rooms", villa, "Prefer: wait=1\r\n");
  EXPECT_EQ(sent.status, 202U) << sent.body;
  EXPECT_EQ(house.get(sent.header("Location")).status, 202U);
  EXPECT_EQ(house.get("/v1/results/0-99").status, 404U);
}

TEST(GatewayWrites, WhoIsNotAnsweredBeforeTheEndIsToldHowFarItsCommandHasCome) {
  GatewayHouse house({.ends_within = std::chrono::seconds{0}});
  house.stop_roles();
  http::Caller asks(house.address());
  asks.send(
      fmt::format("POST /v1/rooms HTTP/1.1\r\nHost: localhost\r\nPrefer: wait=60\r\n"
                  "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                  villa.size(), villa));
  while (house.get("/v1/results/0-0").status == 404U) std::this_thread::yield();
  house.end_gateway();
  const HttpAnswer told = GatewayHouse::answer_in(asks.rest());
  EXPECT_EQ(told.status, 202U) << told.body;
  EXPECT_EQ(told.header("Location"), "/v1/results/0-0");
}

TEST(GatewayWrites, AnyVersionWillDoWhereThatIsSaid) {
  const GatewayHouse house;
  house.post("/v1/rooms", villa);
  house.post("/v1/bookings", stay("villa"));
  EXPECT_EQ(
      house.post("/v1/bookings/villa.1/payments", R"({"status":"paid"})", "If-Match: *\r\n").status,
      200U);
}

TEST(GatewayWrites, AnArrayIsAnsweredInItsOrderEachWithItsOwnOutcome) {
  const GatewayHouse house;
  const auto event = [](std::string_view type, std::string_view data) {
    return fmt::format(R"({{"specversion":"1.0","type":"{}","data":{}}})", type, data);
  };
  const HttpAnswer all = house.post(
      "/v1/commands",
      fmt::format("[{},{},{},7]", event("DefineRoom", villa), event("CreateBooking", stay("villa")),
                  event("CreateBooking", stay("villa", R"(,"units":2)"))));
  EXPECT_EQ(all.status, 200U);
  const auto answers = all.json().as_array();
  ASSERT_EQ(answers.size(), 4U);
  EXPECT_EQ(answers[0].at("status"), 201);
  EXPECT_EQ(answers[1].at("location"), "/v1/bookings/villa.1");
  EXPECT_EQ(answers[2].at("problem").at("code"), "capacity_exceeded");
  EXPECT_EQ(answers[3].at("problem").at("code"), "malformed_request");
  EXPECT_EQ(house.post("/v1/commands", "[]").body, "[]");
}

TEST(GatewayWrites, OneCommandIsAnsweredAsItsRouteWould) {
  const GatewayHouse house;
  const HttpAnswer one =
      house.post("/v1/commands", fmt::format(R"({{"specversion":"1.0","id":"1","source":"/me",)"
                                             R"("type":"DefineRoom","data":{}}})",
                                             villa));
  EXPECT_EQ(one.status, 201U);
  EXPECT_EQ(one.header("Location"), "/v1/rooms/villa");
  EXPECT_EQ(one.json().at("command").at("source"), "/http/local/me");
}

TEST(GatewayWrites, WhatIsTooLargeOrOfAnotherTypeIsAProblem) {
  const GatewayHouse house;
  const std::string large = R"({"x":")" + std::string(65 << 10, 'x') + R"("})";
  EXPECT_EQ(house.post("/v1/rooms", large).code(), "too_large");
  const std::string huge(5 << 20, ' ');
  EXPECT_EQ(house.post("/v1/commands", huge).code(), "too_large");
  EXPECT_EQ(GatewayHouse::answer_in(http::Caller(house.address())
                                        .send("POST /v1/rooms HTTP/1.1\r\nHost: localhost\r\n"
                                              "Connection: close\r\nContent-Length: 2\r\n\r\n{}")
                                        .rest())
                .code(),
            "unsupported_type");
  EXPECT_EQ(house.get("/v1/rooms", "X: " + std::string(9000, 'x') + "\r\n").code(),
            "headers_too_large");
  EXPECT_EQ(
      GatewayHouse::answer_in(http::Caller(house.address()).send("nonsense\r\n\r\n").rest()).code(),
      "malformed_request");
}

}  // namespace
}  // namespace pesan::cli
