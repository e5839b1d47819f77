// What operators do to a log on a real Kafka by mistake: it is said, refused or mended, by the real
// program, and nothing is lost in silence.
#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/kafka/kafka_log.hpp"
#include "tests/e2e/real/on_kafka.hpp"
#include "tests/e2e/real/raw_producer.hpp"
#include "tests/e2e/scrape.hpp"
#include "tests/support/kafka/topic_tool.hpp"
#include "tests/support/must.hpp"
#include "tests/support/stack.hpp"

namespace pesan::e2e {
namespace {

using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::HasSubstr;

class Operator : public OnKafka {
 protected:
  void given_decided() {
    const auto engine = start_engine("engine-1");
    const auto registry = start({"registry"});
    const auto projector = start({"projector"});
    ASSERT_LE(run(on({"apply"}), commands_of(7, 60)).exit_code, 1);
    for (const auto& role : {engine.get(), registry.get(), projector.get()}) {
      role->signal(SIGTERM);
      role->wait();
    }
  }
  /// How a role ends that does not start.
  Outcome refusal(const Arguments& role) {
    Program program(on(role));
    EXPECT_TRUE(ends(program)) << program.err();
    return program.wait();
  }
  /// How many there are.
  std::size_t results() const {
    const auto log = must(KafkaLog::open(place_));
    std::size_t count = 0;
    std::vector<Record> records;
    for (std::int32_t p = 0; p < 4; ++p) {
      const TopicPartition place{Topic::results, Partition{p}};
      const auto whole = must(log->range(place));
      for (Offset next = whole.begin; next < whole.end; next = records.back().offset.next()) {
        must(log->read(place, next, {.records = 10'000}, records));
        if (records.empty()) break;
        count += records.size();
      }
    }
    return count;
  }
  /// Brokers say that they have deleted a topic before all of it is gone.
  void until_one_is_gone() const {
    while (KafkaLog::open(place_)) std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  const kafka::Place place_ = must(kafka::parse_place(on_log({}).back(), {}));
  kafka::TopicTool tool_{place_};
};

// The engine started behind the new commands, and never decided them.
TEST_F(Operator, WhoMakesTheTopicOfCommandsAnewIsToldThatItIsAnotherTimeline) {
  given_decided();
  tool_.remove(Topic::commands);
  until_one_is_gone();
  tool_.make(Topic::commands, 4);
  const Outcome settings = refusal({"engine"});
  EXPECT_EQ(settings.exit_code, 3) << settings;
  EXPECT_THAT(settings.err, HasSubstr("`pesan topics create` mends settings"));
  const Outcome mended = run(on_log({"topics", "create"}));
  EXPECT_EQ(mended.exit_code, 0) << mended;
  EXPECT_THAT(mended.err, HasSubstr("set retention.ms of"));
  const Outcome refused = refusal({"engine"});
  EXPECT_EQ(refused.exit_code, 3) << refused;
  EXPECT_THAT(refused.err, HasSubstr("another timeline"));
}

TEST_F(Operator, WhoAddsPartitionsToEventsIsToldAndEveryRoleStartsAgain) {
  given_decided();
  tool_.add_partitions(Topic::events, 8);
  const auto engine = start({"engine", "--metrics", "127.0.0.1:0"});
  EXPECT_TRUE(engine->wait_for_err("what lands in those that were added is not read", seconds{90}))
      << engine->err();
  const auto port = metrics_port(*engine);
  EXPECT_TRUE(comes_true([&] {
    const auto page = get(port, "/readyz");
    return page.status == 503 && page.body.find("was made with 4") != std::string::npos;
  }));
  EXPECT_THAT(samples(port, "pesan_topic_faults"), ::testing::ElementsAre("pesan_topic_faults 1"));
  const auto registry = start({"registry"});
  const auto projector = start({"projector"});
  EXPECT_LE(run(on({"apply"}), commands_of(8, 60)).exit_code, 1);
  expect_verified();
  const Outcome checked = run(on_log({"topics", "check"}));
  EXPECT_EQ(checked.exit_code, 1) << checked;
  EXPECT_THAT(checked.out, HasSubstr(".events has 8 partition(s), and the log was made with 4"));
}

// They were never answered, and nothing said so.
TEST_F(Operator, WhoAddsPartitionsToCommandsHasWhatLandsThereMovedHomeAndAnswered) {
  given_decided();
  const auto before = results();
  tool_.add_partitions(Topic::commands, 8);
  const auto engine = start_engine("engine-1");
  RawProducer client(kafka_brokers(), place_.topic(Topic::commands), "none");
  constexpr int sent = 40;
  for (int i = 0; i < sent; ++i) {
    client.send({.partition = 4 + i % 4,
                 .key = {},
                 .value = fmt::format(
                     R"({{"specversion":"1.0","id":"new-{}","source":"/c","type":"DefineRoom",)"
                     R"("data":{{"resource":"added-{}","actor":{{"type":"admin","id":"a"}},)"
                     R"("name":"Added","units":1,"inventory":"counter"}}}})",
                     i, i),
                 .headers = {}});
  }
  ASSERT_EQ(client.flush(), sent);
  EXPECT_TRUE(comes_true([&] { return results() == before + sent; })) << engine->err();
  const auto registry = start({"registry"});
  const auto projector = start({"projector"});
  EXPECT_LE(run(on({"apply"}), commands_of(8, 60)).exit_code, 1);
  expect_verified();
  EXPECT_EQ(run(on_log({"topics", "check"})).exit_code, 0);
}

TEST_F(Operator, WhoDeletesTheTopicOfDeadLettersMakesItAnewAndGoesOn) {
  given_decided();
  tool_.remove(Topic::dead_letters);
  until_one_is_gone();
  const Outcome refused = refusal({"engine"});
  EXPECT_EQ(refused.exit_code, 3) << refused;
  EXPECT_THAT(refused.err, HasSubstr("run `pesan topics create`"));
  const Outcome made = run(on_log({"topics", "create"}));
  EXPECT_EQ(made.exit_code, 0) << made;
  EXPECT_THAT(made.err, HasSubstr(".dead-letters anew"));
  const auto engine = start_engine("engine-1");
  const auto registry = start({"registry"});
  const auto projector = start({"projector"});
  EXPECT_EQ(run(on({"apply"}), "no JSON\n").exit_code, 1);
  const Outcome letters = run(on_log({"dead-letters", "list"}));
  EXPECT_THAT(letters.out, HasSubstr("malformed"));
}

// Without the property that is named it helps: OnKafka made its log so.
TEST_F(Operator, WhoSpeaksAnotherProtocolIsToldToCheckThatAndNotTheBrokers) {
  std::vector<std::unique_ptr<Program>> programs;
  for (const Arguments& wrong :
       {Arguments{"security.protocol=SSL"},
        Arguments{"security.protocol=SASL_PLAINTEXT", "sasl.mechanism=PLAIN", "sasl.username=me",
                  "sasl.password=mine"}}) {
    Arguments words = on_log({"topics", "check"});
    for (const auto& property : wrong) {
      words.insert(words.end(), {"--kafka-property", property});
    }
    programs.push_back(std::make_unique<Program>(words));
  }
  for (const auto& program : programs) {
    const Outcome refused = program->wait();
    EXPECT_EQ(refused.exit_code, 3) << refused;
    EXPECT_THAT(refused.err, HasSubstr("check security.protocol"));
  }
  EXPECT_EQ(run(on_log({"topics", "check"})).exit_code, 0);
}

TEST(TopicsCreate, MakesTwelvePartitionsOnKafkaWhereNobodySaysHowMany) {
  const std::string log =
      fmt::format("kafka://{}?prefix=e2e-{:08x}", kafka_brokers(), std::random_device{}());
  const Outcome made = run({"topics", "create", "--log", log});
  EXPECT_EQ(made.exit_code, 0) << made;
  EXPECT_THAT(made.err, HasSubstr("12 partition(s)"));
  EXPECT_EQ(run({"topics", "create", "--log", log}).exit_code, 0);
  const Outcome checked = run({"topics", "check", "--log", log});
  EXPECT_EQ(checked.exit_code, 0) << checked;
  EXPECT_EQ(checked.out, "");
}

}  // namespace
}  // namespace pesan::e2e
