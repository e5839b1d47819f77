// Every no of /v1: which status a rejection has, and that each is told in the same form.
#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/http/v1/problem.hpp"

namespace pesan::http::v1 {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(GatewayProblem, EveryRejectionHasTheStatusThatTheReferenceSays) {
  const std::map<std::string_view, unsigned> others{
      {"malformed", 400},          {"unknown_type", 400},      {"forbidden_actor", 403},
      {"resource_not_found", 404}, {"booking_not_found", 404}, {"schedule_not_found", 404},
      {"invalid_field", 422},      {"invalid_range", 422},     {"party_too_large", 422},
      {"stay_restriction", 422},   {"not_in_time", 422},       {"idempotency_conflict", 422},
      {"engine_failed", 500}};
  for (const CodeRow& row : code_table) {
    const auto other = others.find(row.name);
    EXPECT_EQ(status_of(row.code), other == others.end() ? 409U : other->second) << row.name;
  }
}

TEST(GatewayProblem, ARejectionIsToldWithItsSentenceWhatToDoAndItsDetails) {
  Problem problem = problem_of(Code::capacity_exceeded, R"({"left":0,"wanted":1})");
  problem.instance = "/v1/results/0-17";
  const Response response = response_of(problem);
  EXPECT_EQ(response.status, 409U);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(response.body,
            R"({"type":"/problems/capacity_exceeded","title":"There is not enough left.",)"
            R"("status":409,"detail":"There is not enough left. Choose other dates, another slot )"
            R"(or fewer units.","instance":"/v1/results/0-17","code":"capacity_exceeded",)"
            R"("details":{"left":0,"wanted":1}})");
}

TEST(GatewayProblem, AFieldAtFaultIsNamedInTheDetail) {
  const Problem problem = problem_of(Code::invalid_field,
                                     R"({"field":"units","rule":"range","expected":"an integer"})");
  EXPECT_EQ(problem.detail,
            "The field units is out of range; expected: an integer. Mend the field, and send it "
            "under a new key.");
}

TEST(GatewayProblem, EveryRejectionAndEveryMistakeHasAPageOfItsOwn) {
  for (const CodeRow& row : code_table) {
    EXPECT_EQ(page_of_problem(row.name).status, 200U) << row.name;
  }
  EXPECT_THAT(page_of_problem("wrong_host").body,
              StartsWith(R"({"type":"/problems/wrong_host","title":)"));
  EXPECT_EQ(page_of_problem("nonsense").status, 404U);
}

TEST(GatewayProblem, WhatTheServerRefusesByItselfIsAProblemToo) {
  const std::map<unsigned, std::string_view> codes{{400, "malformed_request"},
                                                   {413, "too_large"},
                                                   {431, "headers_too_large"},
                                                   {500, "server_failed"},
                                                   {503, "unavailable"}};
  for (const auto& [status, code] : codes) {
    const Response response = refusal(status, "so it is");
    EXPECT_EQ(response.status, status);
    EXPECT_THAT(response.body, HasSubstr(std::string(R"("code":")").append(code).append("\"")));
  }
}

TEST(GatewayProblem, AFailureOfTheServerSaysNothingOfItsReason) {
  EXPECT_THAT(refusal(500, "cannot read /secret/file").body,
              EndsWith(R"("status":500,"detail":"Its log says why. What was sent under a key may )"
                       R"(be sent again under it.","code":"server_failed"})"));
}

}  // namespace
}  // namespace pesan::http::v1
