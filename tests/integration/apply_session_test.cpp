// What `apply` makes of the desk's answers; the test is the roles, and so decides which of them has
// come how far.
#include "adapters/runtime/apply_session.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/command_lines.hpp"
#include "tests/support/lent_read_model.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/memory_read_model.hpp"
#include "tests/support/must.hpp"
#include "tests/support/opened.hpp"
#include "tests/support/stepped_roles.hpp"

namespace pesan::runtime {
namespace {

constexpr std::chrono::milliseconds at_once{0};

class ApplySessionTest : public ::testing::Test {
 protected:
  ApplySessionTest() {
    for (std::int32_t p = 0; p < 2; ++p) {
      must(log.append(
          {{.to = {Topic::events, {p}},
            .payload = {.key = {}, .value = opened("log", 2, Clock::append, p), .headers = {}}}}));
    }
  }
  std::unique_ptr<ApplySession> session() {
    auto desk = must(Desk::open(log, std::make_unique<LentReadModel>(store), {.log_id = "log"}));
    return std::make_unique<ApplySession>(
        std::move(desk), [this](std::string_view result) { printed.push_back(id_in(result)); });
  }
  static std::string id_in(std::string_view result) {
    ResultDecoder decoder;
    return std::string(decoder.decode(result).value().id.value_or("(none)"));
  }
  static void step(ApplySession& session) {
    session.desk().send();
    session.desk().follow();
  }

  MemoryLog log{{.partitions = 2, .clock = [] { return Instant{0}; }}};
  MemoryReadModel store;
  SteppedRoles roles{log, store};
  const std::string villa = resource_in({0}, 2);
  const std::string barn = resource_in({1}, 2);
  std::vector<std::string> printed;
};

TEST_F(ApplySessionTest, ResultsArePrintedInTheOrderOfTheLinesWhicheverIsThereFirst) {
  const auto lines = session();
  must(lines->send({room_line(villa, "1"), room_line(barn, "2"), room_line(villa, "3")}));
  step(*lines);
  roles.decide({1});
  roles.project({Topic::events, {1}});
  step(*lines);
  EXPECT_EQ(lines->receive(at_once), 0U);
  roles.decide({0});
  roles.project({Topic::events, {0}});
  step(*lines);
  EXPECT_EQ(lines->receive(at_once), 3U);
  EXPECT_THAT(printed, testing::ElementsAre("1", "2", "3"));
  EXPECT_EQ(lines->tally().accepted, 2);
  EXPECT_EQ(lines->tally().by_code.at("resource_exists"), 1);
  EXPECT_EQ(lines->outstanding(), 0U);
}

TEST_F(ApplySessionTest, RowsOfCustomersAreWaitedForOnALogThatHasCustomersAlready) {
  const auto first = session();
  must(first->send({room_line(villa, "1"), booking_line(villa, "2")}));
  step(*first);
  roles.work();
  step(*first);
  EXPECT_EQ(first->receive(at_once), 2U);
  EXPECT_FALSE(must(first->customers_done(at_once))) << "nobody looked yet";
  step(*first);
  EXPECT_TRUE(must(first->customers_done(at_once)));

  const auto second = session();
  must(second->send({booking_line(villa, "3"), booking_line(villa, "4")}));
  step(*second);
  roles.decide();
  roles.project();
  step(*second);
  EXPECT_EQ(second->receive(at_once), 2U);
  roles.link();  // before anybody asked
  EXPECT_FALSE(must(second->customers_done(at_once)));
  step(*second);
  EXPECT_FALSE(must(second->customers_done(at_once)));
  roles.project_customers();
  step(*second);
  EXPECT_TRUE(must(second->customers_done(at_once)));
}

TEST_F(ApplySessionTest, WithoutABookingNoCustomerIsWaitedFor) {
  const auto lines = session();
  must(lines->send({room_line(villa, "1")}));
  step(*lines);
  roles.decide();
  roles.project();
  step(*lines);
  EXPECT_EQ(lines->receive(at_once), 1U);
  EXPECT_TRUE(must(lines->customers_done(at_once)));
}

TEST_F(ApplySessionTest, WhomTheLinesWaitForIsSaid) {
  const auto waiting = session();
  must(waiting->send({room_line(villa, "1")}));
  EXPECT_THAT(waiting->waits_for(),
              testing::HasSubstr("1 commands wait to be decided, of partition 0"));
  step(*waiting);
  EXPECT_THAT(waiting->waits_for(),
              testing::HasSubstr("1 commands wait to be decided, of partition 0"));
  roles.decide();
  step(*waiting);
  EXPECT_THAT(waiting->waits_for(),
              testing::HasSubstr("1 results wait for their rows, of partition 0"));
}

TEST_F(ApplySessionTest, LinesThatNobodyDecidesAreGivenUpAndTheOthersPrinted) {
  const auto lines = session();
  must(lines->send({room_line(villa, "1"), room_line(barn, "2")}));
  lines->desk().give_up(Milestone::decided, {0}, {FailureKind::fatal, "the engine stopped"});
  step(*lines);
  roles.decide({1});
  roles.project({Topic::events, {1}});
  step(*lines);
  EXPECT_EQ(lines->receive(at_once), 2U);
  EXPECT_THAT(printed, testing::ElementsAre("2"));
  EXPECT_EQ(lines->unanswered(), 1U);
  EXPECT_FALSE(lines->refusal());
  EXPECT_EQ(lines->failure()->what, "the engine stopped");
}

TEST_F(ApplySessionTest, AResultThatGetsNoRowsIsPrintedAndCounted) {
  const auto lines = session();
  lines->desk().give_up(Milestone::rows, {0}, {FailureKind::fatal, "the projector stopped"});
  must(lines->send({room_line(villa, "1")}));
  step(*lines);
  roles.decide();
  step(*lines);
  EXPECT_EQ(lines->receive(at_once), 1U);
  EXPECT_THAT(printed, testing::ElementsAre("1"));
  EXPECT_EQ(lines->without_rows(), 1U);
  EXPECT_EQ(lines->unanswered(), 0U);
}

TEST_F(ApplySessionTest, ItsEndIsNoAnswerThatAnybodyMisses) {
  const auto lines = session();
  must(lines->send({room_line(villa, "1")}));
  step(*lines);
  EXPECT_EQ(lines->outstanding(), 1U);
}

}  // namespace
}  // namespace pesan::runtime
