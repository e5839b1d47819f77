// `pesan apply` as its users meet it: a file or a pipe of lines goes in, one result a line comes
// out.
#include <csignal>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "tests/e2e/stored.hpp"

namespace pesan::e2e {
namespace {

namespace json = boost::json;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string john = R"("customer":{"name":"John Doe","phone":"08123456789"})";

std::string room(const std::string& id, const std::string& resource, int units = 1) {
  return Line{.id = id,
              .type = "DefineRoom",
              .resource = resource,
              .data = fmt::format(R"("name":"Villa","units":{},"inventory":"counter")", units)}
      .text();
}
std::string booking(const std::string& id, const std::string& resource,
                    const std::string& more = "") {
  return Line{.id = id,
              .type = "CreateBooking",
              .resource = resource,
              .data = R"("status":"confirmed",)" + john + more}
      .text();
}
std::string check_in(const std::string& id, const std::string& booking) {
  return Line{.id = id,
              .type = "CheckIn",
              .resource = booking.substr(0, booking.find('.')),
              .data = fmt::format(R"("booking_id":"{}")", booking)}
      .text();
}

/// What a result says, without what says that it is a repeat and when that was.
json::object outcome_of(const std::string& result) {
  json::object data = json::parse(result).at("data").as_object();
  data.erase("duplicate");
  return data;
}

std::string text_of(const json::value& value) { return std::string(value.as_string()); }

/// Everything that a file of commands may hold, and what must come of each line.
const std::vector<std::pair<std::string, std::string>> mixed{
    {room("c1", "villa"), "accepted"},
    {booking("c2", "villa", R"(,"check_in":"2030-12-01","check_out":"2030-12-03")"), "accepted"},
    {booking("c2", "villa", R"(,"check_in":"2030-12-01","check_out":"2030-12-03")"),
     "duplicate accepted"},
    {booking("c2", "villa"), "idempotency_conflict"},
    {"", "malformed"},
    {"no JSON at all", "malformed"},
    {booking("c3", "villa").substr(0, 60), "malformed"},
    {"{\"specversion\":\"1.0\",\"id\":\"\xff\",\"source\":\"s\",\"type\":\"CheckIn\",\"data\":{}}",
     "malformed"},
    {R"({"specversion":"1.0","id":"c4","source":"s","type":"BookNow","data":{"resource":"villa"}})",
     "unknown_type"},
    {R"({"specversion":"1.0","id":"c5","source":"s","type":"CheckIn","data":{"resource":7}})",
     "invalid_field"},
    {booking("c6", "villa", R"(,"party_size":0)"), "invalid_field"},
    {booking("c7", "villa"), "capacity_exceeded"},
    {check_in("c8", "villa.2"), "booking_not_found"},
    {check_in("c9", "villa.1"), "accepted"},
    {Line{.id = "c10",
          .type = "RecordPayment",
          .resource = "villa",
          .data = R"("booking_id":"villa.1","status":"unpaid")"}
         .text(),
     "nothing"},
};
constexpr std::size_t never_remembered[] = {3, 4, 5, 6, 7, 8, 9};

std::string text_of(const std::vector<std::pair<std::string, std::string>>& lines) {
  std::string text;
  for (const auto& [line, word] : lines) text += line + "\n";
  text.pop_back();  // the last line needs no newline
  return text;
}

class Apply : public ::testing::Test {
 protected:
  std::string file(const std::string& text, const std::string& name = "commands.jsonl") {
    write_file(files_.folder / name, text);
    return files_.folder / name;
  }
  Outcome apply(const std::string& input, const Arguments& more = {}) {
    Arguments words{"apply"};
    words.insert(words.end(), more.begin(), more.end());
    return run(files_.on(words), input);
  }

  Files files_;
};

TEST_F(Apply, PrintsOneResultALineInTheOrderOfTheLines) {
  const Outcome outcome = run(files_.on({"apply", file(text_of(mixed))}));
  EXPECT_EQ(outcome.exit_code, 1) << outcome;
  const auto results = outcome.lines();
  ASSERT_EQ(results.size(), mixed.size()) << outcome;
  for (std::size_t i = 0; i < mixed.size(); ++i) {
    EXPECT_EQ(word_of(results[i]), mixed[i].second) << mixed[i].first << "\n" << results[i];
  }
  EXPECT_EQ(outcome_of(results[2]), outcome_of(results[1]));
  EXPECT_EQ(number_of(files_.log, "SELECT COUNT(*) FROM dead_letters"), 5);
  EXPECT_EQ(run(files_.on({"verify"})).exit_code, 0);
}

TEST_F(Apply, AgainOnTheSameFileGivesTheSameOutcomesAndChangesNoRow) {
  const Arguments words = files_.on({"apply", file(text_of(mixed))});
  const auto first = run(words).lines();
  const auto rows = all_rows(files_.store);
  const auto events = number_of(files_.log, "SELECT COUNT(*) FROM events");
  ASSERT_EQ(first.size(), mixed.size());
  for (int round = 0; round < 2; ++round) {
    const Outcome again = run(words);
    EXPECT_EQ(again.exit_code, 1);
    const auto second = again.lines();
    ASSERT_EQ(second.size(), mixed.size()) << again;
    for (std::size_t i = 0; i < mixed.size(); ++i) {
      SCOPED_TRACE(fmt::format("line {}: {}", i + 1, second[i]));
      const auto* end = std::end(never_remembered);
      if (std::find(std::begin(never_remembered), end, i) != end) {
        EXPECT_EQ(word_of(second[i]), word_of(first[i]));
      } else {
        EXPECT_EQ(outcome_of(second[i]), outcome_of(first[i]));
        EXPECT_TRUE(word_of(second[i]).starts_with("duplicate "));
      }
    }
  }
  EXPECT_EQ(all_rows(files_.store), rows);
  EXPECT_EQ(number_of(files_.log, "SELECT COUNT(*) FROM events"), events);
}

TEST_F(Apply, ABookingAskedForAgainIsNotWaitedForAsIfItWereNew) {
  for (const char* partitions : {"1", "3"}) {
    Files files;
    std::string input;
    for (const char* id : {"villa", "hut", "barn"}) {
      input += room(fmt::format("define-{}", id), id) + "\n" + booking(id, id) + "\n";
    }
    const Arguments words = files.on({"apply", "--partitions", partitions});
    run(words, input);
    Program again(words);
    again.send(input);
    again.close_input();
    EXPECT_TRUE(ends(again, seconds{30})) << again.err();
  }
}

TEST_F(Apply, EndsWithOneOnlyWhereALineWasMalformed) {
  EXPECT_EQ(apply(room("c1", "villa") + "\n" + booking("c2", "hut")).exit_code, 0);
  EXPECT_EQ(apply("{}\n" + booking("c3", "villa")).exit_code, 1);
  EXPECT_EQ(apply("").exit_code, 0);
}

TEST_F(Apply, BesideRowsThatWereFoldedFromAnotherLogFails) {
  const std::string lines = room("c1", "villa") + "\n" + booking("c2", "villa");
  ASSERT_EQ(apply(lines).exit_code, 0);
  for (const char* part : {"", "-wal", "-shm"}) std::filesystem::remove(files_.log + part);
  const Outcome outcome = apply(lines);
  EXPECT_EQ(outcome.exit_code, 3) << outcome;
  EXPECT_THAT(outcome.err, HasSubstr("pesan rebuild --replace"));
}

TEST_F(Apply, WritesResultsToAFileAndPrintsNoneWhenQuiet) {
  const std::string input = room("c1", "villa") + "\n" + booking("c2", "villa") + "\n";
  const std::string results = files_.folder / "results.jsonl";
  const Outcome both = apply(input, {"--results", results});
  EXPECT_EQ(both.out, read_file(results));
  EXPECT_THAT(words_of(both.lines()), ElementsAre("accepted", "accepted"));
  const Outcome quiet = apply(input, {"--results", results, "--quiet"});
  EXPECT_EQ(quiet.out, "");
  EXPECT_THAT(words_of(lines_of(read_file(results))),
              ElementsAre("duplicate accepted", "duplicate accepted"));
  EXPECT_EQ(apply(input, {"--results", files_.folder / "no/such/folder"}).exit_code, 2);
}

TEST_F(Apply, SaysThatItsResultsCouldNotBeWritten) {
  const std::string input = room("c1", "villa") + "\n";
  const Outcome full = apply(input, {"--results", "/dev/full", "--quiet"});
  EXPECT_EQ(full.exit_code, 3) << full;
  EXPECT_THAT(full.err, HasSubstr("cannot write /dev/full"));
}

TEST_F(Apply, FollowsTheClockOfTheCommandsWhereAskedTo) {
  const auto at = [](const std::string& id, const std::string& time) {
    return Line{.id = id,
                .type = "DefineRoom",
                .resource = id,
                .data = R"("name":"V","units":1,"inventory":"counter")",
                .time = time}
               .text() +
           "\n";
  };
  const Outcome first = apply(at("c1", "2020-01-01T00:00:00Z") + at("c2", "2019-01-01T00:00:00Z"),
                              {"--clock", "command"});
  ASSERT_EQ(first.lines().size(), 2U) << first;
  EXPECT_THAT(first.lines()[0], HasSubstr(R"("time":"2020-01-01T00:00:00.000Z")"));
  EXPECT_THAT(first.lines()[1], HasSubstr(R"("time":"2020-01-01T00:00:00.000Z")"));
  EXPECT_THAT(apply(at("c3", "2021-01-01T00:00:00Z")).out, HasSubstr("2021-01-01T00:00:00.000Z"));
  const Outcome other = apply(at("c4", "2022-01-01T00:00:00Z"), {"--clock", "append"});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_EQ(other.out, "");
  EXPECT_THAT(other.err, HasSubstr("clock"));
  EXPECT_EQ(number_of(files_.log, "SELECT COUNT(*) FROM commands"), 3);
}

TEST_F(Apply, AnswersInTheOrderOfTheLinesOverSeveralPartitions) {
  std::string input;
  for (int i = 0; i < 40; ++i) input += room(fmt::format("c{}", i), fmt::format("r{}", i)) + "\n";
  input += "broken\n";
  for (int i = 0; i < 40; ++i)
    input += booking(fmt::format("b{}", i), fmt::format("r{}", i)) + "\n";
  const Outcome outcome = apply(input, {"--partitions", "4"});
  const auto results = outcome.lines();
  ASSERT_EQ(results.size(), 81U) << outcome;
  std::set<std::int64_t> partitions;
  for (int i = 0; i < 40; ++i) {
    for (const int line : {i, i + 41}) {
      const auto data = outcome_of(results[static_cast<std::size_t>(line)]);
      EXPECT_EQ(text_of(data.at("resource")), fmt::format("r{}", i));
      partitions.insert(data.at("partition").as_int64());
    }
  }
  EXPECT_EQ(partitions.size(), 4U);
  EXPECT_EQ(number_of(files_.store, "SELECT COUNT(*) FROM customer_booking"), 40);
  EXPECT_EQ(number_of(files_.store, "SELECT bookings FROM customer"), 40);
  EXPECT_EQ(run(files_.on({"verify"})).exit_code, 0);
}

TEST_F(Apply, AnswersAPipeThatStaysOpenAtOnce) {
  const std::string results = files_.folder / "results.jsonl";
  Program apply(files_.on({"apply", "-", "--results", results}));
  for (std::size_t i = 0; i < 5; ++i) {
    const auto id = fmt::format("r{}", i);
    apply.send(room(id, id) + "\n");
    const auto answer = line_of(apply, i);
    ASSERT_TRUE(answer) << apply.err();
    EXPECT_EQ(word_of(*answer), "accepted");
    EXPECT_EQ(number_of(files_.store, "SELECT COUNT(*) FROM room_availability"), i + 1);
    EXPECT_EQ(lines_of(read_file(results)).size(), i + 1);
  }
  apply.send(room("half", "half"));  // a line is complete at its newline or at the end
  EXPECT_EQ(apply.wait().lines().size(), 6U);
}

TEST_F(Apply, WorksTwiceAtTheSameTimeOnTheSameFiles) {
  constexpr int each = 300;
  apply(room("villa", "villa", 100) + "\n");
  std::map<std::string, std::string> inputs;
  for (const char* who : {"a", "b", "c"}) {
    for (int i = 0; i < each; ++i)
      inputs[who] += booking(fmt::format("{}{}", who, i), "villa") + "\n";
  }
  std::map<std::string, std::unique_ptr<Program>> programs;
  for (const auto& [who, input] : inputs) {
    programs[who] = std::make_unique<Program>(files_.on({"apply", file(input, who)}));
  }
  std::set<std::string> bookings;
  int refused = 0;
  for (const auto& [who, program] : programs) {
    const Outcome outcome = program->wait();
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    const auto results = outcome.lines();
    ASSERT_EQ(results.size(), static_cast<std::size_t>(each)) << outcome.err;
    for (int i = 0; i < each; ++i) {
      const auto data = outcome_of(results[static_cast<std::size_t>(i)]);
      EXPECT_EQ(text_of(data.at("command").at("id")), fmt::format("{}{}", who, i));
      if (data.contains("code")) {
        EXPECT_EQ(text_of(data.at("code")), "capacity_exceeded");
        ++refused;
      } else {
        bookings.insert(text_of(data.at("booking_id")));
      }
    }
  }
  EXPECT_EQ(bookings.size(), 100U);
  EXPECT_EQ(refused, 3 * each - 100);
  EXPECT_EQ(number_of(files_.store, "SELECT available_units FROM room_availability"), 0);
  EXPECT_EQ(run(files_.on({"verify"})).exit_code, 0);
}

TEST_F(Apply, WaitsForItsTurnAtALogThatOthersKeepBusy) {
  ASSERT_EQ(apply(room("c1", "villa")).exit_code, 0);
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(files_.log.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  Program waiting(files_.on({"apply", file(booking("c2", "villa"))}));
  // One attempt has ended, and it goes on.
  EXPECT_TRUE(waiting.wait_for_err("Another process holds its write lock", seconds{60}))
      << waiting.err();
  EXPECT_TRUE(waiting.running()) << waiting.err();
  ASSERT_EQ(sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(other);
  const Outcome outcome = waiting.wait();
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_THAT(words_of(outcome.lines()), ElementsAre("accepted"));
}

TEST_F(Apply, ForgetsTheOldestOutcomeOfWhatItMayRemember) {
  const auto words = [&](const std::string& input) {
    return words_of(apply(input, {"--remember", "3"}).lines());
  };
  const std::string first = booking("c1", "villa") + "\n";
  words(room("c0", "villa", 9) + "\n");
  EXPECT_THAT(words(first + first), ElementsAre("accepted", "duplicate accepted"));
  EXPECT_THAT(words(booking("c2", "villa") + "\n" + booking("c3", "villa") + "\n" + first),
              ElementsAre("accepted", "accepted", "duplicate accepted"));
  EXPECT_THAT(words(booking("c4", "villa") + "\n" + first), ElementsAre("accepted", "accepted"));
  EXPECT_EQ(number_of(files_.store, "SELECT COUNT(*) FROM booking"), 5);
}

TEST_F(Apply, SaysThatItsInputCannotBeReadAndLeavesNothingBehind) {
  const Outcome missing = run(files_.on({"apply", files_.folder / "missing.jsonl"}));
  EXPECT_EQ(missing.exit_code, 3) << missing;
  EXPECT_THAT(missing.err, HasSubstr("missing.jsonl"));
  EXPECT_FALSE(std::filesystem::exists(files_.log));
  const Outcome folder = run(files_.on({"apply", files_.folder.path().string()}));
  EXPECT_EQ(folder.exit_code, 3) << folder;
  EXPECT_EQ(folder.out, "");
}

TEST_F(Apply, EndsOnASignalAndWhatItAnsweredStays) {
  for (const int signal : {SIGINT, SIGTERM}) {
    SCOPED_TRACE(signal);
    const std::string id = fmt::format("r{}", signal);
    Program apply(files_.on({"apply"}));
    apply.send(room(id, id) + "\n");
    const auto answer = line_of(apply, 0);
    ASSERT_TRUE(answer) << apply.err();
    apply.signal(signal);
    ASSERT_TRUE(ends(apply, seconds{10}));
    EXPECT_EQ(apply.wait().exit_code, -signal);
    const Outcome again = run(files_.on({"apply"}), room(id, id) + "\n");
    EXPECT_THAT(words_of(again.lines()), ElementsAre("duplicate accepted"));
    EXPECT_EQ(outcome_of(again.lines().at(0)), outcome_of(*answer));
  }
}

}  // namespace
}  // namespace pesan::e2e
