// What each of librdkafka's answers means, as a table. It needs no broker.

#include "adapters/kafka/kafka_error.hpp"

#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace pesan::kafka {
namespace {

struct Row {
  Refusal refusal;
  Remedy remedy;
  FailureKind kind;
  const char* advice;  // words that the operator must find
};

using enum Step;
using Kind = FailureKind;

const std::vector<Row> table{
    // Somebody took the name: at whatever step, whatever the flags.
    {{RD_KAFKA_RESP_ERR__FENCED, prepare, false, false, true},
     Remedy::yield,
     Kind::conflict,
     "newer writer"},
    {{RD_KAFKA_RESP_ERR_PRODUCER_FENCED, commit}, Remedy::yield, Kind::conflict, "newer writer"},
    {{RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, prepare, false, true},
     Remedy::yield,
     Kind::conflict,
     "newer writer"},
    // The group went on without this member: what it began is undone, and it may be dealt to again.
    {{RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, prepare, false, true},
     Remedy::retake,
     Kind::conflict,
     "dealt its partitions out anew"},
    {{RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, prepare, false, true},
     Remedy::retake,
     Kind::conflict,
     "dealt its partitions out anew"},

    // Asking changes nothing, so it is asked again.
    {{RD_KAFKA_RESP_ERR__TIMED_OUT, ask}, Remedy::repeat, Kind::transient, "look at the brokers"},
    {{RD_KAFKA_RESP_ERR__TRANSPORT, ask}, Remedy::repeat, Kind::transient, "look at the brokers"},
    {{RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, ask}, Remedy::repeat, Kind::transient, "brokers"},
    {{RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, ask}, Remedy::repeat, Kind::transient, "again"},
    {{RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT, ask}, Remedy::repeat, Kind::transient, "again"},
    {{RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, ask, true},
     Remedy::repeat,
     Kind::transient,
     "again"},

    // What turned the connection away is no fault of the brokers', and may be mended while it
    // waits.
    {{.code = RD_KAFKA_RESP_ERR__TRANSPORT, .step = ask, .turned_away = true},
     Remedy::repeat,
     Kind::transient,
     "check security.protocol, the certificates"},
    {{.code = RD_KAFKA_RESP_ERR__TIMED_OUT, .step = ask, .turned_away = true},
     Remedy::repeat,
     Kind::transient,
     "and the user"},

    // A plain append whose answer was lost may have been written.
    {{RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, append}, Remedy::new_client, Kind::unknown, "not known"},
    {{RD_KAFKA_RESP_ERR__TRANSPORT, append}, Remedy::new_client, Kind::unknown, "not known"},
    {{RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND, append},
     Remedy::new_client,
     Kind::unknown,
     "not known"},
    {{RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, append}, Remedy::repeat, Kind::transient, "again"},

    // In a transaction librdkafka's flags say what to do, ...
    {{RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, prepare, true},
     Remedy::repeat,
     Kind::transient,
     "again"},
    {{RD_KAFKA_RESP_ERR__INCONSISTENT, commit, false, true},
     Remedy::abort,
     Kind::transient,
     "Nothing was written"},
    {{RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, prepare, false, true},
     Remedy::abort,
     Kind::transient,
     "Nothing was written"},
    {{RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, prepare, false, false, true},
     Remedy::new_client,
     Kind::unknown,
     "not known"},
    {{RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, commit},
     Remedy::new_client,
     Kind::unknown,
     "not known"},
    // ... but a timeout ends the client even where librdkafka would go on.
    {{RD_KAFKA_RESP_ERR__TIMED_OUT, commit, true}, Remedy::new_client, Kind::unknown, "not known"},
    {{RD_KAFKA_RESP_ERR__TIMED_OUT, prepare, true}, Remedy::new_client, Kind::unknown, "not known"},
    {{RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, prepare, false, true},
     Remedy::new_client,
     Kind::unknown,
     "not known"},

    // ... and so does a message that may stand in the log: the next one would have its number.
    {{RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, prepare, false, true, false, true},
     Remedy::new_client,
     Kind::unknown,
     "not known"},
    {{RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, prepare, false, true, false, true},
     Remedy::new_client,
     Kind::unknown,
     "max.message.bytes"},

    // The brokers forgot a writer that was idle for a week: at whatever step, whatever the flags.
    {{RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING, prepare, false, true},
     Remedy::new_client,
     Kind::unknown,
     "transactional.id.expiration.ms"},
    {{RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID, prepare, false, true},
     Remedy::new_client,
     Kind::unknown,
     "goes on from the log"},

    // Only this record.
    {{RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, append},
     Remedy::set_aside,
     Kind::poison,
     "max.message.bytes"},
    {{RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, prepare, false, true},
     Remedy::set_aside,
     Kind::poison,
     "max.message.bytes"},

    // Nothing here helps but a person who looks.
    {{RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, prepare, false, true},
     Remedy::call_operator,
     Kind::fatal,
     "ACLs"},
    {{RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, ask, false, false, true},
     Remedy::call_operator,
     Kind::fatal,
     "ACLs"},
    {{RD_KAFKA_RESP_ERR__AUTHENTICATION, ask}, Remedy::call_operator, Kind::fatal, "certificates"},
    {{RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, ask},
     Remedy::call_operator,
     Kind::fatal,
     "topics create"},
    {{RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE, ask}, Remedy::call_operator, Kind::fatal, "retention"},
    {{RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, ask}, Remedy::call_operator, Kind::fatal, "retention"},
    {{RD_KAFKA_RESP_ERR__BAD_MSG, ask}, Remedy::call_operator, Kind::fatal, "damaged"},
    {{RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION, ask},
     Remedy::call_operator,
     Kind::fatal,
     "--kafka-property"},

    // What nobody foresaw: harmless when asking, and looked into otherwise.
    {{RD_KAFKA_RESP_ERR_UNKNOWN, ask}, Remedy::call_operator, Kind::fatal, "report it"},
    {{RD_KAFKA_RESP_ERR_UNKNOWN, append}, Remedy::new_client, Kind::unknown, "not known"},
    {{RD_KAFKA_RESP_ERR_UNKNOWN, commit}, Remedy::new_client, Kind::unknown, "not known"},
};

TEST(KafkaError, EachRefusalHasItsRemedyItsKindAndASentence) {
  for (const Row& row : table) {
    SCOPED_TRACE(testing::Message() << rd_kafka_err2name(row.refusal.code) << ", step "
                                    << static_cast<int>(row.refusal.step));
    EXPECT_EQ(remedy_for(row.refusal), row.remedy);
    EXPECT_EQ(classify(row.refusal), row.kind);
    EXPECT_NE(advice(row.refusal).find(row.advice), std::string_view::npos) << advice(row.refusal);
  }
}

TEST(KafkaError, AConnectionThatIsTurnedAwayIsToldFromABrokerThatIsNotThere) {
  // As librdkafka 2.0.2 says it of Kafka 4.3, one mistake a line.
  for (const auto& [code, reason] : std::vector<std::pair<rd_kafka_resp_err_t, const char*>>{
           {RD_KAFKA_RESP_ERR__SSL, "certificate verify failed"},
           {RD_KAFKA_RESP_ERR__AUTHENTICATION, "Invalid username or password"},
           {RD_KAFKA_RESP_ERR__TRANSPORT,
            "Disconnected while requesting ApiVersion: might be caused by incorrect "
            "security.protocol configuration (connecting to a SSL listener?)"},
           {RD_KAFKA_RESP_ERR__TRANSPORT,
            "Disconnected: verify that security.protocol is correctly configured, broker might "
            "require SASL authentication"},
           {RD_KAFKA_RESP_ERR__TRANSPORT,
            "Receive failed: error:0A000412:SSL routines::sslv3 alert bad certificate"}}) {
    EXPECT_TRUE(turns_away(code, reason)) << reason;
  }
  EXPECT_FALSE(turns_away(RD_KAFKA_RESP_ERR__TRANSPORT, "Connect to ipv4#127.0.0.1:1 failed"));
  EXPECT_FALSE(
      turns_away(RD_KAFKA_RESP_ERR__TRANSPORT, "ssl://a:9093/1: Disconnected (in state UP)"));
  EXPECT_FALSE(turns_away(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "1/1 brokers are down"));
}

TEST(KafkaError, NoCodeThatLibrdkafkaHasIsTakenForHarmlessInACommit) {
  const rd_kafka_err_desc* codes = nullptr;
  std::size_t count = 0;
  rd_kafka_get_err_descs(&codes, &count);
  ASSERT_GT(count, 100U);
  for (std::size_t i = 0; i < count; ++i) {
    if (codes[i].desc == nullptr) continue;
    const Refusal unflagged{.code = codes[i].code, .step = commit};
    EXPECT_NE(classify(unflagged), Kind::transient) << codes[i].name;
    EXPECT_FALSE(advice(unflagged).empty()) << codes[i].name;
  }
}

TEST(KafkaError, ASentenceSaysWhatWasTriedWhereAndWhatToDo) {
  const Failure failure =
      describe({.doing = "commit a transaction of", .what = "engine 3", .answer = "Timed out"},
               {.code = RD_KAFKA_RESP_ERR__TIMED_OUT, .step = commit});
  EXPECT_EQ(failure.what,
            "cannot commit a transaction of engine 3: Timed out (Kafka _TIMED_OUT). Whether it was "
            "written is not known; it will be found out from the log.");
}

}  // namespace
}  // namespace pesan::kafka
