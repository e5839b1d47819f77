// What `apply` waits for, over a log and a read model in memory; the test is the roles, and so
// decides which of them has come how far.
#include "adapters/cli/apply_session.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/engine.hpp"
#include "engine/registry.hpp"
#include "projections/projector.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/memory_read_model.hpp"
#include "tests/support/must.hpp"
#include "tests/support/opened.hpp"

namespace pesan::cli {
namespace {

constexpr std::chrono::milliseconds at_once{0};

class ApplySessionTest : public ::testing::Test {
 protected:
  ApplySessionTest() {
    must(
        log.append({{.to = {Topic::events, {0}}, .payload = {.key = {}, .value = opened("log")}}}));
    engine = must(Engine::start(
        log, {.recovery = {.partition = {}}, .wall_clock = [] { return Instant{0}; }}));
    registry = must(Registry::start(log, {.linked = nullptr}));
  }

  void decide() {
    while (must(engine->step(at_once)) > 0) {
    }
  }
  void link_customers() {
    while (must(registry->step(at_once)) > 0) {
    }
  }
  void project(Topic topic) {
    Projector projector(log, store, {topic, {0}}, {});
    while (must(projector.step()).kind == ProjectorStep::Kind::progress) {
    }
  }
  std::unique_ptr<ApplySession> session() {
    return must(ApplySession::start(log, "log", store, [](std::string_view) {}));
  }
  static std::string command(std::string_view id, std::string_view type, std::string_view fields) {
    return fmt::format(
        R"({{"specversion":"1.0","id":"{}","source":"/t","type":"{}","data":{{"resource":"villa",)"
        R"("actor":{{"type":"admin","id":"a"}},{}}}}})",
        id, type, fields);
  }
  static std::string booking(std::string_view guest) {
    return command(guest, "CreateBooking", fmt::format(R"("customer":{{"name":"{}"}})", guest));
  }

  MemoryLog log{{.partitions = 1, .clock = [] { return Instant{0}; }}};
  MemoryReadModel store;
  std::unique_ptr<Engine> engine;
  std::unique_ptr<Registry> registry;
};

TEST_F(ApplySessionTest, rows_of_customers_are_waited_for_on_a_log_that_has_customers_already) {
  const auto first = session();
  must(first->send({command("1", "DefineRoom", R"("name":"V","units":9,"inventory":"counter")"),
                    booking("Ani")}));
  decide();
  link_customers();
  project(Topic::events);
  project(Topic::customers);
  EXPECT_EQ(must(first->receive(at_once)), 2U);
  EXPECT_TRUE(must(first->customers_done(at_once)));

  const auto second = session();
  must(second->send({booking("Budi"), booking("Citra")}));
  decide();
  project(Topic::events);
  EXPECT_EQ(must(second->receive(at_once)), 2U);
  link_customers();  // before anybody asked
  EXPECT_FALSE(must(second->customers_done(at_once)));
  project(Topic::customers);
  EXPECT_TRUE(must(second->customers_done(at_once)));
}

TEST_F(ApplySessionTest, a_booking_asked_for_again_was_linked_before) {
  const std::vector<std::string> lines = {
      command("1", "DefineRoom", R"("name":"V","units":9,"inventory":"counter")"), booking("Ani")};
  for (int run = 0; run < 2; ++run) {
    const auto again = session();
    must(again->send(lines));
    decide();
    link_customers();
    project(Topic::events);
    project(Topic::customers);
    EXPECT_EQ(must(again->receive(at_once)), 2U);
    EXPECT_TRUE(must(again->customers_done(at_once)));
  }
}

// Another process projects its log there: apply waited for rows of this one for ever.
TEST_F(ApplySessionTest, a_read_model_of_another_log_is_refused_before_anything_is_sent) {
  project(Topic::events);
  const auto refused = ApplySession::start(log, "log-2", store, [](std::string_view) {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::fatal);
  EXPECT_THAT(refused.error().what,
              testing::HasSubstr("was folded from log log, and this is log log-2"));
}

}  // namespace
}  // namespace pesan::cli
