// Where options come from besides the command line: a TOML file, the environment.
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/stored.hpp"

namespace pesan::e2e {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class Config : public ::testing::Test {
 protected:
  /// Applies a room with these options in the file; where they name no place it is ours.
  Outcome with(const std::string& toml, const Environment& environment = {}) const {
    write_file(file_, toml);
    return run({"--config", file_, "apply"}, room_, environment);
  }
  std::string path(const std::string& name) const { return files_.folder / name; }
  /// Lines that say where log and read models are.
  std::string places(const std::string& log) const {
    return "log = \"sqlite:" + path(log) + "\"\nstore = \"sqlite:" + path("r.db") + "\"\n";
  }
  bool there(const std::string& name) const { return fs::exists(path(name)); }

  Files files_;
  const std::string file_ = files_.folder / "pesan.toml";
  const std::string room_ = Line{.id = "c1",
                                 .type = "DefineRoom",
                                 .resource = "villa",
                                 .data = R"("name":"Villa","units":9,"inventory":"counter")"}
                                .text() +
                            "\n";
};

TEST_F(Config, AHashInAQuotedValueIsAPartOfIt) {
  const Outcome outcome = with("[apply]  # a comment\n" + places("log#1.db"));
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_TRUE(there("log#1.db"));
}

TEST_F(Config, AByteOrderMarkAtTheBeginningIsPassedOver) {
  EXPECT_EQ(with("\xEF\xBB\xBF[apply]\n" + places("b.db")).exit_code, 0);
  EXPECT_TRUE(there("b.db"));
}

TEST_F(Config, EscapesAndLiteralStringsAreReadAsTomlHasThem) {
  EXPECT_EQ(with("[apply]\n" + places("\\u0063.db")).exit_code, 0);
  EXPECT_TRUE(there("c.db"));
  const std::string literal = "[apply]\nlog = 'sqlite:" + path("d\\u0063.db") +
                              "'\nstore = 'sqlite:" + path("s.db") + "'\n";
  EXPECT_EQ(with(literal).exit_code, 0);
  EXPECT_TRUE(there("d\\u0063.db"));
}

TEST_F(Config, ValuesOfEveryKindReachTheirOptions) {
  const Outcome outcome = with("log-level = \"error\"\n[apply]\n" + places("l.db") +
                               "quiet = true\npartitions = 3\npark = []\n");
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(with("[apply]\n" + places("l.db") + "park = [\"0-7\", \"2-9\"]\n").err,
              HasSubstr("--park 0-7: there is no such command yet"));
}

TEST_F(Config, TablesOfSubcommandsOfSubcommandsAreDotted) {
  write_file(file_, "[topics.create]\npartitions = 4\nlog = 'sqlite:" + path("l.db") + "'\n");
  const Outcome outcome = run({"--config", file_, "topics", "create"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_THAT(outcome.out + outcome.err, HasSubstr("4 partition(s)"));
}

TEST_F(Config, WhatNobodyReadsIsRefusedWithItsLine) {
  EXPECT_THAT(with("\n[show]\nlimt = 1\n").err,
              HasSubstr("the configuration file, line 3, column 1: `show` has no option `limt`"));
  EXPECT_THAT(with("[aply]\nquiet = true\n").err, HasSubstr("there is no subcommand `aply`"));
  EXPECT_THAT(with("log = \"sqlite:x.db\"\n").err,
              HasSubstr("stands under its [name], such as [apply]"));
  EXPECT_THAT(with("[apply]\nlog = \"sqlite:x.db\n").err, HasSubstr("line 2"));
  EXPECT_EQ(with("[apply]\nlog = {}\n").exit_code, 2);
}

TEST_F(Config, TheCommandLineComesBeforeTheEnvironmentAndThatBeforeTheFile) {
  const Environment environment = {{"PESAN_STORE", "sqlite:" + path("e.read")},
                                   {"PESAN_LOG", "sqlite:" + path("e.db")}};
  write_file(file_, "[apply]\n" + places("f.db") + "quiet = true\n");
  const Arguments words{"--config", file_, "apply", "--log", "sqlite:" + path("typed.db")};
  const Outcome outcome = run(words, room_, environment);
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_EQ(outcome.out, "");
  EXPECT_TRUE(there("typed.db") && there("e.read"));
  EXPECT_FALSE(there("e.db") || there("f.db") || there("r.db"));
}

TEST_F(Config, ALastNewlineInTheEnvironmentIsNoPartOfTheValueAndIsSaid) {
  const Environment environment = {{"PESAN_LOG", "sqlite:" + path("d.db") + "\n"},
                                   {"PESAN_STORE", "sqlite:" + path("d.read") + "\r\n"}};
  const Outcome outcome = run({"apply"}, room_, environment);
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_TRUE(there("d.db"));
  EXPECT_TRUE(there("d.read"));
  EXPECT_THAT(outcome.err, HasSubstr("the value of PESAN_LOG ends with a newline"));
}

}  // namespace
}  // namespace pesan::e2e
