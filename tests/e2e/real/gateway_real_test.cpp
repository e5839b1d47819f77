// Two gateways in front of a real Kafka and a real MariaDB, with the roles in processes of their
// own: what one wrote the other shows, and one key has one outcome through both.
#include <memory>
#include <string>

#include <boost/json/parse.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/asking.hpp"
#include "tests/e2e/real/on_kafka.hpp"
#include "tests/support/mysql_server.hpp"

namespace pesan::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A database before the case's own members, which name it.
struct WithDatabase {
  TestDatabase database;
};

class GatewaysOnServers : private WithDatabase, public OnKafka {
 protected:
  GatewaysOnServers() : OnKafka({.store = database.url()}) {
    const Outcome migrated = run({"migrate", "--store", database.url()});
    EXPECT_EQ(migrated.exit_code, 0) << migrated;
  }
};

std::string header_of(const std::string& answer, std::string_view name) {
  const std::string begin = fmt::format("\r\n{}: ", name);
  const std::size_t at = answer.find(begin);
  if (at == std::string::npos) return {};
  const std::size_t from = at + begin.size();
  return answer.substr(from, answer.find("\r\n", from) - from);
}

TEST_F(GatewaysOnServers, WhatOneWroteTheOtherShowsAndAKeyHasOneOutcomeThroughBoth) {
  const auto engine = start({"engine"});
  const auto registry = start({"registry"});
  const auto projector = start({"projector"});
  const auto one = start({"gateway", "--http", "0"});
  const auto other = start({"gateway", "--http", "0"});
  const unsigned short first = http_port(*one);
  const unsigned short second = http_port(*other);

  const std::string room = answer_to(
      first, {.method = "POST",
              .target = "/v1/rooms",
              .body = R"({"resource":"villa","name":"Villa","units":1,"inventory":"nightly"})",
              .headers = "Prefer: wait=60\r\n"});
  EXPECT_THAT(room, StartsWith("HTTP/1.1 201 ")) << one->err();
  const auto book = [](unsigned short port, std::string_view key) {
    return answer_to(port,
                     {.method = "POST",
                      .target = "/v1/bookings",
                      .body = R"({"resource":"villa","status":"confirmed","check_in":"2031-12-01",)"
                              R"("check_out":"2031-12-03","customer":{"name":"Sari"}})",
                      .headers = fmt::format("Prefer: wait=60\r\nIdempotency-Key: {}\r\n", key)});
  };
  const std::string booked = book(first, "k1");
  EXPECT_THAT(booked, StartsWith("HTTP/1.1 201 "));
  const std::string again = book(second, "k1");
  EXPECT_THAT(again, StartsWith("HTTP/1.1 201 "));
  EXPECT_EQ(header_of(again, "Location"), header_of(booked, "Location"));
  EXPECT_THAT(again, HasSubstr("\"duplicate\":true"));
  const std::string refused = book(second, "k2");
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 409 "));

  const std::string seen =
      answer_to(second, {.target = header_of(booked, "Location"),
                         .headers = fmt::format("Prefer: wait=60\r\nPesan-Min-Position: {}\r\n",
                                                header_of(booked, "Pesan-Position"))});
  EXPECT_THAT(seen, HasSubstr("\"status\":\"confirmed\""));
  const auto problem = boost::json::parse(refused.substr(refused.find("\r\n\r\n") + 4));
  const std::string result =
      answer_to(first, {.target = std::string(problem.at("instance").as_string())});
  EXPECT_THAT(result, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(result, HasSubstr("capacity_exceeded"));
  expect_verified();
}

}  // namespace
}  // namespace pesan::e2e
