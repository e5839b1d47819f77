// `pesan show`: every read model for people and for machines, as it is and as it was.
#include <map>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "projections/tables.hpp"
#include "tests/e2e/small_business.hpp"

namespace pesan::e2e {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const std::map<std::string, Table> tables_shown{{"rooms", Table::room_availability},
                                                {"nights", Table::room_night},
                                                {"services", Table::service},
                                                {"schedules", Table::schedule_capacity},
                                                {"bookings", Table::booking},
                                                {"history", Table::booking_history},
                                                {"payments", Table::payment},
                                                {"customers", Table::customer},
                                                {"customer-bookings", Table::customer_booking}};

class Show : public ::testing::Test {
 protected:
  Outcome show(Arguments words) const {
    words.insert(words.begin(), "show");
    Outcome outcome = files_.pesan(words);
    EXPECT_EQ(outcome.exit_code, 0) << outcome;
    return outcome;
  }
  std::vector<json::object> rows(Arguments words) const {
    words.emplace_back("--json");
    std::vector<json::object> result;
    for (const std::string& line : show(words).lines()) {
      result.push_back(json::parse(line).as_object());
    }
    return result;
  }
  std::vector<std::string> column(const Arguments& words, std::string_view name) const {
    std::vector<std::string> result;
    for (const json::object& row : rows(words)) {
      const json::value& value = row.at(name);
      result.push_back(value.is_string() ? std::string(value.as_string()) : json::serialize(value));
    }
    return result;
  }
  Outcome refused(Arguments words) const {
    words.insert(words.begin(), "show");
    Outcome outcome = files_.pesan(words);
    EXPECT_EQ(outcome.exit_code, 2) << outcome;
    EXPECT_EQ(outcome.out, "");
    return outcome;
  }

  SmallBusiness files_;
};

TEST_F(Show, RowsForMachinesAreTheTablesKeysAndValues) {
  for (const auto& [name, table] : tables_shown) {
    const TableDescription& description = describe(table);
    std::string order(description.columns[0].name);
    if (description.key_columns == 2) order += "," + std::string(description.columns[1].name);
    std::string columns;
    for (const Column& c : description.columns) {
      columns += (columns.empty() ? "" : ", ") + std::string(c.name);
    }
    const auto stored =
        rows_of(files_.files.store, "SELECT " + columns + " FROM " + std::string(description.name) +
                                        " ORDER BY " + order);
    const auto shown = rows({name});
    ASSERT_EQ(shown.size(), stored.size()) << name;
    EXPECT_FALSE(shown.empty()) << name;
    for (std::size_t i = 0; i < shown.size(); ++i) {
      EXPECT_EQ(json::serialize(shown[i]), json::serialize(stored[i])) << name;
    }
  }
}

TEST_F(Show, BooleansForMachinesAreWhatTheStoreHolds) {
  EXPECT_THAT(column({"rooms"}, "is_active"), ElementsAre("1", "1"));
  EXPECT_THAT(column({"bookings", "--booking", "villa.1"}, "is_checked_in"), ElementsAre("0"));
}

TEST_F(Show, ATableForPeopleIsAligned) {
  EXPECT_EQ(show({"rooms"}).out,
            "resource_id  room_type   inventory  total_units  allocated_units  available_units  "
            "active_bookings  nightly_price_minor  currency  is_active  timezone\n"
            "-----------  ----------  ---------  -----------  ---------------  ---------------  "
            "---------------  -------------------  --------  ---------  ------------\n"
            "hotel        Twin        nightly              3                -                -  "
            "              1             50000000  IDR       yes        Asia/Jakarta\n"
            "villa        Villa Laut  counter              2                0                2  "
            "              0                    -  IDR       yes        Asia/Jakarta\n");
}

TEST_F(Show, ATableForPeopleSaysHowFreshItIs) {
  EXPECT_THAT(show({"rooms"}).err,
              HasSubstr("2 rows; events up to 0:10, 2026-11-06T01:00:00.000Z"));
}

TEST_F(Show, AGuestsNameCannotSteerTheTerminal) {
  const std::string out = show({"bookings", "--booking", "hotel.1"}).out;
  EXPECT_THAT(out, HasSubstr("Siti␊␛[31m 漢字"));
  EXPECT_THAT(out, Not(HasSubstr("\x1b")));
}

TEST_F(Show, WideCharactersAreAligned) {
  const Outcome outcome = show({"bookings", "--columns", "customer_name,status"});
  EXPECT_EQ(outcome.lines().at(2), "Siti␊␛[31m 漢字  confirmed") << outcome;
  EXPECT_EQ(outcome.lines().at(3), "John Doe         pending") << outcome;
}

TEST_F(Show, ANarrowTerminalCutsTextsAndSaysWhatItLeavesOut) {
  const Outcome outcome = run(files_.files.on({"show", "bookings"}), {}, {{"COLUMNS", "60"}});
  for (const std::string& line : outcome.lines()) EXPECT_LE(line.size(), 80U) << line;
  EXPECT_THAT(outcome.out, HasSubstr("villa.1"));
  EXPECT_THAT(outcome.err, HasSubstr("no room for:"));
  const Outcome cut = run(files_.files.on({"show", "customers", "--columns", "code,name,email"}),
                          {}, {{"COLUMNS", "30"}});
  EXPECT_THAT(cut.out, HasSubstr("…"));
  EXPECT_THAT(cut.out, HasSubstr("CS-000001"));
}

TEST_F(Show, FiltersSelectRows) {
  EXPECT_THAT(column({"bookings", "--resource", "villa"}, "booking_id"), ElementsAre("villa.1"));
  EXPECT_THAT(column({"nights", "--resource", "hotel"}, "night"),
              ElementsAre("2026-12-01", "2026-12-02", "2026-12-03"));
  EXPECT_THAT(column({"history", "--booking", "villa.1"}, "event_type"),
              ElementsAre("BookingCreated", "PaymentRecorded", "BookingStatusChanged"));
  EXPECT_THAT(column({"history", "--resource", "hotel"}, "booking_id"), ElementsAre("hotel.1"));
  EXPECT_THAT(column({"bookings", "--where", "status=pending"}, "booking_id"),
              ElementsAre("salon.1"));
  EXPECT_THAT(column({"bookings", "--where", "check_in="}, "booking_id"),
              ElementsAre("salon.1", "villa.1"));
  EXPECT_THAT(column({"bookings", "--where", "status=pending", "--where", "units=2"}, "units"),
              ElementsAre());
}

TEST_F(Show, ALimitIsSaidWhereItLeavesRowsOut) {
  const Outcome outcome = show({"bookings", "--limit", "2"});
  EXPECT_EQ(outcome.lines().size(), 4U) << outcome;
  EXPECT_THAT(outcome.err, HasSubstr("there are more"));
  EXPECT_THAT(show({"bookings", "--limit", "3"}).err, Not(HasSubstr("there are more")));
  EXPECT_EQ(rows({"bookings", "--limit", "0"}).size(), 3U);
}

TEST_F(Show, ColumnsAreThoseAskedForInThatOrder) {
  EXPECT_EQ(show({"bookings", "--json", "--columns", "status,booking_id", "--limit", "1"}).out,
            "{\"status\":\"confirmed\",\"booking_id\":\"hotel.1\"}\n");
  EXPECT_THAT(show({"rooms", "--columns", "all"}).out, HasSubstr("updated_at"));
}

TEST_F(Show, AsOfASequenceShowsThePast) {
  EXPECT_THAT(column({"bookings", "--as-of", "0:8"}, "payment_status"),
              ElementsAre("unpaid", "unpaid", "unpaid"));
  EXPECT_THAT(column({"bookings", "--as-of", "0:9", "--booking", "villa.1"}, "payment_status"),
              ElementsAre("paid"));
  EXPECT_THAT(column({"nights", "--as-of", "0:6"}, "night"), ElementsAre());
}

TEST_F(Show, AsOfATimeShowsThePast) {
  const auto status = [&](const std::string& time) {
    return column({"bookings", "--booking", "villa.1", "--as-of", time}, "status");
  };
  EXPECT_THAT(status("2026-11-02T00:59:59.999Z"), ElementsAre());
  EXPECT_THAT(status("2026-11-02T01:00:00Z"), ElementsAre("confirmed"));
  EXPECT_THAT(status("2026-11-06T08:00:00+07:00"), ElementsAre("cancelled"));
  EXPECT_THAT(status("2026-11-06T07:59:59+07:00"), ElementsAre("confirmed"));
  EXPECT_THAT(column({"customers", "--as-of", "2026-11-03T01:00:00Z"}, "code"),
              ElementsAre("CS-000001", "CS-000002"));
  EXPECT_THAT(column({"customers", "--as-of", "2026-11-03T01:00:00Z"}, "bookings"),
              ElementsAre("1", "1"));
}

TEST_F(Show, AsOfTheEndIsWhatTheStoreHolds) {
  for (const auto& [name, table] : tables_shown) {
    EXPECT_EQ(show({name, "--json", "--as-of", "2099-01-01T00:00:00Z"}).out,
              show({name, "--json"}).out);
  }
}

TEST_F(Show, AsOfNeedsNoStore) {
  const Outcome outcome = files_.pesan_on_log(
      {"show", "rooms", "--as-of", "0:1", "--store", "sqlite:/nowhere/read.db"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_THAT(outcome.out, HasSubstr("villa"));
}

TEST_F(Show, AsOfTakesOnePositionAPartition) {
  EXPECT_THAT(refused({"history", "--as-of", "0:3", "--as-of", "0:5"}).err,
              HasSubstr("--as-of 0:5: partition 0 has a position already"));
}

TEST_F(Show, AsOfReadsALongLogInPartsThatFitMemory) {
  EXPECT_EQ(rows({"history", "--as-of", "2099-01-01T00:00:00Z", "--memory", "1"}).size(), 5U);
}

TEST_F(Show, EventsForMachinesAreTheRecords) {
  std::string all;
  for (const Row& r : rows_of(files_.files.log, "SELECT value FROM events ORDER BY record_id")) {
    all += std::string(r.at("value").as_string()) + "\n";
  }
  EXPECT_EQ(show({"events", "--json"}).out, all);
  EXPECT_EQ(show({"events", "--json"}).lines().size(), 11U);
}

TEST_F(Show, EventsForPeopleShowTheEnvelopeAndTheData) {
  const Outcome outcome = show({"events", "--booking", "villa.1"});
  const auto lines = outcome.lines();
  ASSERT_EQ(lines.size(), 5U) << outcome;
  EXPECT_THAT(lines[0], HasSubstr("sequence"));
  EXPECT_THAT(lines[2], HasSubstr("BookingCreated"));
  EXPECT_THAT(lines[4], HasSubstr(R"("reason":"storm")"));
  EXPECT_THAT(lines[4], HasSubstr("2026-11-06T01:00:00.000Z"));
}

TEST_F(Show, EventsEndAtATimeOrASequence) {
  EXPECT_EQ(show({"events", "--json", "--as-of", "0:3"}).lines().size(), 4U);
  EXPECT_EQ(show({"events", "--json", "--as-of", "2026-11-01T03:00:00Z"}).lines().size(), 4U);
  EXPECT_EQ(show({"events", "--json", "--resource", "hotel"}).lines().size(), 2U);
  EXPECT_EQ(show({"events", "--json", "--limit", "2"}).lines().size(), 2U);
}

TEST(ShowOfSeveralPartitions, EventsComeByTimeAndPositionsCountByPartition) {
  const Files files;
  std::string input;
  for (int i = 0; i < 12; ++i) {
    input += Line{.id = "c" + std::to_string(i),
                  .type = "DefineRoom",
                  .resource = "room-" + std::to_string(i),
                  .data = R"("name":"Villa","units":1,"inventory":"counter")",
                  .time = "2026-11-01T00:00:" + std::to_string(10 + i) + "Z"}
                 .text() +
             "\n";
  }
  ASSERT_EQ(run(files.on({"apply", "--clock", "command", "--partitions", "3"}), input).exit_code,
            0);
  std::vector<std::string> order;
  for (const std::string& line : run(files.on({"show", "events", "--json"})).lines()) {
    const auto record = json::parse(line).as_object();
    if (record.contains("resource")) order.emplace_back(record.at("resource").as_string());
  }
  std::vector<std::string> expected;
  for (int i = 0; i < 12; ++i) expected.push_back("room-" + std::to_string(i));
  EXPECT_EQ(order, expected);

  const auto rooms_at = [&](const Arguments& ends) {
    Arguments words{"show", "rooms", "--json"};
    for (const auto& end : ends) words.insert(words.end(), {"--as-of", end});
    const Outcome outcome = run(files.on(words));
    EXPECT_EQ(outcome.exit_code, 0) << outcome;
    return outcome.lines().size();
  };
  EXPECT_EQ(rooms_at({"0:0", "1:0", "2:0"}), 0U);
  EXPECT_EQ(rooms_at({"0:1", "1:0", "2:0"}), 1U);
  EXPECT_EQ(rooms_at({"0:1", "1:1", "2:1"}), 3U);
}

TEST_F(Show, WrongQuestionsAreWrongUsage) {
  EXPECT_THAT(refused({"planets"}).err, HasSubstr("planets"));
  EXPECT_THAT(refused({}).err, HasSubstr("WHAT"));
  EXPECT_THAT(refused({"rooms", "--booking", "villa.1"}).err, HasSubstr("--booking"));
  EXPECT_THAT(refused({"customers", "--resource", "villa"}).err, HasSubstr("--resource"));
  EXPECT_THAT(refused({"rooms", "--where", "colour=red"}).err, HasSubstr("room_type"));
  EXPECT_THAT(refused({"rooms", "--where", "colour"}).err, HasSubstr("COLUMN=VALUE"));
  EXPECT_THAT(refused({"rooms", "--where", "is_active=perhaps"}).err, HasSubstr("yes or no"));
  EXPECT_THAT(refused({"rooms", "--where", "total_units=x"}).err, HasSubstr("an integer"));
  EXPECT_THAT(refused({"nights", "--where", "night=1.12.2026"}).err, HasSubstr("a day as"));
  EXPECT_THAT(refused({"rooms", "--columns", "colour"}).err, HasSubstr("no column colour"));
  EXPECT_THAT(refused({"rooms", "--as-of", "yesterday"}).err, HasSubstr("yesterday"));
  EXPECT_THAT(refused({"rooms", "--as-of", "0:11"}).err, HasSubstr("last sequence"));
  EXPECT_THAT(refused({"rooms", "--as-of", "1:0"}).err, HasSubstr("1 partition"));
  EXPECT_THAT(refused({"rooms", "--as-of", "0:1", "--as-of", "2026-11-01T00:00:00Z"}).err,
              HasSubstr("not both"));
  EXPECT_THAT(refused({"events", "--columns", "type"}).err, HasSubstr("not for events"));
}

TEST(ShowOfNothing, IsASentenceAndAnExitCode) {
  const Files files;
  const Outcome no_store = run(files.on({"show", "rooms"}));
  EXPECT_EQ(no_store.exit_code, 3) << no_store;
  EXPECT_THAT(no_store.err, HasSubstr("there is no read model at " + files.store));
  const Outcome no_log = run(files.on({"show", "events"}));
  EXPECT_EQ(no_log.exit_code, 3) << no_log;
  EXPECT_THAT(no_log.err, HasSubstr("there is no log at " + files.log));
  EXPECT_EQ(run({"show", "rooms", "--store", "postgres:x"}).exit_code, 2);
}

// Tables print yes and no, JSON 1 and 0, and neither of them selected anything.
TEST_F(Show, AConditionIsUnderstoodInEveryFormOfItsColumn) {
  const auto all = column({"rooms"}, "resource_id");
  for (const char* yes : {"yes", "true", "1"}) {
    EXPECT_EQ(column({"rooms", "--where", std::string("is_active=") + yes}, "resource_id"), all);
  }
  for (const char* no : {"no", "false", "0"}) {
    EXPECT_TRUE(rows({"rooms", "--where", std::string("is_active=") + no}).empty());
  }
  const auto created = column({"bookings"}, "created_at").at(0);
  const std::string seconds = created.substr(0, created.find('.')) + "+00:00";
  ASSERT_TRUE(created.ends_with(".000Z")) << created;
  EXPECT_FALSE(rows({"bookings", "--where", "created_at=" + seconds}).empty());
}

TEST_F(Show, AFutureMomentIsSaidToBeOne) {
  const Outcome future = show({"rooms", "--as-of", "2099-01-01T00:00:00Z"});
  EXPECT_THAT(future.err, HasSubstr("--as-of 2099-01-01T00:00:00.000Z is in the future"));
  EXPECT_THAT(show({"rooms", "--as-of", "2020-01-01T00:00:00Z"}).err,
              Not(HasSubstr("is in the future")));
}

}  // namespace
}  // namespace pesan::e2e
