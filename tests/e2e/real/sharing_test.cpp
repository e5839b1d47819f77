// Several processes of each role share the partitions of one log on a real Kafka and rows in a real
// MariaDB: a process that is killed is replaced by the others, and nothing is lost or doubled.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/real/on_kafka.hpp"
#include "tests/support/mysql_server.hpp"

namespace pesan::e2e {
namespace {

using std::chrono::seconds;

/// A database before the case's own members, which name it.
struct WithDatabase {
  TestDatabase database;
};

class Sharing : private WithDatabase, public OnKafka {
 protected:
  Sharing() : OnKafka({.store = database.url()}) {
    const Outcome migrated = run({"migrate", "--store", database.url()});
    EXPECT_EQ(migrated.exit_code, 0) << migrated;
  }

  /// Two of a role, once the group has given each its share.
  std::vector<std::unique_ptr<Program>> two_of(const std::string& role,
                                               const std::vector<std::string>& shares) const {
    std::vector<std::unique_ptr<Program>> both;
    for (std::size_t i = 0; i < shares.size(); ++i) both.push_back(start({role}));
    for (const auto& program : both) {
      const auto deadline = std::chrono::steady_clock::now() + seconds{60};
      while (!std::ranges::any_of(
          shares, [&](const auto& share) { return program->err().contains(share); })) {
        if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error(program->err());
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
      }
    }
    return both;
  }
};

TEST_F(Sharing, OneOfTwoEnginesAndOneOfTwoProjectorsAreKilledUnderLoadAndTheRestCarriesOn) {
  auto engines = two_of("engine", {": 2 partitions assigned", ": 2 partitions assigned"});
  auto projectors = two_of("projector", {": 3 partitions assigned", ": 2 partitions assigned"});
  const auto registry = start({"registry"});
  const auto standby = start({"registry"});
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  const std::string commands = commands_of(seed, 4000);
  const std::string file = folder() / "commands";
  write_file(file, commands);

  Program apply(on({"apply", file}));
  // Under load: the first rows are there, the last are not.
  ASSERT_TRUE(apply.wait_for_out("\"type\":\"Command", seconds{60})) << apply.err();
  ASSERT_TRUE(apply.running());
  for (const auto& program : {engines[0].get(), projectors[0].get(), registry.get()}) {
    program->signal(SIGKILL);
    program->wait();
  }
  const Outcome outcome = apply.wait();
  EXPECT_LE(outcome.exit_code, 1) << outcome.err;
  EXPECT_EQ(outcomes_of(outcome.lines()), embedded_outcomes(commands));
  expect_verified();
  EXPECT_TRUE(engines[1]->running()) << engines[1]->err();
  EXPECT_TRUE(projectors[1]->running()) << projectors[1]->err();
}

}  // namespace
}  // namespace pesan::e2e
