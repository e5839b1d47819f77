// The program where its servers are not up: a role waits for them and says so, everything else says
// what it cannot reach and ends.
#include <csignal>
#include <memory>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/stored.hpp"

namespace pesan::e2e {
namespace {

using std::chrono::seconds;

// Nobody listens on port 1.
constexpr const char* no_broker = "kafka://127.0.0.1:1";
constexpr const char* no_database = "mysql://root@127.0.0.1:1/pesan";

TEST(AbsentServers, AnEngineWaitsForItsBrokersUntilItIsToldToStop) {
  Program engine({"engine", "--log", no_broker});
  EXPECT_TRUE(engine.wait_for_err("waiting for the log: cannot", seconds{60})) << engine.err();
  EXPECT_TRUE(engine.running());
  engine.signal(SIGTERM);
  const Outcome outcome = engine.wait();
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
}

TEST(AbsentServers, AProjectorWaitsForItsDatabaseUntilItIsToldToStop) {
  const Files files;
  Program projector(files.on_log({"projector", "--store", no_database}));
  EXPECT_TRUE(projector.wait_for_err("cannot connect to mysql://127.0.0.1:1/pesan"))
      << projector.err();
  EXPECT_TRUE(projector.running());
  projector.signal(SIGTERM);
  const Outcome outcome = projector.wait();
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
}

TEST(AbsentServers, EverythingElseSaysWhatItCannotReachAndEnds) {
  const Files files;
  std::vector<std::unique_ptr<Program>> programs;
  for (const Arguments& words :
       std::vector<Arguments>{{"apply", "--log", no_broker},
                              {"verify", "--log", no_broker},
                              {"show", "events", "--log", no_broker},
                              {"topics", "end-backfill", "--log", no_broker},
                              {"show", "rooms", "--store", no_database},
                              {"migrate", "--store", no_database}}) {
    programs.push_back(std::make_unique<Program>(words));
  }
  for (const auto& program : programs) {
    const Outcome outcome = program->wait();
    EXPECT_EQ(outcome.exit_code, 3) << outcome;
    EXPECT_THAT(outcome.err, testing::AllOf(testing::HasSubstr("pesan: cannot"),
                                            testing::HasSubstr("127.0.0.1:1")))
        << outcome;
  }
}

}  // namespace
}  // namespace pesan::e2e
