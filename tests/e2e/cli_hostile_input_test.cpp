// What careless or hostile users give the program: lines without end, names that forge log lines,
// options that name nothing or the wrong file.
#include <csignal>
#include <string>
#include <vector>

#include <boost/json.hpp>
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

TEST_F(HostileInput, ParkTakesOneCommandAndLeavesTheFileBehindIt) {
  apply(room_);
  const std::string file = files_.folder / "again.jsonl";
  write_file(file, room_);
  const Outcome again = run(files_.on({"apply", "--park", "0-0", file}));
  EXPECT_EQ(again.exit_code, 0) << again;
  EXPECT_THAT(again.out, HasSubstr("\"duplicate\":true"));
}

TEST_F(HostileInput, ANameForgesNoLogLineAndAPhoneShowsItsLastThreeDigits) {
  const Outcome outcome = run(
      files_.on({"--log-level", "info", "apply"}),
      room_ + booking("Eve\\n2026-01-01 00:00:00.000 error engine stopped\\u001b[2K", "0812345"));
  EXPECT_THAT(outcome.err, HasSubstr("(****345)"));
  EXPECT_THAT(outcome.err, Not(HasSubstr("\n2026-01-01 00:00:00.000")));
  EXPECT_THAT(outcome.err, Not(HasSubstr("\x1b[2K")));
}

TEST_F(HostileInput, ASecretForKafkaComesFromAFileWithoutItsLastNewline) {
  const std::string secret = files_.folder / "secret";
  write_file(secret, "nonsense\n");
  const auto create = [](const std::string& property) {
    return run({"topics", "create", "--log", "kafka://127.0.0.1:1", "--kafka-property", property});
  };
  EXPECT_THAT(create("security.protocol=@" + secret).err,
              HasSubstr("Invalid value \"nonsense\" for configuration property"));
  const Outcome at = create("security.protocol=@@x");
  EXPECT_EQ(at.exit_code, 2) << at;
  EXPECT_THAT(at.err, HasSubstr("Invalid value \"@x\""));
  const Outcome missing = create("sasl.password=@" + secret + ".gone");
  EXPECT_EQ(missing.exit_code, 2) << missing;
  EXPECT_THAT(missing.err, HasSubstr("cannot read " + secret + ".gone: No such file"));
}

TEST_F(HostileInput, ALogIdThatWouldLeadOutOfAFolderIsRefused) {
  apply(room_);
  for (const char* id : {"..", ".", "a/b", "", "a\nb"}) {
    change_file(files_.log, fmt::format("UPDATE log_info SET log_id = '{}'", id));
    const Outcome outcome = run(files_.on_log({"show", "rooms", "--as-of", "0:0"}));
    EXPECT_EQ(outcome.exit_code, 3) << outcome;
    EXPECT_THAT(outcome.err, HasSubstr("a log's id has 1 to 64 letters, digits, - and _"));
  }
}

TEST_F(HostileInput, LinesOfAJsonLogAreJsonWhateverBytesAreInThem) {
  const std::string log = files_.folder / "a\xff\"b.db";
  const auto expect_json = [](const std::string& text) {
    for (const auto& line : lines_of(text)) {
      boost::system::error_code error;
      boost::json::parse(line, error);
      EXPECT_FALSE(error) << line;
    }
  };
  Program server({"--log-format", "json", "serve", "--log", "sqlite:" + log, "--store",
                  "sqlite:" + files_.store});
  ASSERT_TRUE(server.wait_for_err("ready")) << server.err();
  server.signal(SIGTERM);
  expect_json(server.wait().err);
  const Outcome gone = run({"--log-format", "json", "verify", "--log", "sqlite:" + log + ".gone"});
  EXPECT_EQ(gone.exit_code, 3);
  EXPECT_THAT(gone.err, HasSubstr("there is no log at"));
  expect_json(gone.err);
}

}  // namespace
}  // namespace pesan::e2e
