// What the transactional writer does when brokers refuse: they are librdkafka's own mock of a
// cluster, in this process, which answers as it is told.
#include <array>
#include <initializer_list>
#include <memory>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "adapters/kafka/transactional_writer.hpp"
#include "tests/support/must.hpp"

namespace pesan::kafka {
namespace {

using testing::HasSubstr;

// As Kafka's protocol numbers its requests.
constexpr int produce = 0;
constexpr int add_offsets_to_txn = 25;
constexpr int end_txn = 26;

constexpr TopicPartition commands{Topic::commands, Partition{0}};

struct DestroyCluster {
  void operator()(rd_kafka_mock_cluster_t* cluster) const {
    rd_kafka_mock_cluster_destroy(cluster);
  }
};
using ClusterHandle = std::unique_ptr<rd_kafka_mock_cluster_t, DestroyCluster>;

class KafkaWriter : public ::testing::Test {
 protected:
  KafkaWriter()
      : host_(must(Client::make({.brokers = "localhost:1", .properties = {}},
                                {.kind = Client::Kind::appender, .id = "host"}))),
        cluster_(rd_kafka_mock_cluster_new(host_->get(), 1)),
        place_{.brokers = rd_kafka_mock_cluster_bootstraps(cluster_.get()), .properties = {}} {}

  void answer(int request, std::initializer_list<rd_kafka_resp_err_t> codes) {
    const std::vector<rd_kafka_resp_err_t> answers(codes);
    rd_kafka_mock_push_request_errors_array(cluster_.get(), static_cast<std::int16_t>(request),
                                            answers.size(), answers.data());
  }
  std::unique_ptr<TransactionalWriter> open() {
    return must(TransactionalWriter::open({.place = place_, .id = "engine-0", .ends = ends_}));
  }
  /// Of an event and a result, for one command.
  static Fallible<void> commit(TransactionalWriter& writer) {
    return writer.commit({.records = {{{Topic::events, {0}}, {.value = "event"}},
                                      {{Topic::results, {0}}, {.value = "result"}}},
                          .consumed = {{commands, Offset{1}}},
                          .places = {commands}},
                         member().get());
  }
  /// Of no generation: the mock's group asks for none.
  static GroupMetadataHandle member() {
    return GroupMetadataHandle(rd_kafka_consumer_group_metadata_new("engine"));
  }
  static void expect_refused(TransactionalWriter& writer, FailureKind kind) {
    const auto refused = commit(writer);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, kind) << refused.error().what;
  }
  static void expect_ended(TransactionalWriter& writer, FailureKind kind) {
    expect_refused(writer, kind);
    expect_refused(writer, kind);
  }

  std::unique_ptr<Client> host_;
  ClusterHandle cluster_;
  Place place_;
  KnownEnds ends_;
};

TEST_F(KafkaWriter, CommitsAndKnowsTheEnds) {
  const auto writer = open();
  must(commit(*writer));
  must(commit(*writer));
  EXPECT_EQ(ends_.of({Topic::events, {0}}), Offset{2});
  EXPECT_EQ(ends_.of({Topic::results, {0}}), Offset{2});
}

TEST_F(KafkaWriter, AsksAgainWhatABrokerCannotAnswerYet) {
  const auto writer = open();
  answer(add_offsets_to_txn,
         {RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS});
  answer(produce, {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS});
  answer(end_txn, {RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS});
  must(commit(*writer));
}

// Its transactional.id.expiration.ms was over without a transaction. An abort did not help: the
// client kept the number that the brokers had forgotten, and was refused each second for ever.
TEST_F(KafkaWriter, ThatTheBrokersForgotWhileItWasIdleEndsAndANewOneGoesOn) {
  const auto writer = open();
  must(commit(*writer));
  answer(add_offsets_to_txn, {RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING});
  expect_ended(*writer, FailureKind::unknown);
  must(commit(*open()));
}

TEST_F(KafkaWriter, WhoseNameWasTakenIsDead) {
  const auto writer = open();
  answer(add_offsets_to_txn, {RD_KAFKA_RESP_ERR_PRODUCER_FENCED});
  expect_ended(*writer, FailureKind::conflict);
}

TEST_F(KafkaWriter, SetsATooLargeRecordAsideAndGoesOn) {
  const auto writer = open();
  answer(produce, {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE});
  expect_refused(*writer, FailureKind::poison);
  // The number of the refused record is skipped, for which librdkafka may want an abort more.
  auto next = commit(*writer);
  if (!next && next.error().kind == FailureKind::transient) next = commit(*writer);
  must(next);
}

// After an abort the next message would have had the sequence number of one that may be in the log:
// a broker takes it for a repeat, acknowledges it, and drops it.
TEST_F(KafkaWriter, WithAMessageThatMayBeInTheLogIsNotUsedAgain) {
  place_.properties.emplace_back("retry.backoff.ms", "3000");
  const auto writer = open();
  answer(produce, {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
                   RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE});
  expect_ended(*writer, FailureKind::unknown);
}

TEST_F(KafkaWriter, ThatMayNotWriteSaysSo) {
  const auto writer = open();
  answer(produce, {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});
  expect_refused(*writer, FailureKind::fatal);
  EXPECT_THAT(commit(*writer).error().what, HasSubstr("Check the user, the certificates"));
}

}  // namespace
}  // namespace pesan::kafka
