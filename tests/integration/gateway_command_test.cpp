// Commands, made of what an HTTP caller says, and what becomes of them as answers.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/http/v1/command.hpp"
#include "adapters/http/v1/outcome.hpp"

namespace pesan::http::v1 {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string_view code_of(const auto& answered) {
  return answered ? std::string_view("none") : answered.error().code;
}

class GatewayCommand : public ::testing::Test {
 protected:
  Answered<BuiltCommand> build(std::string_view method, std::string_view path,
                               std::string_view body) {
    const auto match = find_route(method, parse_target(path).value());
    return command_of_route(match.value(), body, sender());
  }
  Answered<BuiltCommands> commands(std::string_view body) {
    return commands_of_body(body, sender());
  }
  Sender sender() {
    return {.client = client, .wishes = wishes, .fresh_id = "fresh", .traceparent = trace};
  }

  Client client{.name = "web",
                .role = ClientRole::operates,
                .actor_type = ActorType::admin,
                .actor_id = "ani"};
  Wishes wishes;
  std::string trace;
};

TEST_F(GatewayCommand, IsMadeOfPathBodyTokenAndKey) {
  wishes.key = "k1";
  const auto command =
      build("POST", "/v1/bookings/villa.1/reschedule",
            R"({"check_in":"2031-12-01","check_out":"2031-12-03","reason":"asked"})");
  ASSERT_TRUE(command);
  EXPECT_EQ(command->resource, "villa");
  EXPECT_EQ(command->record,
            R"({"specversion":"1.0","id":"k1","type":"RescheduleBooking","data":{)"
            R"("check_in":"2031-12-01","check_out":"2031-12-03","reason":"asked",)"
            R"("booking_id":"villa.1","resource":"villa","actor":{"type":"admin","id":"ani"}},)"
            R"("source":"/http/web"})");
}

TEST_F(GatewayCommand, WithoutAKeyItHasOneThatTheGatewayMade) {
  EXPECT_EQ(build("POST", "/v1/bookings/villa.1/check-in", "")->sent.id, "fresh");
}

TEST_F(GatewayCommand, CarriesTheTraceOfItsCaller) {
  trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  EXPECT_THAT(build("POST", "/v1/bookings/villa.1/check-in", "{}")->record, HasSubstr(trace));
}

TEST_F(GatewayCommand, IfMatchIsTheVersionExpected) {
  wishes.expected_version = 7;
  const auto command = build("DELETE", "/v1/bookings/villa.1", "");
  EXPECT_THAT(command->record, HasSubstr(R"("expected_version":7)"));
  EXPECT_TRUE(command->sent.by_if_match);
  EXPECT_EQ(code_of(build("DELETE", "/v1/bookings/villa.1", R"({"expected_version":8})")),
            "malformed_request");
}

TEST_F(GatewayCommand, ABodyMayRepeatThePathAndNotContradictIt) {
  EXPECT_TRUE(build("PATCH", "/v1/rooms/villa", R"({"resource":"villa","units":3})"));
  EXPECT_EQ(code_of(build("PATCH", "/v1/rooms/villa", R"({"resource":"barn","units":3})")),
            "malformed_request");
  EXPECT_EQ(code_of(build("POST", "/v1/bookings/villa.1/check-in", R"({"resource":"barn"})")),
            "malformed_request");
}

TEST_F(GatewayCommand, ABodyThatIsNoJsonObjectIsRefused) {
  EXPECT_EQ(code_of(build("POST", "/v1/rooms", "{")), "malformed_request");
  EXPECT_EQ(code_of(build("POST", "/v1/rooms", "[]")), "malformed_request");
  std::string deep(40, '[');
  deep += std::string(40, ']');
  EXPECT_EQ(code_of(build("POST", "/v1/rooms", R"({"x":)" + deep + "}")), "malformed_request");
}

TEST_F(GatewayCommand, ABodyMayNameTheActorOfItsTokenAndNoOther) {
  const auto as = [&](std::string_view id) {
    return build("POST", "/v1/bookings/villa.1/check-in",
                 fmt::format(R"({{"actor":{{"type":"admin","id":"{}"}}}})", id));
  };
  EXPECT_TRUE(as("ani"));
  EXPECT_EQ(code_of(as("budi")), "actor_not_yours");
  client.any_actor = true;
  EXPECT_THAT(as("budi")->record, HasSubstr(R"("actor":{"type":"admin","id":"budi"})"));
}

TEST_F(GatewayCommand, ATokenOfSomeResourcesWritesNoOther) {
  client.resources = {"villa", "spa-"};
  EXPECT_TRUE(build("PATCH", "/v1/rooms/villa-deluxe", "{}"));
  EXPECT_EQ(code_of(build("PATCH", "/v1/rooms/barn", "{}")), "resource_not_yours");
  EXPECT_EQ(code_of(build("POST", "/v1/bookings/barn.1/check-in", "")), "resource_not_yours");
  EXPECT_EQ(code_of(build("POST", "/v1/rooms", R"({"resource":"barn"})")), "resource_not_yours");
  EXPECT_EQ(code_of(build("POST", "/v1/rooms", "{}")), "resource_not_yours");
}

TEST_F(GatewayCommand, OneCloudEventKeepsItsIdAndASourceBelowTheClients) {
  const auto built = commands(R"({"specversion":"1.0","id":"7","source":"/desk","type":"CheckIn",)"
                              R"("data":{"resource":"villa","booking_id":"villa.1"}})");
  ASSERT_TRUE(built);
  EXPECT_FALSE(built->array);
  ASSERT_THAT(built->commands, SizeIs(1));
  EXPECT_THAT(built->commands[0]->record, HasSubstr(R"("source":"/http/web/desk")"));
  EXPECT_EQ(built->commands[0]->sent.id, "7");
}

TEST_F(GatewayCommand, OneCloudEventThatIsNoCommandIsRefusedAndNoDeadLetter) {
  EXPECT_EQ(code_of(commands(R"({"specversion":"1.0","type":"Dance","data":{}})")), "unknown_type");
  EXPECT_EQ(code_of(commands(R"({"type":"CheckIn","data":{}})")), "malformed");
  EXPECT_EQ(code_of(commands("7")), "malformed_request");
}

TEST_F(GatewayCommand, OfAnArrayEachIsJudgedByItself) {
  const auto built =
      commands(R"([{"specversion":"1.0","type":"CheckIn","data":{"resource":"villa"}},7,)"
               R"({"specversion":"1.0","type":"CheckIn","data":{"resource":"villa",)"
               R"("actor":{"type":"user","id":"u"}}}])");
  ASSERT_TRUE(built);
  EXPECT_TRUE(built->array);
  ASSERT_THAT(built->commands, SizeIs(3));
  EXPECT_EQ(built->commands[0]->sent.id, "fresh-0");
  EXPECT_EQ(code_of(built->commands[1]), "malformed_request");
  EXPECT_EQ(code_of(built->commands[2]), "actor_not_yours");
}

TEST_F(GatewayCommand, AnArrayHasAtMostFiveHundredAndNoKeyOfItsOwn) {
  std::string many = "[1";
  for (int i = 1; i < 500; ++i) many += ",1";
  EXPECT_TRUE(commands(many + "]"));
  EXPECT_EQ(code_of(commands(many + ",1]")), "too_large");
  wishes.key = "k";
  EXPECT_EQ(code_of(commands("[]")), "malformed_request");
}

TEST_F(GatewayCommand, OneCommandHasAtMost64KiB) {
  const std::string large = R"({"x":")" + std::string(largest_body, 'x') + R"("})";
  EXPECT_EQ(code_of(commands(large)), "too_large");
}

// --- outcomes ------------------------------------------------------------------------------------

std::string header_of(const Response& response, std::string_view name) {
  for (const Header& header : response.headers) {
    if (header.name == name) return header.value;
  }
  return {};
}

TicketOutcome decided(std::optional<Code> code) {
  Result result{.kind = code ? Result::Kind::rejected : Result::Kind::accepted,
                .log_id = "log",
                .partition = {2},
                .command = {17},
                .now = {},
                .source = "/http/web",
                .id = "k1",
                .type = "CreateBooking",
                .digest = Digest{},
                .traceparent = {},
                .resource = "villa",
                .booking_id = "villa.1",
                .code = code,
                .details = "",
                .event = {},
                .sequence = {42},
                .version = {7}};
  if (!code) result.event = Version{7};
  TicketOutcome outcome{.reached = Milestone::rows,
                        .failure = {},
                        .partition = {2},
                        .offset = {17},
                        .brief = brief_of(result)};
  append_result(outcome.result, result);
  return outcome;
}

TEST(GatewayOutcome, OfABookingThatWasMadeIs201WithItsPlaceVersionAndPosition) {
  const Response response =
      answer_of({.id = "k1", .creates = true, .location = "/v1/bookings/"}, decided({}));
  EXPECT_EQ(response.status, 201U);
  EXPECT_EQ(header_of(response, "Location"), "/v1/bookings/villa.1");
  EXPECT_EQ(header_of(response, "ETag"), "\"7\"");
  EXPECT_EQ(header_of(response, "Pesan-Position"), "2:42");
  EXPECT_THAT(response.body, HasSubstr(R"("booking_id":"villa.1","events":["villa@7"])"));
}

TEST(GatewayOutcome, OfAChangeIs200) {
  EXPECT_EQ(answer_of({.id = "k1"}, decided({})).status, 200U);
}

TEST(GatewayOutcome, OfEveryRejectionIsItsStatusAndNamesItsResult) {
  for (const CodeRow& row : code_table) {
    const Response response = answer_of({.id = "k1", .creates = true}, decided(row.code));
    EXPECT_EQ(response.status, status_of(row.code)) << row.name;
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_THAT(response.body, HasSubstr(R"("instance":"/v1/results/2-17")"));
  }
}

TEST(GatewayOutcome, AVersionThatAHeaderExpectedIs412) {
  EXPECT_EQ(answer_of({.by_if_match = true}, decided(Code::version_conflict)).status, 412U);
  EXPECT_EQ(answer_of({}, decided(Code::version_conflict)).status, 409U);
}

TEST(GatewayOutcome, WhatIsInTheLogAndNotDecidedIs202WithWhereToAsk) {
  TicketOutcome outcome{.reached = Milestone::appended,
                        .failure = Failure{FailureKind::transient, "its time is over"},
                        .partition = {2},
                        .offset = {17}};
  const Response response = answer_of({.id = "k1", .creates = true}, outcome);
  EXPECT_EQ(response.status, 202U);
  EXPECT_EQ(header_of(response, "Location"), "/v1/results/2-17");
  EXPECT_EQ(header_of(response, "Preference-Applied"), "");
  EXPECT_EQ(response.body, R"({"id":"k1","location":"/v1/results/2-17"})");
  outcome.failure.reset();
  EXPECT_EQ(header_of(answer_of({.respond_async = true}, outcome), "Preference-Applied"),
            "respond-async");
}

TEST(GatewayOutcome, WhatIsDecidedAndNotYetShownIs202ButARefusalIsNoMatterOfRows) {
  TicketOutcome outcome = decided({});
  outcome.reached = Milestone::decided;
  outcome.failure = Failure{FailureKind::transient, "its time is over"};
  EXPECT_EQ(answer_of({.creates = true}, outcome).status, 202U);
  TicketOutcome refused = decided(Code::capacity_exceeded);
  refused.reached = Milestone::decided;
  refused.failure = outcome.failure;
  EXPECT_EQ(answer_of({}, refused).status, 409U);
}

TEST(GatewayOutcome, WhatNobodyKnowsIs504WithTheKeyToSendAgainUnder) {
  const Response response =
      answer_of({.id = "k1"}, {.failure = Failure{FailureKind::unknown, "the answer was lost"}});
  EXPECT_EQ(response.status, 504U);
  EXPECT_THAT(response.body, HasSubstr(R"("details":{"id":"k1"})"));
}

TEST(GatewayOutcome, WhatWasNotTakenIs503AndSaysWhenToComeAgain) {
  const Response response =
      answer_of({.id = "k1"}, {.failure = Failure{FailureKind::transient, "not appended in time"}});
  EXPECT_EQ(response.status, 503U);
  EXPECT_EQ(header_of(response, "Retry-After"), "1");
  EXPECT_EQ(response.body.find("not appended in time"), std::string::npos);
  EXPECT_EQ(not_taken({FailureKind::poison, "too large"}).status, 413U);
}

TEST(GatewayOutcome, OfAnArrayEachHasItsOwnStatus) {
  const Response all = answer_of_all({answer_of({.id = "1"}, decided({})),
                                      answer_of({.id = "2"}, decided(Code::capacity_exceeded))});
  EXPECT_EQ(all.status, 200U);
  EXPECT_THAT(all.body, HasSubstr(R"([{"status":200,"etag":"\"7\"","position":"2:42","result":{)"));
  EXPECT_THAT(all.body, HasSubstr(R"({"status":409,"position":"2:42","problem":{"type":)"));
}

}  // namespace
}  // namespace pesan::http::v1
