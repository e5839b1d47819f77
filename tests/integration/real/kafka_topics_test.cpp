// What an operator, a tool or another client does to the topics of a log: it is said, and mended
// where it can be; nothing is lost or stops in silence.
#include <chrono>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/kafka/kafka_log.hpp"
#include "adapters/metrics/waiting.hpp"
#include "tests/support/kafka/topic_tool.hpp"
#include "tests/support/must.hpp"
#include "tests/support/opened.hpp"
#include "tests/support/read_or_wait.hpp"
#include "tests/support/stack.hpp"

namespace pesan::kafka {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr TopicPartition commands{Topic::commands, Partition{0}};

class TopicsOfALog : public ::testing::Test {
 protected:
  TopicsOfALog() {
    must(KafkaLog::create(place, 2,
                          {{{Topic::events, {0}}, {.value = opened("log", 2)}},
                           {{Topic::events, {1}}, {.value = opened("log", 2, Clock::append, 1)}}}));
  }
  std::vector<std::string> faults() const {
    const auto log = must(KafkaLog::open(place));
    must(log->settle(2));
    std::vector<std::string> sentences;
    for (const auto& fault : must(log->find_faults())) sentences.push_back(fault.what);
    return sentences;
  }
  /// Brokers do at once what they were asked to, and show it a moment later.
  static void eventually(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (!holds()) {
      ASSERT_LT(std::chrono::steady_clock::now(), end);
      std::this_thread::sleep_for(50ms);
    }
  }
  std::string topic(Topic topic) const { return place.topic(topic); }

  const Place place{.brokers = kafka_brokers(),
                    .prefix = fmt::format("topics-{:08x}", std::random_device{}()),
                    .properties = {}};
  TopicTool tool{place};
};

TEST_F(TopicsOfALog, AreAsTheyMustBeWhenTheyAreMade) { EXPECT_THAT(faults(), IsEmpty()); }

TEST_F(TopicsOfALog, WhoseSettingsWouldLoseRecordsAreSaidAndMended) {
  tool.set(Topic::commands, {{"cleanup.policy", "compact"},
                             {"message.timestamp.type", "CreateTime"},
                             {"retention.ms", "2592000001"},
                             {"max.message.bytes", "1000000"},
                             {"segment.ms", "3600000"}});
  tool.set(Topic::events, {{"retention.ms", "604800000"}, {"max.message.bytes", "2162688"}});
  const auto expected = UnorderedElementsAre(
      fmt::format("cleanup.policy of {} is compact, and must be delete", topic(Topic::commands)),
      fmt::format("max.message.bytes of {} is 1000000, and must be 2162688 or more",
                  topic(Topic::commands)),
      fmt::format("message.timestamp.type of {} is CreateTime, and must be LogAppendTime",
                  topic(Topic::commands)),
      fmt::format("retention.ms of {} is 604800000, and must be -1", topic(Topic::events)));
  eventually([&] { return ::testing::Value(faults(), expected); });

  EXPECT_EQ(must(KafkaLog::mend(place)).size(), 4U);
  eventually([&] { return faults().empty(); });
  EXPECT_THAT(must(KafkaLog::mend(place)), IsEmpty());
}

TEST_F(TopicsOfALog, KeepTheOtherSettingsWhenSomeAreMended) {
  tool.set(Topic::commands, {{"cleanup.policy", "compact"},
                             {"retention.ms", "2592000001"},
                             {"max.message.bytes", "2162688"},
                             {"message.timestamp.type", "LogAppendTime"}});
  eventually([&] { return faults().size() == 1; });
  must(KafkaLog::mend(place));
  eventually([&] { return faults().empty(); });
  // It would be a fault again had the topic been put back to the brokers' defaults, a week.
  EXPECT_THAT(faults(), IsEmpty());
}

TEST_F(TopicsOfALog, WithoutThatOfDeadLettersAreMadeWholeAgain) {
  tool.remove(Topic::dead_letters);
  eventually([&] { return !KafkaLog::open(place).has_value(); });
  const auto missing = KafkaLog::open(place);
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().what, HasSubstr("run `pesan topics create`"));
  EXPECT_THAT(must(KafkaLog::mend(place)),
              ElementsAre(fmt::format("made {} anew", topic(Topic::dead_letters))));
  EXPECT_THAT(faults(), IsEmpty());
}

// `topics create` was advised, which then refuses: it would begin another history.
TEST_F(TopicsOfALog, OfWhichAPartOfTheHistoryIsGoneAreNotToBeMadeAnew) {
  tool.remove(Topic::results);
  eventually([&] { return !KafkaLog::open(place).has_value(); });
  const auto open = KafkaLog::open(place);
  ASSERT_FALSE(open);
  EXPECT_THAT(open.error().what, AllOf(HasSubstr("it was deleted. Restore it"),
                                       testing::Not(HasSubstr("topics create"))));
}

TEST_F(TopicsOfALog, ToWhichPartitionsWereAddedStayALogOfItsOwnPartitions) {
  tool.add_partitions(Topic::commands, 4);
  tool.add_partitions(Topic::events, 3);
  eventually([&] { return faults().size() == 1; });
  // Those of commands are inlets, and no fault.
  EXPECT_THAT(faults(),
              ElementsAre(AllOf(HasSubstr(topic(Topic::events) + " has 3 partition(s)"),
                                HasSubstr("the log was made with 2: what lands in those that were "
                                          "added is not read"))));
  eventually([&] { return must(must(KafkaLog::open(place))->command_partitions()) == 4; });
  const auto log = must(KafkaLog::open(place));
  must(log->settle(2));
  EXPECT_EQ(log->partitions(), 2);
}

TEST_F(TopicsOfALog, WithFewerPartitionsThanTheLogWasMadeWithAreOfAnotherHistory) {
  tool.remove(Topic::results);
  eventually([&] { return !KafkaLog::open(place).has_value(); });
  tool.make(Topic::results, 1);
  eventually([&] { return KafkaLog::open(place).has_value(); });
  const auto whole = must(KafkaLog::open(place))->settle(2);
  ASSERT_FALSE(whole);
  EXPECT_THAT(whole.error().what, HasSubstr("the log was made with 2: it was made anew"));
}

// A living process waited for ever for what it had seen and a restored log no longer has.
TEST_F(TopicsOfALog, ThatWereRestoredBehindALivingProcessAreAnotherTimelineToIt) {
  const auto log = must(KafkaLog::open(place));
  must(log->append({{commands, {.value = "1"}}, {commands, {.value = "2"}}}));
  EXPECT_EQ(must(log->range(commands)).end, Offset{2});
  tool.remove(Topic::commands);
  eventually([&] { return !KafkaLog::open(place).has_value(); });
  tool.make(Topic::commands, 2);
  eventually([&] { return KafkaLog::open(place).has_value(); });
  std::string said;
  eventually([&] {
    const auto range = log->range(commands);
    said = range ? "" : range.error().what;
    return said.contains("it is of another timeline");
  });
  EXPECT_THAT(said, HasSubstr("holds records up to 0, though this process has seen it hold those "
                              "up to 2"));
}

TEST_F(TopicsOfALog, WithCreateTimeGiveRecordsThatSayWhoseTimeTheyBear) {
  tool.set(Topic::commands, {{"message.timestamp.type", "CreateTime"}});
  eventually([&] { return !faults().empty(); });
  const auto log = must(KafkaLog::open(place));
  must(log->append({{commands, {.value = "sender's"}}}));
  must(KafkaLog::mend(place));
  eventually([&] { return faults().empty(); });
  must(log->append({{commands, {.value = "the log's"}}}));
  std::vector<Record> records;
  must(read_or_wait(*log, commands, {}, {.records = 2}, 5s, records));
  ASSERT_EQ(records.size(), 2U);
  EXPECT_TRUE(records[0].senders_time);
  EXPECT_FALSE(records[1].senders_time);
}

/// A transaction of some client that stays open.
class OpenTransaction {
 public:
  OpenTransaction(const Place& place, const std::string& value)
      : client_(must(Client::make(place, {.kind = Client::Kind::writer, .id = "somebody"}))) {
    constexpr int wait = 10'000;
    const ErrorHandle named(rd_kafka_init_transactions(client_->get(), wait));
    const ErrorHandle begun(rd_kafka_begin_transaction(client_->get()));
    client_->produce(commands, {.value = value}, 0);
    EXPECT_TRUE(client_->flush(10s));
  }
  void abort() { const ErrorHandle done(rd_kafka_abort_transaction(client_->get(), 10'000)); }

 private:
  std::unique_ptr<Client> client_;
};

TEST_F(TopicsOfALog, CountCommandsThatAnOpenTransactionHides) {
  const auto log = must(KafkaLog::open(place));
  metrics::WaitingMeasure measure(Partition{0});
  must(measure.look(*log, Instant{1'000}));
  EXPECT_EQ(measure.at(Instant{1'000})->commands, 0);
  OpenTransaction open(place, "hidden");
  EXPECT_EQ(must(log->range(commands)).end, Offset{0});
  EXPECT_EQ(must(log->written_end(commands)), Offset{1});
  must(measure.look(*log, Instant{2'000}));
  must(measure.look(*log, Instant{5'000}));
  EXPECT_EQ(measure.at(Instant{5'000})->commands, 1);
  EXPECT_EQ(measure.at(Instant{5'000})->seconds, 3);
  open.abort();
  eventually([&] {
    must(measure.look(*log, Instant{6'000}));
    return measure.at(Instant{6'000})->commands == 0;
  });
  EXPECT_EQ(measure.at(Instant{6'000})->seconds, 0);
}

}  // namespace
}  // namespace pesan::kafka
