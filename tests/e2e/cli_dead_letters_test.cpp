// `pesan dead-letters`: what could not be read is kept, shown and handed in again byte by byte.
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/small_business.hpp"

namespace pesan::e2e {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class DeadLetters : public ::testing::Test {
 protected:
  Outcome letters(Arguments words) const {
    words.insert(words.begin(), "dead-letters");
    return files_.pesan_on_log(words);
  }
  std::vector<json::object> list() const {
    const Outcome outcome = letters({"list", "--json"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome;
    std::vector<json::object> result;
    for (const auto& line : outcome.lines()) result.push_back(json::parse(line).as_object());
    return result;
  }
  /// A command of its own: whatever was handed in before it is decided once it is answered.
  void let_the_engine_run() {
    const std::string id = "more" + std::to_string(++commands_);
    const Outcome outcome = run(files_.files.on({"apply"}),
                                Line{.id = id,
                                     .type = "DefineRoom",
                                     .resource = id,
                                     .data = R"("name":"More","units":1,"inventory":"counter")"}
                                        .text() +
                                    "\n");
    EXPECT_EQ(outcome.exit_code, 0) << outcome;
  }
  void apply(const std::string& input) { run(files_.files.on({"apply", "--quiet"}), input); }

  SmallBusiness files_;
  int commands_ = 0;
};

TEST_F(DeadLetters, AreListedWithReasonOriginAndFirstCharacters) {
  const auto all = list();
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0].at("partition"), 0);
  EXPECT_EQ(all[0].at("offset"), 0);
  EXPECT_EQ(all[0].at("reason"), "malformed");
  EXPECT_EQ(all[0].at("origin"), "0-10");
  EXPECT_EQ(all[0].at("key"), nullptr);
  EXPECT_EQ(all[0].at("bytes"), 13);
  EXPECT_EQ(all[0].at("beginning"), "not a command");
  const Outcome table = letters({"list"});
  EXPECT_EQ(table.exit_code, 0);
  EXPECT_THAT(table.lines().at(2), HasSubstr("malformed  0-10       13  not a command"));
}

TEST_F(DeadLetters, BytesThatAreNoTextAreShownHarmlesslyAndKeptWhole) {
  const std::string bytes = "\xff\x01{\xe6\xbc";
  apply(bytes + "\n");
  ASSERT_THAT(list(), SizeIs(2));
  EXPECT_EQ(list()[1].at("beginning"), "\xEF\xBF\xBD\x01{\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_THAT(letters({"list"}).out, HasSubstr("␁{"));
  EXPECT_EQ(letters({"print", "1"}).out, bytes);
}

TEST_F(DeadLetters, ThatAreStillUnreadableLeaveAnotherOne) {
  const Outcome outcome = letters({"redrive", "--offset", "0"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_EQ(outcome.out, "dead letter 0 is command 0-11\n");
  let_the_engine_run();
  const auto all = list();
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[1].at("origin"), "0-11");
  EXPECT_EQ(all[1].at("beginning"), "not a command");
  const auto letter =
      rows_of(files_.files.log, "SELECT headers FROM dead_letters WHERE record_id = 1");
  const std::string headers(letter.at(0).at("headers").as_string());
  EXPECT_NE(headers.find("pesan-origin"), std::string::npos);
  EXPECT_EQ(headers.find("pesan-origin"), headers.rfind("pesan-origin")) << "the old one is gone";
  EXPECT_EQ(files_.pesan({"verify"}).exit_code, 0);
}

TEST_F(DeadLetters, AllOfThemAreHandedInEqualOnesOnce) {
  apply("broken\nnot a command\nbroken\n");
  ASSERT_THAT(list(), SizeIs(4));
  const Outcome outcome = letters({"redrive", "--all"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_THAT(outcome.lines(), SizeIs(2));
  let_the_engine_run();
  EXPECT_THAT(list(), SizeIs(6));
}

TEST_F(DeadLetters, AMendedOneIsDecided) {
  const std::string mended = files_.files.folder / "mended.json";
  write_file(mended, Line{.id = "m1",
                          .type = "DefineRoom",
                          .resource = "mended",
                          .data = R"("name":"Mended","units":1,"inventory":"counter")"}
                             .text() +
                         "\n");
  const Outcome outcome = letters({"redrive", "--offset", "0", "--file", mended});
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  let_the_engine_run();
  EXPECT_THAT(files_.pesan({"show", "rooms"}).out, HasSubstr("Mended"));
  EXPECT_THAT(list(), SizeIs(1));
}

TEST_F(DeadLetters, AnUnknownTypeGoesBackToThePartitionOfItsResource) {
  const Files files;
  std::string input;
  for (int i = 0; i < 6; ++i) {
    input +=
        Line{.id = "x", .type = "Dance", .resource = "room-" + std::to_string(i)}.text() + "\n";
  }
  run(files.on({"apply", "--partitions", "3"}), input);
  ASSERT_EQ(number_of(files.log, "SELECT count(*) FROM dead_letters"), 6);
  const auto placed = [&] {
    return rows_of(
        files.log,
        "SELECT key, min(record_id >> 40) AS low, max(record_id >> 40) AS high, count(*) AS n "
        "FROM commands GROUP BY key");
  };
  ASSERT_THAT(placed(), SizeIs(6));
  ASSERT_EQ(run(files.on_log({"dead-letters", "redrive", "--all"})).exit_code, 0);
  for (const Row& row : placed()) {
    EXPECT_EQ(row.at("n"), 2);
    EXPECT_EQ(row.at("low"), row.at("high")) << json::serialize(row);
  }
}

TEST_F(DeadLetters, WrongQuestionsAreWrongUsage) {
  EXPECT_EQ(letters({}).exit_code, 2);
  EXPECT_EQ(letters({"redrive"}).exit_code, 2);
  EXPECT_EQ(letters({"redrive", "--all", "--offset", "0"}).exit_code, 2);
  EXPECT_EQ(letters({"redrive", "--all", "--file", "x"}).exit_code, 2);
  EXPECT_EQ(letters({"redrive", "--offset", "-1"}).exit_code, 2);
  const Outcome none = letters({"redrive", "--offset", "7"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_THAT(none.err, HasSubstr("there is no dead letter 7"));
  EXPECT_EQ(letters({"redrive", "--offset", "0", "--file", "/nowhere"}).exit_code, 3);
}

TEST_F(DeadLetters, AMendedOneGetsTheKeyOfItsResource) {
  const std::string mended = files_.files.folder / "mended.json";
  write_file(mended, Line{.id = "m-1",
                          .type = "DefineRoom",
                          .resource = "mended",
                          .data = R"("name":"M","units":1,"inventory":"counter")"}
                         .text());
  EXPECT_EQ(letters({"redrive", "--offset", "0", "--file", mended}).exit_code, 0);
  EXPECT_EQ(number_of(files_.files.log,
                      "SELECT count(*) FROM commands WHERE CAST(key AS TEXT) = 'mended'"),
            1);
}

}  // namespace
}  // namespace pesan::e2e
