// What a request asks for, before anybody answers it: its path and query, its route, its headers.
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/http/v1/route.hpp"
#include "adapters/http/v1/wishes.hpp"
#include "events/command_reader.hpp"

namespace pesan::http::v1 {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

Target target_of(std::string_view text) { return parse_target(text).value(); }

std::string_view code_of(const auto& answered) {
  return answered ? std::string_view("none") : answered.error().code;
}

TEST(GatewayTarget, IsTakenApartAndItsEncodingUndone) {
  const Target target = target_of("/v1/rooms/a%2Fb?name=J%C3%BCrgen+M&x=");
  EXPECT_THAT(target.path, ElementsAre("v1", "rooms", "a/b"));
  EXPECT_THAT(target.query, ElementsAre(Named{"name", "J\xC3\xBCrgen M"}, Named{"x", ""}));
}

TEST(GatewayTarget, BadEncodingIsRefused) {
  for (const auto* text : {"/v1/%", "/v1/%4", "/v1/%zz", "/v1/%FF", "/v1/%00", "/v1?x=%C3"}) {
    EXPECT_EQ(code_of(parse_target(text)), "malformed_request") << text;
  }
}

TEST(GatewayTarget, AParameterTwiceIsRefused) {
  EXPECT_EQ(code_of(parse_target("/v1/rooms?limit=1&limit=2")), "unknown_parameter");
}

TEST(GatewayTarget, WhatIsEncodedReadsBackAsItWas) {
  const std::string text = "a b/c%?&=\xC3\xA9";
  EXPECT_EQ(target_of("/" + percent_encoded(text)).path.front(), text);
}

TEST(GatewayRoute, APathsNamesAreThoseOfTheCommandsFields) {
  const auto match = find_route("POST", target_of("/v1/services/spa/schedules/s1/close"));
  ASSERT_TRUE(match);
  EXPECT_EQ(match->route->command, "CloseSchedule");
  EXPECT_THAT(match->path, ElementsAre(Named{"resource", "spa"}, Named{"schedule_id", "s1"}));
}

TEST(GatewayRoute, EveryCommandOfACallerHasARouteOfItsOwn) {
  std::set<std::string_view> made;
  for (const Route& route : routes) made.insert(route.command);
  for (std::size_t i = 0; i < command_type_count; ++i) {
    if (type_name(i) == "RunTimer") continue;  // engines send it
    EXPECT_TRUE(made.contains(type_name(i))) << type_name(i);
  }
}

TEST(GatewayRoute, NoTwoRoutesHaveOneMethodAndPath) {
  std::set<std::pair<std::string_view, std::string_view>> all;
  for (const Route& route : routes) {
    EXPECT_TRUE(all.emplace(route.method, route.path).second) << route.method << route.path;
  }
}

TEST(GatewayRoute, HeadFindsWhatGetDoes) {
  EXPECT_EQ(find_route("HEAD", target_of("/v1/rooms"))->route->task, Task::rooms);
}

TEST(GatewayRoute, APathThatNobodyHasIs404) {
  for (const auto* path : {"/", "/v1", "/v1/rooms/", "/v1//rooms", "/v2/rooms", "/v1/Rooms"}) {
    EXPECT_EQ(code_of(find_route("GET", target_of(path))), "no_such_route") << path;
  }
}

TEST(GatewayRoute, AMethodThatThePathDoesNotTakeIs405AndSaysWhichItTakes) {
  const auto match = find_route("PUT", target_of("/v1/bookings/villa.1"));
  ASSERT_EQ(code_of(match), "method_not_allowed");
  EXPECT_EQ(match.error().headers.front().name, "Allow");
  EXPECT_EQ(match.error().headers.front().value, "DELETE, GET, HEAD, OPTIONS, PATCH");
}

TEST(GatewayRoute, AParameterOfAnotherRouteIsRefused) {
  EXPECT_EQ(code_of(find_route("GET", target_of("/v1/rooms?status=pending"))), "unknown_parameter");
}

Request with(std::string name, std::string value) {
  return {.method = "POST",
          .target = "/",
          .headers = {{.name = std::move(name), .value = std::move(value)}},
          .body = {},
          .peer = {}};
}

TEST(GatewayWishes, WithoutHeadersAWriteWaitsTenSeconds) {
  const auto wishes = wishes_of({});
  ASSERT_TRUE(wishes);
  EXPECT_EQ(wishes->wait, 10s);
  EXPECT_FALSE(wishes->respond_async);
  EXPECT_FALSE(wishes->key);
}

TEST(GatewayWishes, PreferencesMayStandInOneHeaderAndUnknownOnesArePassedOver) {
  const auto wishes = wishes_of(with("prefer", "handling=lenient, wait=3;x=1, Respond-Async"));
  ASSERT_TRUE(wishes);
  EXPECT_EQ(wishes->wait, 3s);
  EXPECT_TRUE(wishes->respond_async);
}

TEST(GatewayWishes, AWaitIsBoundedAndMustBeANumber) {
  EXPECT_EQ(wishes_of(with("Prefer", "wait=3600"))->wait, 60s);
  EXPECT_EQ(code_of(wishes_of(with("Prefer", "wait=soon"))), "malformed_request");
  EXPECT_EQ(code_of(wishes_of(with("Prefer", "wait=-1"))), "malformed_request");
}

TEST(GatewayWishes, AKeyMayHaveQuotesOrNone) {
  EXPECT_EQ(wishes_of(with("Idempotency-Key", "\"k 1\""))->key, "k 1");
  EXPECT_EQ(wishes_of(with("Idempotency-Key", "k-1"))->key, "k-1");
  EXPECT_EQ(wishes_of(with("Idempotency-Key", std::string(200, 'k')))->key->size(), 200U);
}

TEST(GatewayWishes, AKeyOfNothingOrOfTooMuchIsRefused) {
  for (const std::string& key : {std::string(), std::string("\"\""), std::string(201, 'k'),
                                 std::string("a\"b"), std::string("\xC3\xA9")}) {
    EXPECT_EQ(code_of(wishes_of(with("Idempotency-Key", key))), "malformed_request") << key;
  }
}

TEST(GatewayWishes, IfMatchIsAnETagOfOurs) {
  EXPECT_EQ(wishes_of(with("If-Match", "\"7\""))->expected_version, 7);
  EXPECT_EQ(wishes_of(with("If-Match", "*"))->expected_version, std::nullopt) << "any version";
  for (const auto* tag : {"7", "W/\"7\"", "\"a\"", "\"7\", \"8\""}) {
    EXPECT_EQ(code_of(wishes_of(with("If-Match", tag))), "malformed_request") << tag;
  }
}

TEST(GatewayWishes, APositionNamesPartitionsAndTheirSequences) {
  const auto wishes = wishes_of(with("Pesan-Min-Position", "0:42, 1:7"));
  ASSERT_TRUE(wishes);
  EXPECT_THAT(wishes->min_position, ElementsAre(Position{{0}, {42}}, Position{{1}, {7}}));
  EXPECT_EQ(code_of(wishes_of(with("Pesan-Min-Position", "0-42"))), "malformed_request");
}

TEST(GatewayWishes, WhatSaysOneThingMustNotBeThereTwice) {
  for (const auto* name : {"Authorization", "Idempotency-Key", "If-Match", "Host"}) {
    Request request = with(name, "\"1\"");
    request.headers.push_back({.name = name, .value = "\"1\""});
    EXPECT_EQ(code_of(wishes_of(request)), "malformed_request") << name;
  }
}

TEST(GatewayWishes, AcceptMustTakeJson) {
  for (const auto* accept :
       {"*/*", "application/*", "text/html, application/json;q=0.5", "application/problem+json"}) {
    EXPECT_TRUE(check_accept(with("Accept", accept))) << accept;
  }
  EXPECT_TRUE(check_accept({}));
  EXPECT_EQ(code_of(check_accept(with("Accept", "text/html"))), "not_acceptable");
}

TEST(GatewayWishes, ABodyIsJsonInUtf8) {
  EXPECT_TRUE(check_body_type(with("Content-Type", "application/json; charset=UTF-8"), false));
  EXPECT_TRUE(check_body_type(with("Content-Type", "application/cloudevents+json"), true));
  EXPECT_EQ(code_of(check_body_type(with("Content-Type", "application/cloudevents+json"), false)),
            "unsupported_type");
  EXPECT_EQ(code_of(check_body_type(with("Content-Type", "text/plain"), true)), "unsupported_type");
  EXPECT_EQ(code_of(check_body_type(with("Content-Type", "application/json;charset=latin1"), true)),
            "unsupported_type");
  EXPECT_EQ(code_of(check_body_type({}, false)), "unsupported_type");
}

}  // namespace
}  // namespace pesan::http::v1
