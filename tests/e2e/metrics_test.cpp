// What a running program shows of itself: exact counts of what it was sent, readiness, how far its
// rows are behind, and an end in time.
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "tests/e2e/scrape.hpp"
#include "tests/e2e/stored.hpp"

namespace pesan::e2e {
namespace {

using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string room(const std::string& id, const std::string& resource) {
  return Line{.id = id,
              .type = "DefineRoom",
              .resource = resource,
              .data = R"("name":"Villa","units":1,"inventory":"counter")"}
             .text() +
         "\n";
}
std::string booking(const std::string& id, const std::string& name = "Siti") {
  return Line{.id = id,
              .type = "CreateBooking",
              .resource = "villa",
              .data = R"("status":"confirmed","customer":{"name":")" + name + R"("})"}
             .text() +
         "\n";
}

/// Keeps everybody else from writing to a file.
class WriteLock {
 public:
  explicit WriteLock(const std::string& path) {
    EXPECT_EQ(sqlite3_open(path.c_str(), &file_), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(file_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  }
  WriteLock(const WriteLock&) = delete;
  WriteLock& operator=(const WriteLock&) = delete;
  ~WriteLock() { sqlite3_close(file_); }

 private:
  sqlite3* file_ = nullptr;
};

class Metrics : public ::testing::Test {
 protected:
  std::unique_ptr<Program> serve(const Arguments& more = {}) {
    Arguments words{"serve", "--metrics", "127.0.0.1:0"};
    words.insert(words.end(), more.begin(), more.end());
    auto program = std::make_unique<Program>(files_.on(words));
    port_ = metrics_port(*program);
    return program;
  }
  bool becomes_ready() const {
    return comes_true([this] { return get(port_, "/readyz").status == 200; });
  }
  /// A sample comes to have this value.
  bool shows(const std::string& line) const {
    return comes_true(
        [&] { return get(port_, "/metrics").body.find("\n" + line + "\n") != std::string::npos; });
  }

  Files files_;
  unsigned short port_ = 0;
};

TEST_F(Metrics, CountsCommandsByTypeAndOutcomeExactly) {
  const auto server = serve();
  ASSERT_TRUE(becomes_ready()) << server->err();
  const Outcome applied =
      run(files_.on({"apply"}),
          room("d", "villa") + booking("b1") + booking("b2") + booking("b1") +
              booking("b1", "Budi") + room("d2", "villa") + booking("b2") +
              Line{.id = "x", .type = "SellVilla", .resource = "villa"}.text() + "\nnonsense\n");
  EXPECT_EQ(applied.exit_code, 1) << applied;  // a line was malformed
  EXPECT_TRUE(shows("pesan_result_visible_seconds_count 9"));
  EXPECT_THAT(
      samples(port_, "pesan_commands_total"),
      ElementsAre(R"(pesan_commands_total{outcome="accepted",type="CreateBooking"} 1)",
                  R"(pesan_commands_total{outcome="accepted",type="DefineRoom"} 1)",
                  R"(pesan_commands_total{outcome="capacity_exceeded",type="CreateBooking"} 1)",
                  R"(pesan_commands_total{outcome="duplicate",type="CreateBooking"} 2)",
                  R"(pesan_commands_total{outcome="idempotency_conflict",type="CreateBooking"} 1)",
                  R"(pesan_commands_total{outcome="malformed",type="unknown"} 1)",
                  R"(pesan_commands_total{outcome="resource_exists",type="DefineRoom"} 1)",
                  R"(pesan_commands_total{outcome="unknown_type",type="unknown"} 1)"));
  EXPECT_THAT(samples(port_, "pesan_dead_letters_total"),
              ElementsAre(R"(pesan_dead_letters_total{reason="engine_failed"} 0)",
                          R"(pesan_dead_letters_total{reason="malformed"} 1)",
                          R"(pesan_dead_letters_total{reason="unknown_type"} 1)"));
  const std::string all = get(port_, "/metrics").body;
  EXPECT_THAT(all, Not(HasSubstr("villa")));
  EXPECT_THAT(all, Not(HasSubstr("Siti")));
}

TEST_F(Metrics, ShowsThatTheRowsAreCaughtUpAndHowMuchWasWritten) {
  const auto server = serve();
  ASSERT_TRUE(becomes_ready()) << server->err();
  EXPECT_EQ(run(files_.on({"apply"}), room("d", "villa") + booking("b1")).exit_code, 0);
  // LogOpened, RoomDefined, BookingCreated; CustomerRegistered, BookingLinked.
  EXPECT_TRUE(shows(R"(pesan_row_visible_seconds_count{topic="events"} 3)"));
  EXPECT_TRUE(shows(R"(pesan_row_visible_seconds_count{topic="customers"} 2)"));
  EXPECT_TRUE(shows(R"(pesan_projection_lag_events{topic="events",partition="0"} 0)"));
  EXPECT_TRUE(shows(R"(pesan_projection_lag_events{topic="customers",partition="0"} 0)"));
  EXPECT_TRUE(shows(R"(pesan_projection_lag_seconds{topic="events",partition="0"} 0)"));
  EXPECT_THAT(samples(port_, "pesan_ready"), ElementsAre("pesan_ready 1"));
  EXPECT_THAT(samples(port_, "pesan_partitions"),
              Contains(R"(pesan_partitions{role="projector",state="mine"} 2)"));
  EXPECT_THAT(samples(port_, "pesan_transactions_total"),
              AllOf(Contains(R"(pesan_transactions_total{result="committed",role="engine"} 1)"),
                    Contains(R"(pesan_transactions_total{result="conflict",role="engine"} 0)")));
  EXPECT_THAT(samples(port_, "pesan_recovery_events"),
              ElementsAre(R"(pesan_recovery_events{partition="0"} 0)"));
  EXPECT_EQ(get(port_, "/healthz").status, 200);
  EXPECT_EQ(get(port_, "/other").status, 404);
}

TEST_F(Metrics, AProcessThatIsStartedAgainSaysWhatItReplayed) {
  EXPECT_EQ(run(files_.on({"apply"}), room("d", "villa") + booking("b1")).exit_code, 0);
  const auto server = serve();
  ASSERT_TRUE(becomes_ready()) << server->err();
  EXPECT_THAT(samples(port_, "pesan_recovery_events"),
              ElementsAre(R"(pesan_recovery_events{partition="0"} 2)"));
  EXPECT_THAT(samples(port_, "pesan_recoveries_total"), ElementsAre("pesan_recoveries_total 1"));
}

TEST_F(Metrics, IsReadyOnceItsEnginesHaveBegunAndNotBefore) {
  EXPECT_EQ(run(files_.on_log({"topics", "create"})).exit_code, 0);
  auto lock = std::make_unique<WriteLock>(files_.log);
  const auto server = serve();
  const Page early = get(port_, "/readyz");
  EXPECT_EQ(early.status, 503) << early.body;
  EXPECT_TRUE(comes_true([&] { return get(port_, "/readyz").body.starts_with("engine: "); }));
  EXPECT_EQ(get(port_, "/healthz").status, 200);
  EXPECT_THAT(samples(port_, "pesan_ready"), ElementsAre("pesan_ready 0"));
  lock.reset();
  EXPECT_TRUE(becomes_ready()) << server->err();
  EXPECT_EQ(get(port_, "/readyz").body, "ready\n");
}

TEST_F(Metrics, IsNotReadyWhileItWaitsForTheLogAndSaysSo) {
  Program engine({"engine", "--log", "kafka://127.0.0.1:1", "--metrics", "127.0.0.1:0"});
  const auto port = metrics_port(engine);
  EXPECT_TRUE(
      comes_true([&] { return get(port, "/readyz").body.starts_with("waiting for the log: "); }));
  EXPECT_EQ(get(port, "/readyz").status, 503);
  EXPECT_EQ(get(port, "/healthz").status, 200);
}

TEST_F(Metrics, AStoppedProjectorIsNotReadyAndItsLagGrowsOlder) {
  EXPECT_EQ(run(files_.on({"apply", "--partitions", "2"}), room("d", "villa")).exit_code, 0);
  change_file(files_.store,
              "UPDATE projection_checkpoint SET last_digest = '00000000000000000000000000000000' "
              "WHERE topic = 'events' AND \"partition\" = 0");
  const auto server = serve();
  EXPECT_TRUE(shows(R"(pesan_partitions{role="projector",state="stopped"} 1)")) << server->err();
  EXPECT_TRUE(comes_true([&] {
    return get(port_, "/readyz").body == "projector: 1 of 3 stopped\n";
  })) << get(port_, "/readyz").body;
  EXPECT_EQ(get(port_, "/readyz").status, 503);
  Program caller(files_.on({"apply"}));  // its rows never come
  caller.send(booking("b1") + booking("b2"));
  EXPECT_TRUE(shows(R"(pesan_projection_lag_events{topic="events",partition="0"} 1)"));
  const std::string young = R"(pesan_projection_lag_seconds{topic="events",partition="0"} 0)";
  EXPECT_TRUE(comes_true([&] {
    const auto found = samples(port_, "pesan_projection_lag_seconds");
    return std::ranges::any_of(found, [&](const std::string& line) {
      return line.starts_with(young.substr(0, young.size() - 1)) &&
             std::stod(line.substr(line.rfind(' '))) > 1.5;
    });
  }));
  EXPECT_THAT(samples(port_, "pesan_projection_lag_events"),
              Contains(R"(pesan_projection_lag_events{topic="events",partition="1"} 0)"));
}

TEST_F(Metrics, AreOffUnlessAskedFor) {
  Program server(files_.on({"serve"}));
  ASSERT_TRUE(server.wait_for_err("ready", seconds{60})) << server.err();
  EXPECT_THAT(server.err(), Not(HasSubstr("/metrics")));
}

TEST_F(Metrics, AreAskedForInTheEnvironmentToo) {
  Program server(files_.on({"serve"}), {{"PESAN_METRICS", ":0"}});
  port_ = metrics_port(server);
  EXPECT_TRUE(becomes_ready()) << server.err();
}

TEST_F(Metrics, APortThatIsTakenEndsTheProcessBeforeItBegins) {
  const auto server = serve();
  const std::string address = "127.0.0.1:" + std::to_string(port_);
  const Outcome second = run(files_.on({"engine", "--metrics", address}));
  EXPECT_EQ(second.exit_code, 3) << second;
  EXPECT_THAT(second.err,
              HasSubstr("--metrics: cannot listen on " + address + ": Address already in use"));
}

TEST_F(Metrics, AnAddressThatIsNoneIsWrongUsage) {
  for (const std::string address : {"localhost", "127.0.0.1:x", "::1:80"}) {
    const Outcome refused = run(files_.on({"projector", "--metrics", address}));
    EXPECT_EQ(refused.exit_code, 2) << refused;
    EXPECT_THAT(refused.err, HasSubstr(address + " is no address"));
  }
}

TEST_F(Metrics, VerifyLeavesWhatItFoundInAFile) {
  EXPECT_EQ(run(files_.on({"apply"}), room("d", "villa") + booking("b1")).exit_code, 0);
  const std::string file = files_.folder / "pesan.prom";
  EXPECT_EQ(run(files_.on({"verify", "--metrics-file", file})).exit_code, 0);
  EXPECT_THAT(read_file(file), HasSubstr("\npesan_drift_rows 0\n"));
  EXPECT_THAT(read_file(file), HasSubstr("\npesan_verify_events 5\n"));
  change_file(files_.store, "UPDATE booking SET units = 7");
  EXPECT_EQ(run(files_.on({"verify", "--metrics-file", file})).exit_code, 1);
  EXPECT_THAT(read_file(file), HasSubstr("\npesan_drift_rows 1\n"));
}

TEST_F(Metrics, VerifySaysItsVerdictThoughItsFileCannotBeWritten) {
  EXPECT_EQ(run(files_.on({"apply"}), room("d", "villa") + booking("b1")).exit_code, 0);
  const auto verify = [&] {
    return run(files_.on({"verify", "--metrics-file", files_.folder / "no/x"}));
  };
  const Outcome without_drift = verify();
  EXPECT_EQ(without_drift.exit_code, 3) << without_drift;
  EXPECT_THAT(without_drift.out, HasSubstr("no drift"));
  change_file(files_.store, "UPDATE booking SET units = 7");
  const Outcome with_drift = verify();
  EXPECT_EQ(with_drift.exit_code, 1) << with_drift;
  EXPECT_THAT(with_drift.out, HasSubstr("drift: 1 difference"));
  EXPECT_THAT(with_drift.err, HasSubstr("no/x"));
}

TEST_F(Metrics, AStepThatIsHeldUpDoesNotHoldUpTheEndForEver) {
  EXPECT_EQ(run(files_.on({"apply"}), room("d", "villa")).exit_code, 0);
  const auto server = serve({"--stop-within", "1"});
  ASSERT_TRUE(becomes_ready()) << server->err();
  const WriteLock lock(files_.store);
  Program caller(files_.on({"apply"}));
  caller.send(booking("b1"));
  ASSERT_TRUE(
      comes_true([&] { return number_of(files_.log, "SELECT COUNT(*) FROM results") == 2; }));
  // The projector is behind, as it tries for seconds.
  ASSERT_TRUE(shows(R"(pesan_projection_lag_events{topic="events",partition="0"} 1)"));
  server->signal(SIGTERM);
  ASSERT_TRUE(ends(*server, seconds{4})) << server->err();
  const Outcome outcome = server->wait();
  EXPECT_EQ(outcome.exit_code, 3) << outcome;
  EXPECT_THAT(outcome.err, HasSubstr("not stopped within 1 s; ending at once"));
}

}  // namespace
}  // namespace pesan::e2e
