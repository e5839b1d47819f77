// Rows over HTTP, the whole way, and what tokens let whom see and do.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/gateway_house.hpp"

namespace pesan::cli {
namespace {

using http::v1::Client;
using http::v1::ClientRole;
using ::testing::HasSubstr;
using ::testing::Not;

std::size_t items(const HttpAnswer& answer) { return answer.json().at("items").as_array().size(); }

class GatewayReads : public ::testing::Test {
 protected:
  void SetUp() override {
    house.post("/v1/rooms", villa);
    house.post("/v1/rooms", R"({"resource":"barn","name":"Barn","units":9,"inventory":"counter"})");
    for (int i = 0; i < 2; ++i) house.post("/v1/bookings", stay("villa"));
    for (int i = 0; i < 3; ++i) house.post("/v1/bookings", stay("barn", R"(,"units":1)"));
  }
  GatewayHouse house;
};

TEST_F(GatewayReads, AListGoesOnWhereItsPageEnded) {
  const HttpAnswer first = house.get("/v1/bookings?resource=barn&limit=2");
  EXPECT_EQ(items(first), 2U);
  const std::string next(first.json().at("next").as_string());
  const HttpAnswer second = house.get("/v1/bookings?resource=barn&limit=2&after=" + next);
  EXPECT_EQ(items(second), 1U);
  EXPECT_FALSE(second.json().as_object().contains("next"));
  EXPECT_EQ(first.header("Link"),
            fmt::format("</v1/bookings?resource=barn&limit=2&after={}>; rel=\"next\"", next));
}

TEST_F(GatewayReads, ACursorOfAnotherListIsRefused) {
  EXPECT_EQ(house.get("/v1/bookings?status=confirmed&after=nonsense").code(), "bad_cursor");
}

TEST_F(GatewayReads, BookingsAreFoundByWhatAnIndexServesAndTheRestIsLookedAt) {
  EXPECT_EQ(items(house.get("/v1/bookings")), 5U);
  EXPECT_EQ(items(house.get("/v1/bookings?resource=villa")), 2U);
  EXPECT_EQ(items(house.get("/v1/bookings?status=confirmed")), 5U);
  EXPECT_EQ(items(house.get("/v1/bookings?status=confirmed&resource=barn")), 3U);
  EXPECT_EQ(items(house.get("/v1/bookings?status=cancelled&resource=barn")), 0U);
  EXPECT_EQ(items(house.get("/v1/bookings?check_in_from=2031-12-01&check_in_to=2031-12-02")), 5U);
  EXPECT_EQ(items(house.get("/v1/bookings?resource=villa&check_in_from=2031-12-02")), 0U);
  EXPECT_EQ(items(house.get("/v1/bookings?ref=nobody")), 0U);
  const auto number = house.get("/v1/bookings/villa.1").json().at("number").as_int64();
  EXPECT_EQ(items(house.get(fmt::format("/v1/bookings?number={}", number))), 1U);
}

TEST_F(GatewayReads, AParameterThatCannotBeReadIsRefused) {
  for (const auto* query :
       {"limit=0", "limit=501", "limit=x", "check_in_from=soon", "number=x", "status=odd",
        "resource=", "ref=r&check_in_to=soon", "customer=CS-1&number=x", "number=1&status=odd"}) {
    EXPECT_EQ(house.get(fmt::format("/v1/bookings?{}", query)).code(), "malformed_request")
        << query;
  }
  EXPECT_EQ(house.get("/v1/bookings?colour=red").code(), "unknown_parameter");
}

TEST_F(GatewayReads, NightsAreSaidForEachDateAlsoWhereNobodyStays) {
  const HttpAnswer nights = house.get("/v1/rooms/villa/nights?from=2031-11-30&to=2031-12-02");
  EXPECT_EQ(nights.body, R"({"items":[{"night":"2031-11-30","total":2,"booked":0,"available":2},)"
                         R"({"night":"2031-12-01","total":2,"booked":2,"available":0}]})");
  EXPECT_EQ(house.get("/v1/rooms/villa/nights").code(), "malformed_request");
  EXPECT_EQ(house.get("/v1/rooms/villa/nights?from=2031-12-02&to=2031-12-02").code(),
            "malformed_request");
  EXPECT_EQ(house.get("/v1/rooms/barn/nights?from=2031-12-01&to=2031-12-02").code(),
            "wrong_resource_kind");
  EXPECT_EQ(house.get("/v1/rooms/none/nights?from=2031-12-01&to=2031-12-02").code(),
            "resource_not_found");
}

TEST_F(GatewayReads, WhatIsNotThereIsSaidByItsKind) {
  EXPECT_EQ(house.get("/v1/rooms/none").code(), "resource_not_found");
  EXPECT_EQ(house.get("/v1/services/none").code(), "resource_not_found");
  EXPECT_EQ(house.get("/v1/services/none/schedules/s").code(), "schedule_not_found");
  EXPECT_EQ(house.get("/v1/bookings/none.1").code(), "booking_not_found");
  EXPECT_EQ(house.get("/v1/customers/CS-999999").code(), "customer_not_found");
  EXPECT_EQ(house.get("/v1/results/x").code(), "result_not_found");
}

TEST_F(GatewayReads, SlotsAreThoseOfADayAndOnRequestThoseThatAreFree) {
  house.post("/v1/services",
             R"({"resource":"spa","name":"Spa","price_minor":5,"duration_minutes":60})");
  for (const auto* slot : {"a", "b"}) {
    house.post("/v1/services/spa/schedules",
               fmt::format(R"({{"schedule_id":"{}","date":"2031-12-01","start":"09:00",)"
                           R"("end":"10:00","capacity":3}})",
                           slot));
  }
  house.post("/v1/services/spa/schedules/a/close");
  const std::string slots = "/v1/services/spa/schedules?from=2031-12-01&to=2031-12-02";
  EXPECT_EQ(items(house.get(slots)), 2U);
  EXPECT_EQ(items(house.get(slots + "&available=true")), 1U);
  EXPECT_EQ(items(house.get("/v1/services/spa/schedules?from=2031-12-02")), 0U);
}

TEST_F(GatewayReads, HistoryAndPaymentsStayWhenTheBookingIsDeleted) {
  house.post("/v1/bookings/villa.1/payments", R"({"status":"paid","amount_minor":5})");
  house.ask("DELETE", "/v1/bookings/villa.1", "");
  EXPECT_EQ(items(house.get("/v1/bookings/villa.1/history")), 3U);
  EXPECT_EQ(items(house.get("/v1/bookings/villa.1/payments")), 1U);
}

TEST_F(GatewayReads, CustomersAreFoundByWhatTheyGave) {
  HttpAnswer customers = house.get("/v1/customers?phone=08123456789");
  while (items(customers) == 0) customers = house.get("/v1/customers?phone=08123456789");
  const std::string code(customers.json().at("items").at(0).at("code").as_string());
  EXPECT_EQ(items(house.get("/v1/customers?name=Sa")), 1U);
  EXPECT_EQ(items(house.get("/v1/customers?email=sari@example.org&name=Budi")), 0U);
  EXPECT_EQ(house.get("/v1/customers/" + code).json().at("name"), "Sari");
  HttpAnswer bookings = house.get("/v1/customers/" + code + "/bookings");
  while (items(bookings) < 5) bookings = house.get("/v1/customers/" + code + "/bookings");
  EXPECT_EQ(items(house.get("/v1/bookings?resource=barn&customer=" + code)), 3U);
  const auto number = house.get("/v1/bookings/villa.1").json().at("number").as_int64();
  EXPECT_EQ(items(house.get(fmt::format("/v1/bookings?customer={}&number={}", code, number))), 1U);
}

TEST_F(GatewayReads, AReadMayWaitForAPositionOfAnotherGateway) {
  EXPECT_EQ(house.get("/v1/bookings", "Pesan-Min-Position: 0:7\r\n").status, 200U);
  const HttpAnswer behind =
      house.get("/v1/bookings", "Pesan-Min-Position: 0:999\r\nPrefer: wait=0\r\n");
  EXPECT_EQ(behind.status, 503U);
  EXPECT_EQ(behind.code(), "rows_behind");
  EXPECT_EQ(behind.header("Retry-After"), "1");
}

TEST_F(GatewayReads, APartitionThatTheLogHasNotIsRefusedAndNotWaitedFor) {
  const HttpAnswer refused =
      house.get("/v1/bookings", "Pesan-Min-Position: 9999:0\r\nPrefer: wait=60\r\n");
  EXPECT_EQ(refused.status, 400U);
  EXPECT_EQ(refused.code(), "malformed_request");
}

TEST_F(GatewayReads, ATargetMayNameItsServer) {
  EXPECT_EQ(house.get("http://localhost/v1/rooms/villa").status, 200U);
  EXPECT_EQ(house.get("http://evil.example/v1/rooms/villa").code(), "wrong_host");
}

TEST_F(GatewayReads, HeadAndOptionsAnswerWithoutABody) {
  const HttpAnswer head = house.ask("HEAD", "/v1/rooms/villa", {});
  EXPECT_EQ(head.status, 200U);
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(house.ask("OPTIONS", "/v1/rooms", {}).header("Allow"), "GET, HEAD, OPTIONS, POST");
  EXPECT_EQ(house.ask("OPTIONS", "/v1/none", {}).status, 404U);
}

TEST_F(GatewayReads, WhoAsksUnderAnotherNameIsNotAnswered) {
  const auto ask = [&](std::string_view headers) {
    return GatewayHouse::answer_in(http::Caller(house.address())
                                       .send(fmt::format("GET /v1/rooms HTTP/1.1\r\n{}"
                                                         "Connection: close\r\n\r\n",
                                                         headers))
                                       .rest())
        .code();
  };
  EXPECT_EQ(ask("Host: evil.example\r\n"), "wrong_host");
  EXPECT_EQ(ask("Host: localhost\r\nOrigin: http://evil.example\r\n"), "wrong_origin");
}

// --- tokens --------------------------------------------------------------------------------------

std::string bearer(const std::string& secret) {
  return fmt::format("Authorization: Bearer {}\r\n", secret);
}

TEST_F(GatewayReads, FromTheFirstTokenOnNobodyIsLetInWithout) {
  const std::string secret =
      house.token({.name = "web", .role = ClientRole::operates, .actor_id = "ani"});
  const HttpAnswer refused = house.get("/v1/rooms");
  EXPECT_EQ(refused.status, 401U);
  EXPECT_EQ(refused.header("WWW-Authenticate"), "Bearer realm=\"pesan\"");
  EXPECT_EQ(house.get("/v1/rooms", "Authorization_: Bearer x\r\n").status, 401U);
  EXPECT_EQ(house.get("/v1/rooms", bearer(secret)).status, 200U);
  EXPECT_EQ(house.get("/problems/unauthenticated").status, 200U);
}

TEST_F(GatewayReads, TheActorIsTheTokens) {
  const std::string auth =
      bearer(house.token({.name = "web", .role = ClientRole::operates, .actor_id = "ani"}));
  house.post("/v1/bookings/villa.1/payments", R"({"status":"paid"})", auth);
  const auto history = house.get("/v1/bookings/villa.1/history", auth).json().at("items");
  EXPECT_EQ(history.at(1).at("actor_id"), "ani");
  EXPECT_EQ(house
                .post("/v1/bookings/villa.1/payments",
                      R"({"status":"unpaid","actor":{"type":"admin","id":"budi"}})", auth)
                .code(),
            "actor_not_yours");
}

TEST_F(GatewayReads, AViewerReadsNeitherPhonesNorAddressesAndWritesNothing) {
  const std::string auth =
      bearer(house.token({.name = "eye", .role = ClientRole::viewer, .actor_id = "eye"}));
  for (const auto* path : {"/v1/bookings/villa.1", "/v1/bookings", "/v1/customers"}) {
    const HttpAnswer answer = house.get(path, auth);
    EXPECT_EQ(answer.status, 200U);
    EXPECT_THAT(answer.body, Not(HasSubstr("08123456789"))) << path;
    EXPECT_THAT(answer.body, Not(HasSubstr("sari@example.org"))) << path;
  }
  EXPECT_EQ(house.post("/v1/bookings", stay("villa"), auth).code(), "role_forbids");
  EXPECT_EQ(house.post("/v1/commands", "[]", auth).code(), "role_forbids");
}

TEST_F(GatewayReads, ATokenOfSomeResourcesSeesAndChangesNoOther) {
  const std::string auth = bearer(house.token(
      {.name = "desk", .role = ClientRole::operates, .actor_id = "desk", .resources = {"villa"}}));
  EXPECT_EQ(items(house.get("/v1/rooms", auth)), 1U);
  EXPECT_EQ(items(house.get("/v1/bookings?resource=villa", auth)), 2U);
  EXPECT_EQ(house.get("/v1/bookings/villa.1", auth).status, 200U);
  for (const auto* path :
       {"/v1/bookings", "/v1/bookings?resource=barn", "/v1/bookings?ref=r", "/v1/bookings?number=1",
        "/v1/bookings?resource=villa&customer=CS-000001", "/v1/rooms/barn", "/v1/rooms/none",
        "/v1/bookings/barn.1", "/v1/bookings/barn.9", "/v1/bookings/barn.1/history",
        "/v1/bookings/barn.1/payments", "/v1/customers", "/v1/customers/CS-000001",
        "/v1/results/0-1"}) {
    EXPECT_EQ(house.get(path, auth).code(), "resource_not_yours") << path;
  }
  EXPECT_EQ(house.post("/v1/bookings", stay("barn"), auth).code(), "resource_not_yours");
  EXPECT_EQ(house.post("/v1/bookings/barn.1/check-in", "", auth).code(), "resource_not_yours");
  EXPECT_EQ(house.post("/v1/bookings", stay("villa"), auth).code(), "capacity_exceeded");
}

TEST_F(GatewayReads, WhoLooksForNothingIsNotAnsweredWithEverybody) {
  for (const auto* path : {"/v1/customers?phone=", "/v1/customers?email=", "/v1/customers?name=",
                           "/v1/bookings?ref=", "/v1/services/cut/schedules?available="}) {
    EXPECT_EQ(house.get(path).code(), "malformed_request") << path;
  }
}

TEST_F(GatewayReads, AListOfSomeResourcesSaysNothingOfTheOthersByItsPages) {
  for (const auto* room : {"inn-1", "inn-2", "marquee", "villa-2"}) {
    house.post(
        "/v1/rooms",
        fmt::format(R"({{"resource":"{}","name":"R","units":1,"inventory":"counter"}})", room));
  }
  const std::string auth = bearer(house.token({.name = "desk",
                                               .role = ClientRole::viewer,
                                               .actor_id = "desk",
                                               .resources = {"villa", "inn", "inn-1"}}));
  std::vector<std::string> seen;
  std::string next;
  for (int page = 0; page == 0 || !next.empty(); ++page) {
    ASSERT_LT(page, 6);
    const HttpAnswer answer = house.get("/v1/rooms?limit=1&after=" + next, auth);
    ASSERT_EQ(answer.status, 200U) << answer.body;
    EXPECT_THAT(answer.head + answer.body, Not(HasSubstr("marquee")));
    EXPECT_THAT(answer.head + answer.body, Not(HasSubstr("barn")));
    const auto json = answer.json();
    for (const auto& room : json.at("items").as_array()) {
      seen.emplace_back(room.at("resource_id").as_string());
    }
    const auto* more = json.as_object().if_contains("next");
    next = more == nullptr ? "" : std::string(more->as_string());
  }
  EXPECT_THAT(seen, ::testing::ElementsAre("inn-1", "inn-2", "villa", "villa-2"));
  EXPECT_EQ(items(house.get("/v1/rooms", auth)), 4U);
}

TEST_F(GatewayReads, AViewerFindsNobodyByAPhoneOrAnAddress) {
  const std::string auth =
      bearer(house.token({.name = "eye", .role = ClientRole::viewer, .actor_id = "eye"}));
  for (const auto* query : {"phone=08123456789", "email=sari@example.org", "phone=&name=Sa"}) {
    EXPECT_EQ(house.get(fmt::format("/v1/customers?{}", query), auth).code(), "role_forbids");
  }
  EXPECT_EQ(house.get("/v1/customers?name=Sa", auth).status, 200U);
}

}  // namespace
}  // namespace pesan::cli
