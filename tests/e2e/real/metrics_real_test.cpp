// What roles on a real Kafka show of themselves: they become ready when their groups have settled,
// count exactly, and tell what librdkafka counts.
#include <csignal>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/real/on_kafka.hpp"
#include "tests/e2e/scrape.hpp"

namespace pesan::e2e {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Watched {
  std::unique_ptr<Program> program;
  unsigned short port = 0;

  bool shows(const std::string& line) const {
    return comes_true(
        [&] { return get(port, "/metrics").body.find("\n" + line) != std::string::npos; });
  }
};

class MetricsOnKafka : public OnKafka {
 protected:
  Watched watch(const std::string& role) const {
    auto program =
        start({role, "--metrics", "127.0.0.1:0", "--kafka-property", "statistics.interval.ms=200"});
    const auto port = metrics_port(*program);
    return {std::move(program), port};
  }
  static bool becomes_ready(const Watched& role) {
    return comes_true([&] { return get(role.port, "/readyz").status == 200; });
  }
};

TEST_F(MetricsOnKafka, ShowWhatEnginesAndProjectorsDidAndHowTheyAre) {
  const Watched engine = watch("engine");
  EXPECT_EQ(get(engine.port, "/readyz").status, 503) << "its group has not settled yet";
  const Watched projector = watch("projector");
  const auto registry = start({"registry"});
  ASSERT_TRUE(becomes_ready(engine)) << engine.program->err();
  ASSERT_TRUE(becomes_ready(projector)) << projector.program->err();

  std::string commands;
  for (const auto* resource : {"villa", "hut", "tent"}) {
    const auto add = [&](const std::string& id, const std::string& type, const std::string& data) {
      commands += Line{.id = id, .type = type, .resource = resource, .data = data}.text() + "\n";
    };
    const std::string guest = R"("status":"confirmed","customer":{"name":"Siti"})";
    add("d", "DefineRoom", R"("name":"R","units":1,"inventory":"counter")");
    add("b1", "CreateBooking", guest);
    add("b2", "CreateBooking", guest);
    add("b1", "CreateBooking", guest);
  }
  const Outcome applied = run(on({"apply"}), commands);
  EXPECT_EQ(applied.exit_code, 0) << applied;

  EXPECT_TRUE(engine.shows("pesan_result_visible_seconds_count 12\n"));
  EXPECT_THAT(
      samples(engine.port, "pesan_commands_total"),
      ElementsAre(R"(pesan_commands_total{outcome="accepted",type="CreateBooking"} 3)",
                  R"(pesan_commands_total{outcome="accepted",type="DefineRoom"} 3)",
                  R"(pesan_commands_total{outcome="capacity_exceeded",type="CreateBooking"} 3)",
                  R"(pesan_commands_total{outcome="duplicate",type="CreateBooking"} 3)"));
  EXPECT_THAT(samples(engine.port, "pesan_partitions"),
              Contains(R"(pesan_partitions{role="engine",state="mine"} 4)"));
  EXPECT_THAT(samples(engine.port, "pesan_recovery_seconds"), SizeIs(4));
  EXPECT_THAT(samples(engine.port, "pesan_projection_lag_events"), IsEmpty());

  for (int p = 0; p < 4; ++p) {
    EXPECT_TRUE(projector.shows(
        fmt::format("pesan_projection_lag_events{{topic=\"events\",partition=\"{}\"}} 0\n", p)));
  }
  EXPECT_TRUE(
      projector.shows("pesan_projection_lag_events{topic=\"customers\",partition=\"0\"} 0\n"));
  // A LogOpened each; then a room and a booking of three.
  EXPECT_TRUE(projector.shows("pesan_row_visible_seconds_count{topic=\"events\"} 10\n"));
  EXPECT_THAT(samples(projector.port, "pesan_commands_total"), IsEmpty());

  EXPECT_TRUE(engine.shows("pesan_kafka_broker_rtt_seconds_count{broker=\"1\"} "));
  EXPECT_TRUE(comes_true([&] {
    const auto sent = samples(engine.port, "pesan_kafka_sent_messages_total");
    return sent.size() == 2 && std::stod(sent[1].substr(sent[1].rfind(' '))) >= 18;
  })) << "12 results and 6 events by its producers: "
      << ::testing::PrintToString(samples(engine.port, "pesan_kafka_sent_messages_total"));
  EXPECT_TRUE(projector.shows("pesan_kafka_consumer_lag{topic=\""));
  for (const Program* role : {engine.program.get(), projector.program.get()}) {
    role->signal(SIGTERM);
  }
  EXPECT_EQ(engine.program->wait().exit_code, 0);
  EXPECT_EQ(projector.program->wait().exit_code, 0);
}

}  // namespace
}  // namespace pesan::e2e
