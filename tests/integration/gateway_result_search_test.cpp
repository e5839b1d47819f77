// Results, found in the log by the place of their command.
#include <string>

#include <gtest/gtest.h>

#include "adapters/http/v1/result_search.hpp"
#include "events/result_codec.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/must.hpp"

namespace pesan::http::v1 {
namespace {

using Kind = ResultFound::Kind;

class GatewayResultSearch : public ::testing::Test {
 protected:
  void put(Topic topic, std::string text) {
    must(log.append(
        {{.to = {topic, {1}}, .payload = {.key = {}, .value = std::move(text), .headers = {}}}}));
  }
  void put_result(std::int64_t command) {
    std::string text;
    append_result(text, {.kind = Result::Kind::accepted,
                         .log_id = "log",
                         .partition = {1},
                         .command = {command},
                         .now = {},
                         .source = "/t",
                         .id = std::to_string(command),
                         .type = "CheckIn",
                         .digest = Digest{},
                         .traceparent = {},
                         .resource = "villa",
                         .booking_id = {},
                         .code = {},
                         .details = "",
                         .event = {},
                         .sequence = {},
                         .version = {}});
    put(Topic::results, std::move(text));
  }
  ResultFound find(std::int64_t command) {
    return must(find_result(log, {.partition = {1}, .offset = {command}}));
  }

  MemoryLog log{{.partitions = 2, .clock = [] { return Instant{0}; }}};
};

TEST_F(GatewayResultSearch, FindsEachWhateverItsPlace) {
  for (int i = 0; i < 50; ++i) {
    put(Topic::commands, "{}");
    put_result(i);
  }
  for (int i = 0; i < 50; ++i) {
    const ResultFound found = find(i);
    ASSERT_EQ(found.kind, Kind::decided) << i;
    EXPECT_NE(found.record.find("\"id\":\"1-" + std::to_string(i) + "\""), std::string::npos);
  }
}

TEST_F(GatewayResultSearch, PassesOverWhatIsForeign) {
  for (int i = 0; i < 8; ++i) put(Topic::commands, "{}");
  put(Topic::results, "nonsense");
  put_result(3);
  for (int i = 0; i < 5; ++i) put(Topic::results, "{}");
  put_result(5);
  put(Topic::results, "nonsense");
  EXPECT_EQ(find(3).kind, Kind::decided);
  EXPECT_EQ(find(5).kind, Kind::decided);
}

TEST_F(GatewayResultSearch, ACommandAfterTheLastResultIsUndecided) {
  put(Topic::commands, "{}");
  put(Topic::commands, "{}");
  EXPECT_EQ(find(0).kind, Kind::undecided);
  put_result(0);
  EXPECT_EQ(find(1).kind, Kind::undecided);
}

TEST_F(GatewayResultSearch, WhatIsInNoCommandsIsNowhere) {
  put(Topic::commands, "{}");
  put_result(0);
  EXPECT_EQ(find(1).kind, Kind::nowhere);
  EXPECT_EQ(must(find_result(log, {.partition = {2}, .offset = {0}})).kind, Kind::nowhere);
}

TEST_F(GatewayResultSearch, AGapBeforeAResultIsNowhere) {
  for (int i = 0; i < 4; ++i) put(Topic::commands, "{}");
  put_result(1);
  put_result(3);
  EXPECT_EQ(find(2).kind, Kind::nowhere);
}

TEST(GatewayCommandPlace, IsPartitionAndOffset) {
  EXPECT_EQ(parse_command_place("3-17")->offset.value, 17);
  for (const auto* text : {"", "3", "-", "3-", "-17", "3-17x", "3--1", "99999999999-1"}) {
    EXPECT_FALSE(parse_command_place(text)) << text;
  }
}

}  // namespace
}  // namespace pesan::http::v1
