// The loops of engine and registry where the world is unkind to them: a rival in the middle of a
// recovery, a record that a read loses, a command that was set aside.
#include <functional>
#include <string>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/forwarded_log.hpp"
#include "engine/registry.hpp"
#include "tests/support/lone_engine.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/must.hpp"

namespace pesan {
namespace {

constexpr TopicPartition commands{Topic::commands, Partition{0}};
constexpr TopicPartition events{Topic::events, Partition{0}};
constexpr TopicPartition results{Topic::results, Partition{0}};
constexpr TopicPartition customers{Topic::customers, Partition{0}};

/// A log in whose reads a test can meddle.
class MeddledLog final : public ForwardedLog {
 public:
  using ForwardedLog::ForwardedLog;
  Fallible<void> read(TopicPartition source, Offset from, const ReadLimit& limit,
                      std::vector<Record>& into) override {
    if (before_read) std::exchange(before_read, nullptr)();
    auto done = ForwardedLog::read(source, from, limit, into);
    if (done && after_read) after_read(source, into);
    return done;
  }

  std::function<void()> before_read;  // of the next one
  std::function<void(TopicPartition, std::vector<Record>&)> after_read;
};

class Loop : public ::testing::Test {
 protected:
  Loop() {
    std::string opened;
    append_event(opened,
                 {.log_id = "l",
                  .what = LogOpened{
                      .log_id = "l", .partition = 0, .partitions = 1, .partitioner = "murmur2"}});
    must(log.append({{events, {.key = {}, .value = opened, .headers = {}}}}));
    send("c1", "DefineRoom", R"("name":"Villa","units":9,"inventory":"counter")");
  }
  void send(const std::string& id, const std::string& type, const std::string& fields) {
    const std::string value = fmt::format(
        R"({{"specversion":"1.0","id":"{}","source":"/t","type":"{}","data":{{"resource":"villa",)"
        R"("actor":{{"type":"admin","id":"a"}},{}}}}})",
        id, type, fields);
    must(log.append({{commands, {.key = "villa", .value = value, .headers = {}}}}));
  }
  void book(const std::string& id, const std::string& name) {
    send(id, "CreateBooking", fmt::format(R"("customer":{{"name":"{}"}})", name));
  }
  EngineOptions options() {
    EngineOptions options;
    options.wall_clock = [] { return Instant{0}; };
    options.recovery.parked = parked;
    return options;
  }
  std::unique_ptr<LoneEngine> engine() { return must(LoneEngine::start(log, options())); }
  /// What stands in a partition from `first` on comes once more, byte for byte.
  void again(TopicPartition place, std::size_t first) {
    const auto records = log.records(place);
    for (std::size_t i = first; i < records.size(); ++i) {
      must(log.append({{place, records[i].payload}}));
    }
  }
  boost::json::object result(std::size_t number) {
    return boost::json::parse(log.records(results).at(number).payload.value).at("data").as_object();
  }

  Instant now;  // of the log; the engine's own clock stays at 0
  MemoryLog log{{.partitions = 1, .clock = [this] { return now; }}};
  std::set<Offset> parked;
};

TEST_F(Loop, AnEngineThatIsReplacedWhileItRecoversAnswersConflictAndDoesNotSpeakOfDamage) {
  must(engine()->step());
  book("c2", "Ann");
  MeddledLog meddled(log);
  // Events were read without the rival's, results come with them.
  int reads = 0;
  std::function<void()> second = [&] {
    if (++reads < 3) {
      meddled.before_read = second;
      return;
    }
    must(engine()->step());
  };
  meddled.before_read = second;
  auto slow = options();
  slow.recovery.reading.threads = std::launch::deferred;
  const auto started = LoneEngine::start(meddled, slow);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().kind, FailureKind::conflict) << started.error().what;
}

TEST_F(Loop, ARegistryThatStartsAnewNoticesThatTheFirstEventItReadsIsNotTheNextOne) {
  const auto running = engine();
  book("c2", "Ann");
  must(running->step());
  must(must(Registry::start(log, {.linked = {}}))->step());
  book("c3", "Ben");
  book("c4", "Cid");
  must(running->step());

  MeddledLog meddled(log);
  meddled.after_read = [](TopicPartition source, std::vector<Record>& into) {
    if (source == events && into.size() == 2) into.erase(into.begin());
  };
  const auto lossy = must(Registry::start(meddled, {.linked = {}}));
  const auto step = lossy->step();
  ASSERT_FALSE(step);
  EXPECT_NE(step.error().what.find("gap"), std::string::npos) << step.error().what;
}

// Recovery and the registry knew the last record only.
TEST_F(Loop, ALateTransactionOfAFencedEngineIsReadOnceByTheNextOne) {
  book("c2", "Ann");
  book("c3", "Ben");
  must(engine()->step());
  must(must(Registry::start(log, {.linked = {}}))->step());
  again(events, 1);
  again(results, 0);
  again(customers, 0);
  book("c4", "Cid");
  must(engine()->step());
  // One registry ends between the records that came late, and the next goes on there.
  must(must(Registry::start(log, {.batch = 2, .linked = {}}))->step());
  const auto registry = must(Registry::start(log, {.linked = {}}));
  while (must(registry->step()) > 0) {
  }
  EXPECT_EQ(result(6).at("sequence"), 4);
  EXPECT_EQ(result(6).at("booking_id"), "villa.3");
  EXPECT_EQ(registry->master().linked_up_to({}), Sequence{4});
}

TEST_F(Loop, ALateTransactionThatIsAnotherOneStopsTheNextEngine) {
  book("c2", "Ann");
  must(engine()->step());
  std::string other = log.records(events).back().payload.value;
  other.replace(other.find("Ann"), 3, "Eve");
  must(log.append({{events, {.key = "villa", .value = other, .headers = {}}}}));
  const auto started = LoneEngine::start(log, options());
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().kind, FailureKind::fatal);
  EXPECT_EQ(started.error().what,
            "events 0-3: sequence 2 follows 2: the log has a gap or a repeat");
}

TEST_F(Loop, ACommandThatWasSetAsideIsRememberedAsSuch) {
  book("c2", "Ann");
  parked = {Offset{1}};
  must(engine()->step());
  EXPECT_EQ(result(1).at("code"), "engine_failed");
  EXPECT_EQ(log.records({Topic::dead_letters, Partition{0}}).size(), 1U);
  book("c2", "Ann");
  must(engine()->step());
  EXPECT_EQ(result(2).at("code"), "engine_failed");
  EXPECT_TRUE(result(2).at("duplicate").as_bool());
}

TEST_F(Loop, ARepeatThatIsSetAsideLeavesTheOutcomeAsItWas) {
  for (int i = 0; i < 3; ++i) book("c2", "Ann");
  parked = {Offset{2}};
  must(engine()->step());
  EXPECT_EQ(result(2).at("code"), "engine_failed");
  EXPECT_EQ(result(3).at("booking_id"), "villa.1");
  book("c2", "Ann");
  must(engine()->step());
  EXPECT_EQ(result(4).at("booking_id"), "villa.1");
}

TEST_F(Loop, ACommandThatStopsTheEngineIsReportedAfterThoseBeforeItAndNeverTriedAgain) {
  book("c2", "Ann");
  const auto running = engine();
  now = Instant{20 * ms_per_minute};
  book("c3", "Ben");
  EXPECT_EQ(must(running->step()), 2U);
  for (int i = 0; i < 2; ++i) {
    const auto stopped = running->step();
    ASSERT_FALSE(stopped);
    EXPECT_NE(stopped.error().what.find("command 0-2"), std::string::npos);
  }
  EXPECT_EQ(log.records(results).size(), 2U);
}

}  // namespace
}  // namespace pesan
