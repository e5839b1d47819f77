// What /v1 says of itself: its description is made of the routes, and every part of it is there.
#include <algorithm>
#include <string>
#include <string_view>

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/http/v1/openapi.hpp"
#include "adapters/http/v1/route.hpp"
#include "events/schema.hpp"
#include "tests/integration/gateway_house.hpp"

namespace pesan::cli {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;

json::string_view wire(std::string_view text) { return {text.data(), text.size()}; }

/// Where a reference leads to nothing.
void expect_references(const json::value& whole, const json::value& at) {
  if (const auto* list = at.if_array()) {
    for (const json::value& one : *list) expect_references(whole, one);
  }
  const auto* object = at.if_object();
  if (object == nullptr) return;
  for (const auto& [name, value] : *object) {
    if (name == "$ref") {
      boost::system::error_code missing;
      const std::string to(value.as_string());
      ASSERT_TRUE(to.starts_with('#'));
      EXPECT_NE(whole.find_pointer(to.substr(1), missing), nullptr) << to;
    }
    expect_references(whole, value);
  }
}

TEST(GatewayDescriptions, EveryRouteIsDescribed) {
  const json::value described = json::parse(http::v1::openapi("1.2.3"));
  EXPECT_EQ(described.at("openapi"), "3.1.0");
  EXPECT_EQ(described.at("info").at("version"), "1.2.3");
  std::size_t operations = 0;
  for (const auto& path : described.at("paths").as_object()) {
    operations += path.value().as_object().size();
  }
  EXPECT_EQ(operations, http::v1::routes.size());
}

TEST(GatewayDescriptions, AllThatIsReferredToIsThere) {
  const json::value over_http = json::parse(http::v1::openapi("1"));
  expect_references(over_http, over_http);
  const json::value topics = json::parse(asyncapi("1"));
  expect_references(topics, topics);
}

TEST(GatewayDescriptions, ABodyNeedsWhatNeitherItsPathNorItsTokenSays) {
  const json::value described = json::parse(http::v1::openapi("1"));
  const auto body = [&](std::string_view path, std::string_view method) {
    return described.at("paths")
        .at(wire(path))
        .at(wire(method))
        .at("requestBody")
        .at("content")
        .at("application/json")
        .at("schema");
  };
  EXPECT_THAT(body("/v1/bookings", "post").at("required").as_array(),
              ElementsAre("resource", "customer"));
  EXPECT_THAT(body("/v1/bookings/{booking_id}/status", "post").at("required").as_array(),
              ElementsAre("status"));
  EXPECT_FALSE(body("/v1/bookings/{booking_id}/check-in", "post").as_object().contains("required"));
}

TEST(GatewayDescriptions, EveryTypeOfRecordIsOnATopic) {
  const json::value topics = json::parse(asyncapi("1"));
  std::size_t held = 0;
  for (const auto& channel : topics.at("channels").as_object()) {
    held += channel.value().at("messages").as_object().size();
  }
  EXPECT_EQ(held, schema_names().size());
}

class GatewaySaysOfItself : public ::testing::Test {
 protected:
  GatewayHouse house;
};

TEST_F(GatewaySaysOfItself, WhatItIsWithoutAToken) {
  house.token({.name = "web", .role = http::v1::ClientRole::admin, .actor_id = "web"});
  EXPECT_EQ(house.get("/v1/status").status, 401U);
  EXPECT_EQ(house.get("/openapi.json").json().at("openapi"), "3.1.0");
  EXPECT_EQ(house.get("/asyncapi.json").json().at("asyncapi"), "3.0.0");
}

TEST_F(GatewaySaysOfItself, HowFarLogAndRowsAre) {
  EXPECT_EQ(house.post("/v1/rooms", villa).status, 201U);
  const json::value status = house.get("/v1/status").json();
  EXPECT_EQ(status.at("clock"), "append");
  const json::value& partition = status.at("partitions").at(0);
  EXPECT_EQ(partition.at("waiting_commands"), 0);
  EXPECT_EQ(partition.at("rows").at("sequence"), 1);
  EXPECT_EQ(partition.at("rows").at("lag_events"), 0);
  EXPECT_EQ(status.at("customers").at("sequence"), -1);
}

TEST_F(GatewaySaysOfItself, HowManyCommandsNobodyDecides) {
  house.stop_roles();
  EXPECT_EQ(house.post("/v1/rooms", villa, "Prefer: respond-async\r\n").status, 202U);
  const json::value partition = house.get("/v1/status").json().at("partitions").at(0);
  EXPECT_EQ(partition.at("waiting_commands"), 1);
  EXPECT_EQ(partition.at("rows").at("sequence"), 0) << "the log's own first event";
}

}  // namespace
}  // namespace pesan::cli
