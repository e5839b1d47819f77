// The desk's questions (examples/questions.sql), asked of the same small business in a file and on
// a server: each has its answer, column by column of the views that it reads, and none reads a
// table of bookings or customers as a whole.
#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "projections/tables.hpp"
#include "tests/e2e/stored.hpp"
#include "tests/support/mysql_server.hpp"

namespace pesan::e2e {
namespace {

using Answers = std::vector<std::string>;  // a row each, its values with bars between them

struct Question {
  std::string title;  // up to the colon
  std::string sql;
};

/// Those of one dialect: a comment, then the statement.
std::vector<Question> questions_for(const std::string& others) {
  const std::string text = read_file(PESAN_SOURCE_DIR "/examples/questions.sql");
  std::vector<Question> questions;
  for (std::size_t begin = 0, end = 0; (end = text.find(";\n", begin)) != text.npos;
       begin = end + 2) {
    const std::string part = text.substr(begin, end - begin);
    const auto statement = std::min(part.find("\nSELECT "), part.find("\nWITH "));
    const std::string comment = part.substr(0, statement);
    if (comment.find(", on " + others) != comment.npos) continue;
    const auto paragraph = comment.rfind("\n\n-- ");
    const auto title = paragraph == comment.npos ? std::size_t{4} : paragraph + 5;
    const std::string name = comment.substr(title, comment.find(':', title) - title);
    questions.push_back({name, part.substr(statement + 1)});
  }
  return questions;
}

/// Servers say moments and sums in another way.
std::string normal(std::string text) {
  text = std::regex_replace(
      text, std::regex(R"((\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(\.\d+)?Z?)?)"), "$1 $2");
  return std::regex_replace(text, std::regex(R"((\d)\.0+(?=\||$))"), "$1");
}

/// A salon with a year of other guests before it, and a villa.
std::string business() {
  std::string lines;
  int sent = 0;
  const auto say = [&](const std::string& time, const std::string& type, const std::string& data,
                       const std::string& resource = "salon") {
    lines += Line{.id = fmt::format("c{}", ++sent),
                  .type = type,
                  .resource = resource,
                  .data = data,
                  .time = time}
                 .text() +
             "\n";
  };
  const auto slot = [&](const std::string& id, const std::string& date, int capacity) {
    say("2026-02-01T00:00:00Z", "AddSchedule",
        fmt::format(R"("schedule_id":"{}","date":"{}","start":"10:00","end":"11:00","capacity":{})",
                    id, date, capacity));
  };
  const auto book = [&](const std::string& time, const std::string& id, const std::string& slot_id,
                        const std::string& guest, const std::string& phone,
                        const std::string& staff, const std::string& status = "confirmed") {
    say(time, "CreateBooking",
        fmt::format(R"("booking_id":"salon.{}","schedule_id":"{}","status":"{}","staff_id":"{}",)"
                    R"("customer":{{"name":"{}","phone":"{}"}})",
                    id, slot_id, status, staff, guest, phone));
  };
  const auto set = [&](const std::string& time, const std::string& id, const std::string& status) {
    say(time, "ChangeStatus", fmt::format(R"("booking_id":"salon.{}","status":"{}")", id, status));
  };
  const auto pay = [&](const std::string& time, const std::string& id, int amount) {
    say(time, "RecordPayment",
        fmt::format(R"("booking_id":"salon.{}","status":"paid","amount_minor":{})", id, amount));
  };
  say("2026-02-01T00:00:00Z", "DefineService",
      R"("name":"Salon","price_minor":150000,"duration_minutes":60)");
  slot("before", "2026-11-28", 1);
  slot("tuesday", "2026-12-01", 2);
  slot("wednesday", "2026-12-02", 4);
  book("2026-02-01T00:00:00Z", "rina1", "before", "Rina", "0821112227", "andi");
  for (int i = 0; i < 260; ++i) {
    slot(fmt::format("s{}", i), fmt::format("2026-{:02}-{:02}", 2 + i / 28, 1 + i % 28), 1);
    book("2026-02-01T00:00:00Z", fmt::format("other{}", i), fmt::format("s{}", i), "Other",
         fmt::format("0819{:06}", i), "citra");
  }
  set("2026-11-28T05:00:00Z", "rina1", "no_show");
  book("2026-11-29T00:00:00Z", "rina2", "tuesday", "Rina", "0821112227", "andi");
  book("2026-11-29T00:00:00Z", "rina3", "wednesday", "Rina", "0821112227", "budi");
  book("2026-11-29T00:00:00Z", "dewi", "tuesday", "Dewi", "0821112228", "budi");
  book("2026-11-29T00:00:00Z", "sari", "wednesday", "Sari", "0821112229", "budi");
  book("2026-11-29T00:00:00Z", "tono", "wednesday", "Tono", "0821112230", "budi");
  book("2026-11-29T00:00:00Z", "lina", "wednesday", "Lina", "0821112231", "budi", "pending");
  say("2026-11-29T00:00:00Z", "DefineRoom", R"("name":"Villa","units":2,"inventory":"nightly")",
      "villa");
  say("2026-11-29T00:00:00Z", "CreateBooking",
      R"("check_in":"2026-12-01","check_out":"2026-12-03","status":"confirmed",)"
      R"("customer":{"name":"Wayan","phone":"0821112232"})",
      "villa");
  set("2026-11-30T02:59:00Z", "tono", "cancelled");  // local 09:59, two days before
  say("2026-11-30T03:00:00Z", "ChangeBooking", R"("booking_id":"salon.sari","staff_id":"andi")");
  pay("2026-11-30T03:00:00Z", "rina2", 150000);
  pay("2026-11-30T03:00:00Z", "sari", 200000);
  say("2026-11-30T04:00:00Z", "DeleteBooking", R"("booking_id":"salon.sari")");
  set("2026-11-30T10:00:00Z", "dewi", "cancelled");  // local 17:00, the day before
  set("2026-12-01T05:00:00Z", "rina2", "no_show");
  set("2026-12-02T05:00:00Z", "rina3", "completed");
  return lines;
}

const std::map<std::string, Answers> expected{
    {"Utilisation",
     {"salon|2026-12-01|2|1|50", "salon|2026-12-02|4|2|50", "villa|2026-12-01|2|1|50",
      "villa|2026-12-02|2|1|50"}},
    {"No-shows", {"salon|2|1|1", "salon|3|1|0"}},
    {"Returning customers", {"2|1"}},
    {"Today",
     {"2026-12-01 00:00|arrival|villa.1|confirmed|Wayan|0821112232|0",
      "2026-12-01 10:00|appointment|salon.rina2|no_show|Rina|0821112227|1"}},
    {"Late cancellations", {"salon.dewi|Dewi|2026-12-01 10:00|2026-11-30 17:00"}},
    {"Takings", {"andi|350000"}},
    {"A customer", {"Rina|3|1|2|0|2026-12-02 10:00|150000"}},
};

/// Tables, also by the names that the views give them, that are too long to be read from end to
/// end. Of payments a desk asks at the end of a day.
const std::set<std::string> long_tables{
    "booking", "booking_history", "customer", "customer_booking", "schedule_capacity",
    "mine",    "theirs",          "missed"};

class Questions : public ::testing::Test {
 protected:
  void fill(const std::string& store) const {
    const Outcome applied = run({"apply", "--clock", "command", "--future", "--quiet", "--log",
                                 "sqlite:" + files.log, "--store", store},
                                business());
    ASSERT_EQ(applied.exit_code, 0) << applied;
    const Outcome verified = run({"verify", "--log", "sqlite:" + files.log, "--store", store});
    ASSERT_EQ(verified.exit_code, 0) << verified;
  }
  Files files;
};

TEST_F(Questions, AreAnsweredInAFileAndGoByItsIndexes) {
  fill("sqlite:" + files.store);
  std::set<std::string> asked;
  for (const auto& [title, sql] : questions_for("servers")) {
    asked.insert(title);
    Answers answers;
    for (const Row& row : rows_of(files.store, sql)) {
      std::string& text = answers.emplace_back();
      for (const auto& [column, value] : row) {
        text += text.empty() ? "" : "|";
        text += value.is_string() ? std::string(value.as_string()) : boost::json::serialize(value);
      }
      text = normal(text);
    }
    EXPECT_EQ(answers, expected.at(title)) << title;
    for (const Row& step : rows_of(files.store, "EXPLAIN QUERY PLAN " + sql)) {
      std::istringstream detail{std::string(step.at("detail").as_string())};
      std::string how, table;
      detail >> how >> table;
      EXPECT_FALSE(how == "SCAN" && long_tables.contains(table)) << title << ": " << detail.str();
    }
  }
  EXPECT_EQ(asked.size(), expected.size());
}

TEST_F(Questions, AreAnsweredOnAServerAndGoByItsIndexesMysqlTables) {
  MysqlServer::shared();
  const TestDatabase database;
  ASSERT_EQ(run({"migrate", "--store", database.url()}).exit_code, 0);
  fill(database.url());
  for (const Table table : all_tables) {
    database.sql(fmt::format("ANALYZE TABLE {}", name_of(table)));
  }
  const auto split = [](const std::string& text, char sign) {
    std::vector<std::string> parts;
    std::istringstream stream{text};
    for (std::string part; std::getline(stream, part, sign);) parts.push_back(part);
    return parts;
  };
  std::set<std::string> asked;
  for (const auto& [title, sql] : questions_for("files")) {
    asked.insert(title);
    Answers answers;
    for (const std::string& row : split(database.sql(sql), '\n')) {
      answers.push_back(normal(std::regex_replace(row, std::regex("\t"), "|")));
    }
    EXPECT_EQ(answers, expected.at(title)) << title;
    const std::string plan = database.sql("EXPLAIN FORMAT=TRADITIONAL " + sql);
    for (const std::string& row : split(plan, '\n')) {
      const auto fields = split(row, '\t');
      const bool whole = std::ranges::find(fields, "ALL") != fields.end();
      EXPECT_FALSE(whole && long_tables.contains(fields.at(2))) << title << ":\n" << plan;
    }
  }
  EXPECT_EQ(asked.size(), expected.size());
}

}  // namespace
}  // namespace pesan::e2e
