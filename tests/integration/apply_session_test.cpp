// What `apply` waits for, over a log and a read model in memory; the test is the roles, and so
// decides which of them has come how far.
#include "adapters/runtime/apply_session.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/engine.hpp"
#include "engine/registry.hpp"
#include "events/partitioner.hpp"
#include "projections/projector.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/memory_read_model.hpp"
#include "tests/support/must.hpp"
#include "tests/support/opened.hpp"

namespace pesan::runtime {
namespace {

constexpr std::chrono::milliseconds at_once{0};

/// A store on a server that starts again now and then.
class RestingStore final : public ReadModel {
 public:
  explicit RestingStore(ReadModel& store) : store_(store) {}
  Fallible<void> apply(const RowChanges& changes, const std::optional<Checkpoint>& expected,
                       const Checkpoint& next) override {
    return store_.apply(changes, expected, next);
  }
  Fallible<std::optional<Checkpoint>> checkpoint(TopicPartition source) override {
    if (rests) return fail(FailureKind::transient, "the server starts again");
    return store_.checkpoint(source);
  }
  Fallible<std::unique_ptr<ReadSnapshot>> snapshot() override { return store_.snapshot(); }
  Fallible<void> settle_rebuild() override { return {}; }

  bool rests = false;

 private:
  ReadModel& store_;
};

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
    while (must(engine->step()) > 0) {
    }
  }
  void link_customers() {
    while (must(registry->step()) > 0) {
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

TEST_F(ApplySessionTest, RowsOfCustomersAreWaitedForOnALogThatHasCustomersAlready) {
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

TEST_F(ApplySessionTest, ABookingAskedForAgainWasLinkedBefore) {
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

// Results are read one partition after the other: the one that answers may be read before the one
// that says that the command was forwarded to it. It was dropped, and apply waited for ever.
TEST(ApplySessionOfTwoPartitions, AForwardedCommandIsAnsweredWhicheverResultIsReadFirst) {
  MemoryLog log{{.partitions = 2, .clock = [] { return Instant{0}; }}};
  MemoryReadModel store;
  for (std::int32_t p = 0; p < 2; ++p) {
    must(log.append({{.to = {Topic::events, {p}},
                      .payload = {.key = {}, .value = opened("log", 2, Clock::append, p)}}}));
    Projector projector(log, store, {Topic::events, {p}}, {});
    while (must(projector.step()).kind == ProjectorStep::Kind::progress) {
    }
  }
  std::string resource = "villa";
  while (partition_of(resource, 2) != Partition{1}) resource += "x";
  std::vector<std::string> printed;
  const auto session = must(ApplySession::start(
      log, "log", store, [&](std::string_view result) { printed.emplace_back(result); }));
  must(session->send(
      {fmt::format(R"({{"specversion":"1.0","id":"c1","source":"/t","type":"CheckIn",)"
                   R"("data":{{"resource":"{}"}}}})",
                   resource)}));
  const auto answer = [&](Partition partition, Result::Kind kind, std::string_view id) {
    Result result{.kind = kind, .log_id = "log", .partition = partition};
    result.source = "/t";
    result.id = id;
    result.type = "CheckIn";
    result.digest = Digest{1, 2};
    result.resource = resource;
    if (kind == Result::Kind::rejected) result.code = Code::resource_not_found;
    std::string text;
    append_result(text, result);
    must(log.append({{.to = {Topic::results, partition}, .payload = {.value = text}}}));
    return text;
  };
  answer({0}, Result::Kind::rejected, "another client's");
  const std::string last = answer({0}, Result::Kind::rejected, "c1");
  answer({1}, Result::Kind::forwarded, "c1");
  EXPECT_EQ(must(session->receive(at_once)) + must(session->receive(at_once)), 1U);
  EXPECT_THAT(printed, testing::ElementsAre(last));
  EXPECT_EQ(session->outstanding(), 0U);
}

TEST_F(ApplySessionTest, AStoreThatDoesNotAnswerForAMomentIsAskedAgain) {
  RestingStore resting(store);
  const auto start = [&] {
    return ApplySession::start(log, "log", resting, [](std::string_view) {});
  };
  resting.rests = true;
  EXPECT_FALSE(start()) << "nothing was sent yet";
  resting.rests = false;
  const auto session = must(start());
  must(
      session->send({command("1", "DefineRoom", R"("name":"V","units":9,"inventory":"counter")")}));
  decide();
  project(Topic::events);
  resting.rests = true;
  EXPECT_EQ(must(session->receive(at_once)), 0U);
  resting.rests = false;
  EXPECT_EQ(must(session->receive(at_once)), 1U);
}

TEST_F(ApplySessionTest, WhomTheLinesWaitForIsSaid) {
  const auto waiting = session();
  must(
      waiting->send({command("1", "DefineRoom", R"("name":"V","units":9,"inventory":"counter")")}));
  must(waiting->receive(at_once));
  EXPECT_THAT(waiting->waits_for(),
              testing::HasSubstr("1 commands wait to be decided, of partition 0"));
  decide();
  must(waiting->receive(at_once));
  EXPECT_THAT(waiting->waits_for(),
              testing::HasSubstr("1 results wait for their rows, of partition 0"));
}

// Another process projects its log there: apply waited for rows of this one for ever.
TEST_F(ApplySessionTest, AReadModelOfAnotherLogIsRefusedBeforeAnythingIsSent) {
  project(Topic::events);
  const auto refused = ApplySession::start(log, "log-2", store, [](std::string_view) {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::fatal);
  EXPECT_THAT(refused.error().what,
              testing::HasSubstr("was folded from log log, and this is log log-2"));
}

}  // namespace
}  // namespace pesan::runtime
