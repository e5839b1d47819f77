// What of librdkafka's statistics is told, from samples of them.
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

#include "adapters/metrics/kafka_statistics.hpp"
#include "tests/support/metric_lines.hpp"

namespace pesan::metrics {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Instant now{1'800'000'000'000};
constexpr Instant in(std::int64_t seconds) { return {now.ms + seconds * 1000}; }

std::string producer(const std::string& name, int messages) {
  return fmt::format(
      R"({{"name":"{}","type":"producer","tx":{},"tx_bytes":1000,"rx_bytes":200,"txmsgs":{},)"
      R"("rxmsgs":0,"msg_cnt":3,"msg_size":300,"brokers":{{)"
      R"("a:9092/bootstrap":{{"nodeid":-1,"rtt":{{"sum":9000000,"cnt":9}}}},)"
      R"("a:9092/1":{{"nodeid":1,"rtt":{{"sum":30000,"cnt":20}}}}}},"topics":{{}}}})",
      name, messages, messages);
}

std::string consumer(const std::string& name, int reached, std::string_view state = "active") {
  return fmt::format(
      R"({{"name":"{}","type":"consumer","tx":5,"rxmsgs":70,"topics":{{"pesan.events":)"
      R"({{"partitions":{{"-1":{{"partition":-1}},"2":{{"partition":2,"fetch_state":"{}",)"
      R"("fetchq_cnt":4,"fetchq_size":400,"consumer_lag":-1,"app_offset":{},)"
      R"("ls_offset":100}}}}}}}}}})",
      name, state, reached);
}

class MetricsKafka : public ::testing::Test {
 protected:
  std::vector<std::string> lines(const std::string& name, Instant when = now) const {
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, statistics_.collect(when));
    return metric_lines(out.str(), name);
  }

  KafkaStatistics statistics_;
};

TEST_F(MetricsKafka, WithoutKafkaThereIsNothing) {
  EXPECT_THAT(lines("pesan_"), IsEmpty());
  statistics_.note("no JSON", now);
  EXPECT_THAT(lines("pesan_"), IsEmpty());
}

TEST_F(MetricsKafka, TrafficIsSummedUpOverTheClientsOfAType) {
  statistics_.note(producer("engine-0#producer-1", 10), now);
  statistics_.note(producer("engine-1#producer-2", 5), now);
  EXPECT_THAT(lines("pesan_kafka_sent_messages_total"),
              ElementsAre(R"(pesan_kafka_sent_messages_total{client="producer"} 15)"));
  EXPECT_THAT(lines("pesan_kafka_sent_bytes_total"),
              ElementsAre(R"(pesan_kafka_sent_bytes_total{client="producer"} 2000)"));
  EXPECT_THAT(lines("pesan_kafka_received_bytes_total"),
              ElementsAre(R"(pesan_kafka_received_bytes_total{client="producer"} 400)"));
  EXPECT_THAT(lines("pesan_kafka_requests_total"),
              ElementsAre(R"(pesan_kafka_requests_total{client="producer"} 15)"));
}

TEST_F(MetricsKafka, CountersGoOnWhereAClientIsReplaced) {
  statistics_.note(producer("engine-0#producer-1", 10), now);
  statistics_.note(producer("engine-0#producer-1", 12), now);
  statistics_.note(producer("engine-0#producer-2", 1), now);
  statistics_.note(producer("engine-0#producer-2", 4), in(300));
  EXPECT_THAT(lines("pesan_kafka_sent_messages_total"),
              ElementsAre(R"(pesan_kafka_sent_messages_total{client="producer"} 16)"));
}

TEST_F(MetricsKafka, RoundTripsAreASummaryByBroker) {
  statistics_.note(producer("p", 1), now);
  statistics_.note(producer("p", 2), now);
  EXPECT_THAT(lines("pesan_kafka_broker_rtt_seconds_"),
              ElementsAre(R"(pesan_kafka_broker_rtt_seconds_count{broker="1"} 40)",
                          R"(pesan_kafka_broker_rtt_seconds_sum{broker="1"} 0.06)"));
}

TEST_F(MetricsKafka, QueuesAreThoseOfClientsThatStillSpeak) {
  statistics_.note(producer("p", 1), now);
  statistics_.note(consumer("c", 0), in(50));
  EXPECT_THAT(lines("pesan_kafka_queue_messages", in(50)),
              ElementsAre(R"(pesan_kafka_queue_messages{queue="fetched"} 4)",
                          R"(pesan_kafka_queue_messages{queue="send"} 3)"));
  EXPECT_THAT(lines("pesan_kafka_queue_bytes", in(100)),
              ElementsAre(R"(pesan_kafka_queue_bytes{queue="fetched"} 400)",
                          R"(pesan_kafka_queue_bytes{queue="send"} 0)"));
}

TEST_F(MetricsKafka, TheLagOfAPartitionIsThatOfItsSlowestReader) {
  statistics_.note(consumer("c1", 88), now);
  statistics_.note(consumer("c2", 70), now);
  statistics_.note(consumer("c3", 1, "stopped"), now);
  statistics_.note(consumer("c4", -1001), now);
  EXPECT_THAT(lines("pesan_kafka_consumer_lag"),
              ElementsAre(R"(pesan_kafka_consumer_lag{topic="pesan.events",partition="2"} 30)"));
}

}  // namespace
}  // namespace pesan::metrics
