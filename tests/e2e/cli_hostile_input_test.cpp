// What careless or hostile users give the program: lines without end, names that forge log lines,
// options that name nothing or the wrong file.
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/stored.hpp"

namespace pesan::e2e {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class HostileInput : public ::testing::Test {
 protected:
  Outcome apply(const std::string& input, Arguments words = {}) const {
    words.insert(words.begin(), "apply");
    return run(files_.on(words), input);
  }
  Files files_;
  const std::string room_ = Line{.id = "c1",
                                 .type = "DefineRoom",
                                 .resource = "villa",
                                 .data = R"("name":"Villa","units":9,"inventory":"counter")"}
                                .text() +
                            "\n";
  static std::string booking(const std::string& name, const std::string& phone) {
    return Line{.id = "b1",
                .type = "CreateBooking",
                .resource = "villa",
                .data = fmt::format(R"("customer":{{"name":"{}","phone":"{}"}})", name, phone)}
               .text() +
           "\n";
  }
};

TEST_F(HostileInput, ALineOfMoreThanTwoMiBIsMalformedAndTheNextOnesAreAnswered) {
  const std::string spaces(std::size_t{3} << 20, ' ');
  std::string padded = room_;
  padded.insert(padded.size() - 1, spaces);
  const Outcome outcome = apply(padded + room_ + spaces);
  EXPECT_THAT(words_of(outcome.lines()), ElementsAre("malformed", "accepted", "malformed"));
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(number_of(files_.log, "SELECT max(length(value)) FROM commands"), 2 << 20);
}

TEST_F(HostileInput, ResultsDoNotWriteOverTheCommandsTheyAnswer) {
  const std::string commands = files_.folder / "c.jsonl";
  write_file(commands, room_);
  const Outcome outcome = run(files_.on({"apply", commands, "--results", commands}));
  EXPECT_EQ(outcome.exit_code, 2) << outcome;
  EXPECT_EQ(read_file(commands), room_);
  EXPECT_EQ(apply(room_, {"--results", files_.log}).exit_code, 2);
}

TEST_F(HostileInput, ResultsOfAFormerRunStayWhereThisOneCannotBegin) {
  const std::string results = files_.folder / "r.jsonl";
  write_file(results, "earlier\n");
  write_file(files_.log, "no log at all, but long enough to be looked at as one");
  EXPECT_EQ(apply(room_, {"--results", results}).exit_code, 3);
  EXPECT_EQ(read_file(results), "earlier\n");
}

TEST_F(HostileInput, AUrlThatThisProgramDoesNotKnowIsWrongUsage) {
  for (const char* command : {"apply", "serve", "verify", "rebuild"}) {
    EXPECT_EQ(run({command, "--log", "amqp://localhost"}).exit_code, 2) << command;
    EXPECT_EQ(run({command, "--store", "postgres://a@b/c"}).exit_code, 2) << command;
  }
  EXPECT_EQ(run({"dead-letters", "list", "--log", "amqp://localhost"}).exit_code, 2);
}

TEST_F(HostileInput, AConfigFileThatSaysWhatNobodyReadsIsWrongUsage) {
  const std::string config = files_.folder / "pesan.toml";
  for (const char* text : {"nosuch = 1", "[show]\nlimt = 1", "log = \"sqlite:elsewhere/log.db\""}) {
    write_file(config, text);
    EXPECT_EQ(run(files_.on({"--config", config, "show", "events"})).exit_code, 2) << text;
  }
  write_file(config, "[apply]\nquiet = true\n");
  const Outcome outcome = run(files_.on({"--config", config, "apply"}), room_);
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_EQ(outcome.out, "");
}

TEST_F(HostileInput, ALimitBelowNoneIsWrongUsage) {
  apply(room_);
  for (const char* command : {"show", "verify", "rebuild"}) {
    Arguments words{command};
    if (words.front() == "show") words.emplace_back("rooms");
    words.insert(words.end(), {"--limit", "-1"});
    EXPECT_EQ(run(files_.on(words)).exit_code, 2) << command;
  }
}

TEST_F(HostileInput, ParkRefusesWhatNamesNoCommandInTheLog) {
  apply(room_);
  for (const char* nonsense : {"5-1", "0--3", "-1-0", "0-2", "0-1"}) {
    EXPECT_EQ(apply("", {"--park", nonsense}).exit_code, 2) << nonsense;
  }
  const Outcome decided = apply("", {"--park", "0-0"});
  EXPECT_EQ(decided.exit_code, 0) << decided;
  EXPECT_THAT(decided.err, HasSubstr("--park 0-0 has no effect: that command is decided"));
}

TEST_F(HostileInput, ANameForgesNoLogLineAndAPhoneShowsItsLastThreeDigits) {
  const Outcome outcome = run(
      files_.on({"--log-level", "info", "apply"}),
      room_ + booking("Eve\\n2026-01-01 00:00:00.000 error engine stopped\\u001b[2K", "0812345"));
  EXPECT_THAT(outcome.err, HasSubstr("(****345)"));
  EXPECT_THAT(outcome.err, Not(HasSubstr("\n2026-01-01 00:00:00.000")));
  EXPECT_THAT(outcome.err, Not(HasSubstr("\x1b[2K")));
}

}  // namespace
}  // namespace pesan::e2e
