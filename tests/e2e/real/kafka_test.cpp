// The real program on a real Kafka: roles in processes of their own, killed and started again, give
// the very outcomes that the embedded log gives for the same commands.
#include <chrono>
#include <csignal>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/e2e/real/on_kafka.hpp"

namespace pesan::e2e {
namespace {

using std::chrono::seconds;

constexpr int commands_wanted = 800;

TEST_F(OnKafka, TheSameCommandsHaveTheSameOutcomesAsOnTheEmbeddedLog) {
  const auto engine = start_engine("engine-1");
  const auto registry = start({"registry"});
  const auto projector = start({"projector"});
  const std::string commands = commands_of(1, commands_wanted);
  const Outcome outcome = run(on({"apply"}), commands);
  EXPECT_LE(outcome.exit_code, 1) << outcome.err;
  const auto found = outcomes_of(outcome.lines());
  EXPECT_EQ(found.size(), static_cast<std::size_t>(commands_wanted));
  EXPECT_EQ(found, embedded_outcomes(commands));
  expect_verified();
  for (const auto& role : {engine.get(), registry.get(), projector.get()}) {
    role->signal(SIGTERM);
    EXPECT_TRUE(ends(*role, seconds{20})) << role->err();
    EXPECT_EQ(role->wait().exit_code, 0) << role->err();
  }
}

// It waited for ever without a word.
TEST_F(OnKafka, ApplyWithoutAnEngineSaysWhomItWaitsForAndWhatIsLeftWhenItIsInterrupted) {
  const std::string commands = commands_of(7, 5);
  Program apply(on({"apply"}));
  apply.send(commands);
  apply.close_input();
  ASSERT_TRUE(apply.wait_for_err("5 commands wait to be decided, of partition", seconds{60}));
  EXPECT_NE(apply.err().find("`pesan engine` (or `serve`) must run"), std::string::npos);
  apply.signal(SIGINT);
  ASSERT_TRUE(ends(apply, seconds{20}));
  const Outcome left = apply.wait();
  EXPECT_EQ(left.exit_code, -SIGINT);
  EXPECT_NE(left.err.find("interrupted: 5 commands wait"), std::string::npos) << left.err;
  // What the messages say helps.
  const auto engine = start_engine("engine-1");
  const auto registry = start({"registry"});
  const auto projector = start({"projector"});
  EXPECT_EQ(outcomes_of(run(on({"apply"}), commands).lines()).size(), 5U);
}

// The ids of results name the command's place: nothing was appended by the run that only looked.
TEST_F(OnKafka, ADryRunBesideEnginesSaysWhatApplySaysThenAndWritesNothing) {
  const auto engine = start_engine("engine-1");
  const auto registry = start({"registry"});
  const auto projector = start({"projector"});
  EXPECT_LE(run(on({"apply"}), commands_of(5, 200)).exit_code, 1);
  const std::string commands = commands_of(6, 200);
  const Outcome dry = run(on_log({"apply", "--dry-run"}), commands);
  const Outcome real = run(on({"apply"}), commands);
  EXPECT_EQ(outcomes_of(dry.lines()).size(), 200U) << dry.err;
  EXPECT_EQ(outcomes_of(dry.lines()), outcomes_of(real.lines()));
  const auto id_of = [](const std::string& line) { return line.substr(0, line.find("\"source")); };
  for (std::size_t i = 0; i < 200; ++i) {
    EXPECT_EQ(id_of(dry.lines().at(i)), id_of(real.lines().at(i)));
  }
}

TEST_F(OnKafka, AnEngineThatIsKilledWithCommandsInFlightLosesNothingAndDoublesNothing) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  auto engine = start_engine("engine-1");
  const auto registry = start({"registry"});
  const auto projector = start({"projector"});
  const std::string commands = commands_of(seed, commands_wanted);
  const std::string file = folder() / "commands";
  int kills = 0;
  int in_flight = 0;
  std::vector<std::string> results;
  // How soon a kill must come to meet commands in flight is the machine's: rounds until enough did.
  for (int round = 0; round < 4 || (in_flight < 3 && round < 40); ++round) {
    // The same lines again and again: an engine that was killed must answer them as if it never had
    // been.
    write_file(file, commands);
    Program apply(on({"apply", file}));
    for (int kill = 0; kill < 2 && apply.running(); ++kill) {
      std::this_thread::sleep_for(std::chrono::milliseconds(random() % 150));
      engine->signal(SIGKILL);
      engine->wait();
      ++kills;
      in_flight += apply.running() ? 1 : 0;
      engine = start_engine("engine-1");
    }
    const Outcome outcome = apply.wait();
    EXPECT_LE(outcome.exit_code, 1) << outcome.err;
    const auto lines = outcome.lines();
    ASSERT_EQ(lines.size(), static_cast<std::size_t>(commands_wanted)) << outcome.err;
    if (round == 0) results = lines;
  }
  std::cout << fmt::format("{} of {} kills hit commands in flight\n", in_flight, kills);
  EXPECT_GE(in_flight, 3);
  EXPECT_EQ(outcomes_of(results), embedded_outcomes(commands));
  expect_verified();
}

TEST_F(OnKafka, AnyPositionOfThePastCanBeLookedAtAndNoneOfTheFuture) {
  const auto engine = start_engine("engine-1");
  const auto registry = start({"registry"});
  const auto projector = start({"projector"});
  const Outcome outcome = run(on({"apply"}), commands_of(4, 50));
  EXPECT_LE(outcome.exit_code, 1) << outcome.err;
  const Outcome opened = run(on_log({"show", "bookings", "--json", "--as-of", "0:0", "--as-of",
                                     "1:0", "--as-of", "2:0", "--as-of", "3:0"}),
                             "");
  EXPECT_EQ(opened.exit_code, 0) << opened.err;
  EXPECT_EQ(opened.out, "");
  const Outcome future = run(on_log({"show", "bookings", "--as-of", "0:1000000"}), "");
  EXPECT_EQ(future.exit_code, 2);
  EXPECT_NE(future.err.find("the last sequence of that partition of events is "), std::string::npos)
      << future.err;
}

TEST_F(OnKafka, AnotherMachineGoesOnFromTheSnapshotsOfTheOneThatWasKilled) {
  const Arguments words =
      on({"engine", "--snapshots", "file:" + (folder() / "shared"), "--snapshot-every", "50"});
  const auto start_there = [&] {
    auto engine = std::make_unique<Program>(words);
    EXPECT_TRUE(engine->wait_for_err("ready", seconds{60})) << engine->err();
    return engine;
  };
  const auto killed = start_there();
  const auto registry = start({"registry"});
  const auto projector = start({"projector"});
  const std::string commands = commands_of(3, commands_wanted);
  const Outcome outcome = run(on({"apply"}), commands);
  EXPECT_LE(outcome.exit_code, 1) << outcome.err;
  ASSERT_TRUE(killed->wait_for_err("snapshot 1 made", seconds{60})) << killed->err();
  killed->signal(SIGKILL);
  killed->wait();
  const auto engine = start_there();
  EXPECT_NE(engine->err().find("recovered from a snapshot"), std::string::npos) << engine->err();
  const Outcome again = run(on({"apply"}), commands);
  EXPECT_LE(again.exit_code, 1) << again.err;
  EXPECT_EQ(outcomes_of(outcome.lines()), embedded_outcomes(commands));
  expect_verified();
}

}  // namespace
}  // namespace pesan::e2e
