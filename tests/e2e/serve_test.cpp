// `serve` in one process, and everything else beside it on the same files.
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/stored.hpp"

namespace pesan::e2e {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string room(const std::string& id, int units, const std::string& time = "") {
  return Line{.id = "define-" + id,
              .type = "DefineRoom",
              .resource = id,
              .data = fmt::format(R"("name":"Villa","units":{},"inventory":"counter")", units),
              .time = time}
             .text() +
         "\n";
}
std::string booking(const std::string& id, const std::string& resource) {
  return Line{.id = id,
              .type = "CreateBooking",
              .resource = resource,
              .data = R"("status":"confirmed","customer":{"name":"Siti","phone":"0811222333"})"}
             .text() +
         "\n";
}

class Serve : public ::testing::Test {
 protected:
  std::unique_ptr<Program> serve(const Arguments& more = {}) {
    Arguments words{"serve"};
    words.insert(words.end(), more.begin(), more.end());
    auto program = std::make_unique<Program>(files_.on(words));
    EXPECT_TRUE(program->wait_for_err("ready", seconds{60})) << program->err();
    return program;
  }
  std::vector<std::string> apply(const std::string& input) {
    const Outcome outcome = run(files_.on({"apply"}), input);
    EXPECT_EQ(outcome.exit_code, 0) << outcome;
    return words_of(outcome.lines());
  }
  Outcome topics(const Arguments& words) { return run(files_.on_log(words)); }

  Files files_;
};

TEST_F(Serve, LetsApplyShowAndVerifyWorkOnTheSameFilesMeanwhile) {
  const auto server = serve();
  apply(room("villa", 500));
  std::vector<std::unique_ptr<Program>> callers;
  for (int caller = 0; caller < 3; ++caller) {
    std::string input;
    for (int i = 0; i < 400; ++i) input += booking(fmt::format("{}-{}", caller, i), "villa");
    const std::string file = files_.folder / fmt::format("caller{}", caller);
    write_file(file, input);
    callers.push_back(std::make_unique<Program>(files_.on({"apply", file})));
  }
  int looks = 0;
  const auto working = [&] {
    return std::any_of(callers.begin(), callers.end(), [](auto& c) { return c->running(); });
  };
  for (bool once_more = true; once_more; ++looks) {
    once_more = working();
    const Outcome shown = run(files_.on({"show", "rooms", "--json"}));
    EXPECT_EQ(shown.exit_code, 0) << shown;
    ASSERT_EQ(shown.lines().size(), 1U) << shown;
    const auto row = boost::json::parse(shown.lines()[0]).as_object();
    EXPECT_EQ(row.at("available_units").as_int64(), 500 - row.at("active_bookings").as_int64());
    const Outcome verified = run(files_.on({"verify"}));
    EXPECT_EQ(verified.exit_code, 0) << verified;
  }
  EXPECT_GE(looks, 1);
  for (const auto& caller : callers) {
    const Outcome outcome = caller->wait();
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.lines().size(), 400U);
  }
  EXPECT_EQ(number_of(files_.store, "SELECT active_bookings FROM room_availability"), 500);
  EXPECT_EQ(number_of(files_.store, "SELECT bookings FROM customer"), 500);
  EXPECT_TRUE(server->running()) << server->err();
}

TEST_F(Serve, StopsCleanlyOnSigtermAndOnSigint) {
  for (const int signal : {SIGTERM, SIGINT}) {
    const auto server = serve();
    apply(room(fmt::format("r{}", signal), 1));
    server->signal(signal);
    ASSERT_TRUE(ends(*server, seconds{10})) << server->err();
    const Outcome outcome = server->wait();
    EXPECT_EQ(outcome.exit_code, 0) << outcome;
    EXPECT_THAT(outcome.err, HasSubstr("stopped; 1 commands decided"));
    EXPECT_EQ(outcome.out, "");
  }
}

TEST_F(Serve, SaysOnWhatItRuns) {
  const auto server = serve({"--partitions", "3"});
  EXPECT_THAT(server->err(), HasSubstr(files_.log));
  EXPECT_THAT(server->err(), HasSubstr(files_.store));
  EXPECT_THAT(server->err(), HasSubstr("3 partitions"));
}

TEST_F(Serve, StandsByWhereAnotherOneServesAndTakesOverWhenThatEnds) {
  const auto server = serve();
  const std::string link = files_.folder / "link.db";  // the same log by another name
  std::filesystem::create_symlink(files_.log, link);
  Program second({"serve", "--log", "sqlite:" + link, "--store", "sqlite:" + files_.store});
  ASSERT_TRUE(second.wait_for_err("standing by")) << second.err();
  EXPECT_THAT(apply(room("villa", 5) + booking("b1", "villa")),
              ElementsAre("accepted", "accepted"));
  EXPECT_TRUE(server->running());
  server->signal(SIGTERM);
  EXPECT_EQ(server->wait().exit_code, 0);
  ASSERT_TRUE(second.wait_for_err("ready")) << second.err();
  EXPECT_THAT(apply(booking("b2", "villa")), ElementsAre("accepted"));
  second.signal(SIGTERM);
  const Outcome outcome = second.wait();
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_THAT(outcome.err + server->err(), ::testing::Not(HasSubstr("conflict")));
}

TEST_F(Serve, WaitsForAnApplyToEndAndServesThen) {
  Program caller(files_.on({"apply"}));
  caller.send(room("villa", 2));
  ASSERT_TRUE(line_of(caller, 0)) << caller.err();
  Program server(files_.on({"serve"}));
  ASSERT_TRUE(server.wait_for_err("engine: another process runs it")) << server.err();
  EXPECT_EQ(caller.wait().exit_code, 0);
  EXPECT_TRUE(server.wait_for_err("ready")) << server.err();
}

TEST_F(Serve, ASecondRegistryStandsByAndNeitherIsFenced) {
  const auto server = serve();
  Program registry(files_.on({"registry"}));
  ASSERT_TRUE(registry.wait_for_err("registry: another process runs it")) << registry.err();
  std::string input = room("villa", 50);
  for (int i = 0; i < 12; ++i) input += booking(fmt::format("b{}", i), "villa");
  EXPECT_EQ(apply(input).size(), 13U);
  EXPECT_EQ(number_of(files_.store, "SELECT bookings FROM customer"), 12);
  EXPECT_THAT(server->err() + registry.err(), ::testing::Not(HasSubstr("newer writer")));
}

TEST_F(Serve, ApplyRunsWhatAnEngineAloneDoesNot) {
  Program engine(files_.on({"engine"}));
  ASSERT_TRUE(engine.wait_for_err("ready")) << engine.err();
  EXPECT_THAT(apply(room("villa", 2) + booking("b1", "villa")),
              ElementsAre("accepted", "accepted"));
  EXPECT_EQ(number_of(files_.store, "SELECT active_bookings FROM room_availability"), 1);
  EXPECT_EQ(number_of(files_.store, "SELECT bookings FROM customer"), 1);
}

TEST_F(Serve, ApplyProjectsIntoItsOwnStoreWhereAServerHasAnother) {
  Program server({"serve", "--log", "sqlite:" + files_.log, "--store",
                  "sqlite:" + (files_.folder / "other.db")});
  ASSERT_TRUE(server.wait_for_err("ready")) << server.err();
  EXPECT_THAT(apply(room("villa", 2) + booking("b1", "villa")),
              ElementsAre("accepted", "accepted"));
  EXPECT_EQ(number_of(files_.store, "SELECT active_bookings FROM room_availability"), 1);
}

TEST_F(Serve, WhenItIsKilledApplyTakesOver) {
  const auto server = serve();
  Program caller(files_.on({"apply"}));
  caller.send(room("villa", 2));
  ASSERT_TRUE(line_of(caller, 0)) << caller.err();
  server->signal(SIGKILL);
  ASSERT_TRUE(ends(*server));
  caller.send(booking("b1", "villa"));
  const auto answer = line_of(caller, 1, seconds{20});
  ASSERT_TRUE(answer) << caller.err();
  EXPECT_EQ(word_of(*answer), "accepted");
  EXPECT_EQ(caller.wait().exit_code, 0);
  const auto next = serve();
  EXPECT_THAT(apply(booking("b1", "villa") + booking("b2", "villa") + booking("b3", "villa")),
              ElementsAre("duplicate accepted", "accepted", "capacity_exceeded"));
  EXPECT_EQ(run(files_.on({"verify"})).exit_code, 0);
}

TEST_F(Serve, GoesOnWithWhatApplyLeftUndone) {
  write_file(files_.folder / "many", [] {
    std::string text = room("villa", 30);
    for (int i = 0; i < 3000; ++i) text += booking(fmt::format("b{}", i), "villa");
    return text;
  }());
  Program caller(files_.on({"apply", "--batch", "20", files_.folder / "many"}));
  for (int i = 0; i < 30'000; ++i) {
    if (number_of(files_.log, "SELECT COUNT(*) FROM results") > 100) break;
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  caller.signal(SIGKILL);
  ASSERT_TRUE(ends(caller));
  const auto appended = number_of(files_.log, "SELECT COUNT(*) FROM commands");
  ASSERT_GT(appended, 100);
  const auto server = serve();
  apply(room("hut", 1));  // the last in line is answered: so is all before it
  EXPECT_EQ(number_of(files_.log, "SELECT COUNT(*) FROM results"), appended + 1);
  EXPECT_EQ(run(files_.on({"verify"})).exit_code, 0);
}

TEST_F(Serve, ALogIsMadeOnceAndMakingItAgainIsHarmless) {
  EXPECT_EQ(topics({"topics", "create", "--partitions", "4"}).exit_code, 0);
  const auto id = rows_of(files_.log, "SELECT log_id FROM log_info");
  const Outcome again = topics({"topics", "create", "--partitions", "4"});
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_THAT(again.err, HasSubstr("is there already"));
  EXPECT_EQ(rows_of(files_.log, "SELECT log_id FROM log_info"), id);
  EXPECT_EQ(topics({"topics", "create", "--partitions", "5"}).exit_code, 2);
  EXPECT_EQ(topics({"topics", "create", "--partitions", "4", "--clock", "command"}).exit_code, 2);
  EXPECT_THAT(apply(room("villa", 1)), ElementsAre("accepted"));
}

TEST_F(Serve, ABackfillEndsOnce) {
  EXPECT_EQ(topics({"topics", "create", "--clock", "command"}).exit_code, 0);
  const Outcome old = run(files_.on({"apply"}), room("villa", 1, "2020-02-02T00:00:00Z"));
  EXPECT_THAT(old.out, HasSubstr(R"("time":"2020-02-02T00:00:00.000Z")"));
  {
    const auto server = serve();
    const Outcome refused = topics({"topics", "end-backfill"});
    EXPECT_EQ(refused.exit_code, 3);
    EXPECT_THAT(refused.err, HasSubstr("stop it first"));
  }
  EXPECT_EQ(topics({"topics", "end-backfill"}).exit_code, 0);
  const Outcome again = topics({"topics", "end-backfill"});
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_THAT(again.err, HasSubstr("already"));
  EXPECT_EQ(number_of(files_.log,
                      "SELECT COUNT(*) FROM events WHERE CAST(value AS TEXT) LIKE "
                      "'%ClockSwitched%'"),
            1);
  const Outcome second = run(files_.on({"apply", "--clock", "command"}), room("hut", 1));
  EXPECT_EQ(second.exit_code, 2);
  EXPECT_THAT(second.err, HasSubstr("this log follows the clock `append`, not `command`"));
  EXPECT_EQ(topics({"topics", "create", "--clock", "command"}).exit_code, 2);
  const Outcome now =
      run(files_.on({"apply", "--clock", "append"}), room("hut", 1, "2020-03-03T00:00:00Z"));
  EXPECT_THAT(words_of(now.lines()), ElementsAre("accepted"));
  EXPECT_THAT(now.out, ::testing::Not(HasSubstr(R"("time":"2020-)")));
  EXPECT_EQ(run(files_.on({"verify"})).exit_code, 0);
}

}  // namespace
}  // namespace pesan::e2e
