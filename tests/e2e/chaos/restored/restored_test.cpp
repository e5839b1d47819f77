// What an operator's backups do to a log and its read models: the data folders of real servers are
// put back to an earlier state, one without the other. The servers are those of the chaos runs.
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/e2e/chaos/servers.hpp"
#include "tests/e2e/chaos/topics.hpp"
#include "tests/e2e/stored.hpp"
#include "tests/support/workload.hpp"

namespace pesan::chaos {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;
using ::testing::HasSubstr;

class Restored : public ::testing::Test {
 protected:
  Restored() {
    EXPECT_EQ(run({"topics", "create", "--partitions", "1", "--log", log_}).exit_code, 0);
    EXPECT_EQ(run({"migrate", "--store", store_}).exit_code, 0);
  }

  std::unique_ptr<Program> start(const std::string& role) const {
    return std::make_unique<Program>(Arguments{role, "--log", log_, "--store", store_});
  }
  Outcome run_tool(Arguments words) const {
    words.insert(words.end(), {"--log", log_, "--store", store_});
    return run(words);
  }
  static void end(Program& program) {
    program.signal(SIGTERM);
    ASSERT_TRUE(e2e::ends(program)) << program.err();
  }

  std::string some_commands() {
    std::string lines;
    for (int i = 0; i < 200; ++i) lines += mix_.next().payload.value + "\n";
    return lines;
  }
  /// With all roles at work, until all is decided and shown.
  void work() {
    const auto serve = start("serve");
    ASSERT_TRUE(serve->wait_for_err("ready", seconds{60})) << serve->err();
    const Outcome applied = run({"apply", "--log", log_, "--store", store_}, some_commands());
    ASSERT_LE(applied.exit_code, 1) << applied;
    end(*serve);
  }
  /// With engines and the registry only.
  void work_unseen() {
    const auto engine = start("engine");
    const auto registry = start("registry");
    ASSERT_TRUE(engine->wait_for_err("ready", seconds{60})) << engine->err();
    Topics topics({.brokers = servers_.brokers(), .prefix = prefix_, .partitions = 1});
    topics.read_on();
    const std::size_t before = topics.of(Topic::results, 0).size();
    Program apply({"apply", "--log", log_, "--store", store_});
    apply.send(some_commands());
    apply.close_input();
    const auto deadline = std::chrono::steady_clock::now() + seconds{60};
    while (topics.of(Topic::results, 0).size() < before + 200) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << engine->err();
      topics.read_on();
    }
    apply.signal(SIGKILL);  // what it waits for does not come
    end(*engine);
    end(*registry);
  }

  /// What stands in the folder of a server, put aside.
  void save() {
    servers_.stopped([](const std::string& folder) {
      for (const char* server : {"kafka", "mariadb"}) {
        fs::remove_all(folder + "/saved-" + server);
        fs::copy(folder + "/" + server, folder + "/saved-" + server, fs::copy_options::recursive);
      }
    });
  }
  void restore(const std::string& server) {
    servers_.stopped([&](const std::string& folder) {
      fs::remove_all(folder + "/" + server);
      fs::rename(folder + "/saved-" + server, folder + "/" + server);
    });
  }
  void expect_verified() const {
    const Outcome verified = run_tool({"verify"});
    EXPECT_EQ(verified.exit_code, 0) << verified;
  }
  /// A projector alone ends by itself, as there is nothing that it may go on with.
  void expect_refusal(const std::string& why) const {
    const auto projector = start("projector");
    ASSERT_TRUE(e2e::ends(*projector)) << projector->err();
    const Outcome outcome = projector->wait();
    EXPECT_EQ(outcome.exit_code, 3) << outcome;
    EXPECT_THAT(outcome.err, HasSubstr(why));
  }

 private:
  static std::string stack_name() {
    const char* name = std::getenv("PESAN_TEST_CHAOS_STACK");
    return name == nullptr ? "chaos" : name;
  }
  Servers servers_{stack_name()};
  std::string prefix_ = fmt::format("restored-{}", ::getpid());
  std::string log_ = fmt::format("kafka://{}?prefix={}", servers_.brokers(), prefix_);
  std::string store_ = fmt::format("{}/restored_{}", servers_.database(), ::getpid());
  Workload mix_{{.seed = 7, .habits = friendly, .now = Instant{20'800 * ms_per_day}}};
};

TEST_F(Restored, TablesBehindTheirLogCatchUpAndALogBehindItsTablesIsRefusedUntilTheyAreRebuilt) {
  work();
  save();
  work();
  expect_verified();

  restore("mariadb");
  work();
  expect_verified();

  restore("kafka");
  expect_refusal("restored behind");
  // Longer than it was, it is another one all the same.
  work_unseen();
  work_unseen();
  work_unseen();
  expect_refusal("the read model is of another timeline");
  for (const char* topic : {"events", "customers"}) {
    const Outcome rebuilt = run_tool({"rebuild", topic});
    EXPECT_EQ(rebuilt.exit_code, 0) << rebuilt;
  }
  work();
  expect_verified();
}

}  // namespace
}  // namespace pesan::chaos
