// Snapshots beside a running program: made while it serves, found again after kill -9, and never
// trusted over the log.
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/stored.hpp"
#include "tests/support/mysql_server.hpp"
#include "tests/support/workload.hpp"

namespace pesan::e2e {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

class Snapshots : public ::testing::Test {
 protected:
  std::unique_ptr<Program> serve(const Arguments& more = {}) {
    Arguments words{"serve", "--snapshot-every", "100"};
    words.insert(words.end(), more.begin(), more.end());
    auto program = std::make_unique<Program>(files_.on(words));
    EXPECT_TRUE(program->wait_for_err("ready", seconds{60})) << program->err();
    return program;
  }
  static void kill(Program& program) {
    program.signal(SIGKILL);
    program.wait();
  }
  std::string some_lines(int count) {
    std::string lines;
    for (int i = 0; i < count; ++i) lines += mix_.next().payload.value + "\n";
    return lines;
  }
  /// What the lines are answered, apart from whether it is said again.
  std::vector<std::string> outcomes(const std::string& lines) {
    std::vector<std::string> all;
    for (const std::string& line : run(files_.on({"apply"}), lines).lines()) {
      auto data = json::parse(line).at("data").as_object();
      data.erase("duplicate");
      // What could not be read is not remembered: it is answered anew, where the log then stands.
      if (data.at("command").at("id").is_null()) data.erase("sequence");
      all.push_back(json::serialize(data));
    }
    return all;
  }
  /// A program that made a snapshot, decided some more, and was killed.
  void make_and_kill() {
    const auto server = serve();
    lines_ = some_lines(300);
    first_ = outcomes(lines_);
    ASSERT_TRUE(server->wait_for_err("snapshot 1 made", seconds{60})) << server->err();
    const std::string more = some_lines(40);
    for (const std::string& outcome : outcomes(more)) first_.push_back(outcome);
    lines_ += more;
    kill(*server);
  }
  std::vector<fs::path> images() const {
    std::vector<fs::path> found;
    for (const auto& at : fs::recursive_directory_iterator(files_.log + ".snapshots")) {
      if (at.is_regular_file()) found.push_back(at.path());
    }
    return found;
  }

  Files files_;
  Workload mix_{{.seed = 4711, .habits = friendly, .now = Instant{20'000 * ms_per_day}}};
  std::string lines_;
  std::vector<std::string> first_;
};

TEST_F(Snapshots, AKilledProgramGoesOnFromOneAndAnswersRepeatsAsBefore) {
  make_and_kill();
  const auto server = serve();
  EXPECT_THAT(server->err(), HasSubstr("recovered from a snapshot of sequence"));
  EXPECT_TRUE(outcomes(lines_) == first_) << server->err();
  EXPECT_EQ(run(files_.on({"verify"})).exit_code, 0);
}

TEST_F(Snapshots, OneThatIsDamagedIsPassedOverAndTheLogDecides) {
  make_and_kill();
  for (const auto& image : images()) {
    std::string bytes = read_file(image);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    write_file(image, bytes);
  }
  const auto server = serve();
  EXPECT_THAT(server->err(), HasSubstr("is passed over: it is damaged"));
  EXPECT_THAT(server->err(), Not(HasSubstr("recovered from a snapshot")));
  EXPECT_TRUE(outcomes(lines_) == first_) << server->err();
}

TEST_F(Snapshots, StandInTheFolderThatTheyAreAskedFor) {
  const std::string folder = files_.folder / "elsewhere";
  const auto server = serve({"--snapshots", "file:" + folder});
  run(files_.on({"apply"}), some_lines(150));
  ASSERT_TRUE(server->wait_for_err("snapshot 1 made", seconds{60})) << server->err();
  EXPECT_TRUE(fs::exists(folder));
  EXPECT_FALSE(fs::exists(files_.log + ".snapshots"));
}

TEST_F(Snapshots, StandInTheDatabaseOfTheReadModelsForAnEngineThatTakesOver) {
  const TestDatabase database;
  ASSERT_EQ(run({"migrate", "--store", database.url()}).exit_code, 0);
  const Arguments words{"serve",       "--log", "sqlite:" + files_.log, "--store", database.url(),
                        "--snapshots", "store", "--snapshot-every",     "100"};
  const auto serve_there = [&] {
    auto program = std::make_unique<Program>(words);
    EXPECT_TRUE(program->wait_for_err("ready", seconds{60})) << program->err();
    return program;
  };
  const auto first = serve_there();
  run({"apply", "--log", "sqlite:" + files_.log, "--store", database.url()}, some_lines(150));
  ASSERT_TRUE(first->wait_for_err("snapshot 1 made", seconds{60})) << first->err();
  EXPECT_EQ(database.sql("SELECT COUNT(DISTINCT serial) FROM engine_snapshot"), "1\n");
  kill(*first);
  const auto second = serve_there();
  EXPECT_THAT(second->err(), HasSubstr("recovered from a snapshot of sequence"));
}

TEST_F(Snapshots, AFileOfReadModelsIsNoPlaceForThem) {
  const Outcome outcome = run(files_.on({"serve", "--snapshots", "store"}));
  EXPECT_EQ(outcome.exit_code, 2) << outcome;
  EXPECT_THAT(outcome.err, HasSubstr("use file:FOLDER"));
}

TEST_F(Snapshots, APlaceThatIsNoneIsWrongUsage) {
  const Outcome outcome = run(files_.on({"serve", "--snapshots", "ftp://somewhere"}));
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("file:FOLDER"));
}

}  // namespace
}  // namespace pesan::e2e
