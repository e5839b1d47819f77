// The scenarios of the upstream systems (examples/upstream) and of holds (examples/holds), each
// played line by line into a running `pesan apply`: after every answer the rows are looked at
// before the next line goes in.
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/e2e/stored.hpp"

namespace pesan::e2e {
namespace {

namespace json = boost::json;

std::vector<std::string> scenarios() {
  std::vector<std::string> names;
  for (const std::string folder : {"holds", "upstream"}) {
    for (const auto& entry :
         std::filesystem::directory_iterator(PESAN_SOURCE_DIR "/examples/" + folder)) {
      if (entry.path().extension() != ".jsonl") continue;
      names.push_back(folder + "/" + entry.path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// What is not as expected, in a sentence; "" when all is.
std::string difference(const json::object& expected, const json::object& found) {
  for (const auto& [name, value] : expected) {
    const auto* other = found.if_contains(name);
    if (other != nullptr && *other == value) continue;
    return fmt::format("{} is {} and should be {}", std::string_view(name),
                       other == nullptr ? "missing" : json::serialize(*other),
                       json::serialize(value));
  }
  return "";
}

std::string sql_text(const json::value& value) {
  if (const auto* number = value.if_int64()) return std::to_string(*number);
  std::string quoted = "'";
  for (const char c : std::string_view(value.as_string())) {
    if (c == '\'') quoted.push_back('\'');
    quoted.push_back(c);
  }
  return quoted + "'";
}

class Scenario : public ::testing::TestWithParam<std::string> {
 protected:
  std::vector<Row> find(const json::object& row) {
    std::string where;
    for (const auto& [column, value] : row.at("key").as_object()) {
      where += fmt::format("{} {} = {}", where.empty() ? "" : " AND", std::string_view(column),
                           sql_text(value));
    }
    return rows_of(files_.store, fmt::format("SELECT * FROM {} WHERE {}",
                                             std::string_view(row.at("table").as_string()), where));
  }

  void check_row(const json::object& row) {
    SCOPED_TRACE(json::serialize(row));
    const auto found = find(row);
    if (row.if_contains("absent") != nullptr) {
      EXPECT_TRUE(found.empty());
      return;
    }
    ASSERT_EQ(found.size(), 1U) << "no such row";
    EXPECT_EQ(difference(row.at("has").as_object(), found[0]), "");
  }

  void check_result(const json::object& expect, const json::object& result) {
    const json::object& data = result.at("data").as_object();
    EXPECT_EQ(result.at("type"), expect.at("type"));
    EXPECT_EQ(data.if_contains("code") == nullptr, expect.if_contains("code") == nullptr);
    for (const char* name : {"code", "booking_id"}) {
      if (const auto* value = expect.if_contains(name)) {
        EXPECT_EQ(difference({{name, *value}}, data), "");
      }
    }
    if (const auto* details = expect.if_contains("details")) {
      ASSERT_TRUE(data.contains("details"));
      EXPECT_EQ(difference(details->as_object(), data.at("details").as_object()), "");
    }
    if (const auto* events = expect.if_contains("events")) {
      EXPECT_EQ(static_cast<std::int64_t>(data.at("events").as_array().size()), events->as_int64());
    }
  }

  /// An answer comes when the booking's own rows are there; the customer master follows. Waits
  /// until every booking that was created so far has its customer.
  void await_customers() {
    for (int i = 0; i < 5000; ++i) {
      if (number_of(files_.store, "SELECT COUNT(*) FROM customer_booking") >= created_) return;
      std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    FAIL() << "no customer for a booking within 10 s";
  }

  Files files_;
  std::int64_t created_ = 0;
};

TEST_P(Scenario, IsAnsweredAndProjectedAsItSays) {
  const auto lines = lines_of(read_file(PESAN_SOURCE_DIR "/examples/" + GetParam() + ".jsonl"));
  ASSERT_FALSE(lines.empty());
  Program apply(files_.on({"apply", "--clock", "command", "--future"}));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const json::object line = json::parse(lines[i]).as_object();
    SCOPED_TRACE(fmt::format("line {}: {}", i + 1, std::string_view(line.at("note").as_string())));
    apply.send(json::serialize(line.at("command")) + "\n");
    const auto answer = line_of(apply, i);
    ASSERT_TRUE(answer) << apply.err();
    const json::object result = json::parse(*answer).as_object();
    const json::object& expect = line.at("expect").as_object();
    check_result(expect, result);
    const bool created = line.at("command").at("type") == "CreateBooking" &&
                         !result.at("data").at("events").as_array().empty();
    created_ += created ? 1 : 0;
    await_customers();
    if (const auto* rows = expect.if_contains("rows")) {
      for (const auto& row : rows->as_array()) check_row(row.as_object());
    }
    if (HasFailure()) return;  // what follows would only repeat it
  }
  EXPECT_EQ(apply.wait().exit_code, 0);
  const Outcome verified = run(files_.on({"verify"}));
  EXPECT_EQ(verified.exit_code, 0) << verified;
}

INSTANTIATE_TEST_SUITE_P(Examples, Scenario, ::testing::ValuesIn(scenarios()),
                         [](const ::testing::TestParamInfo<std::string>& scenario) {
                           std::string name = scenario.param;
                           for (const char sign : {'-', '/'}) {
                             std::replace(name.begin(), name.end(), sign, '_');
                           }
                           return name;
                         });

TEST(Scenarios, AreAllThere) { EXPECT_GE(scenarios().size(), 31U); }

}  // namespace
}  // namespace pesan::e2e
