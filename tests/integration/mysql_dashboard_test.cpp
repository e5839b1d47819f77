// Those who ask in SQL: what the panels of the example dashboard of Grafana ask for is there, on
// the real server, and they and the routines go by the indexes that are described as theirs.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "projections/indexes.hpp"
#include "tests/integration/mysql_fixture.hpp"

namespace pesan {
namespace {

namespace json = boost::json;

using Queries = std::map<std::string, std::string>;  // by who asks

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// As Grafana would send them; `time_filter` is what becomes of its macro.
Queries queries_by_panel(const std::string& time_filter) {
  const auto dashboard =
      json::parse(text_of(PESAN_SOURCE_DIR "/examples/grafana/dashboards/pesan.json"));
  const std::regex macro(R"(\$__timeFilter\((\w+)\))");
  Queries queries;
  for (const auto& panel : dashboard.at("panels").as_array()) {
    const auto sql = json::value_to<std::string>(panel.at("targets").at(0).at("rawSql"));
    queries[json::value_to<std::string>(panel.at("title"))] =
        std::regex_replace(sql, macro, time_filter);
  }
  return queries;
}

/// What the routines for callers ask, with values for their parameters.
Queries queries_by_routine() {
  Queries queries;
  for (const char* name : {"functions/GetTotalRevenue", "functions/GetUserBookingCount",
                           "functions/IsScheduleAvailable", "procedures/GetAvailableSchedules"}) {
    const std::filesystem::path path = std::string(PESAN_SOURCE_DIR "/sql/") + name + ".sql";
    const std::string text = text_of(path);
    const std::string returned = "\nRETURN ";
    const auto function = text.find(returned);
    std::string sql = function == text.npos ? text.substr(text.find("\nSELECT "))
                                            : "SELECT " + text.substr(function + returned.size());
    for (const auto& [parameter, value] :
         std::map<std::string, std::string>{{"p_start_date", "'2026-01-01'"},
                                            {"p_end_date", "'2026-01-31'"},
                                            {"p_user_id", "'u-7'"},
                                            {"p_status", "NULL"},
                                            {"p_schedule_id", "'s9'"},
                                            {"p_service_id", "'service-1'"},
                                            {"p_date", "'2026-01-01'"}}) {
      sql = std::regex_replace(sql, std::regex("\\b" + parameter + "\\b"), value);
    }
    queries[path.stem()] = sql;
  }
  return queries;
}

std::set<std::string> indexes_described_for(const std::string& reader) {
  std::set<std::string> names;
  for (const Index& index : tables::indexes) {
    std::istringstream readers{std::string(index.readers)};
    for (std::string one; std::getline(readers, one, ',');) {
      if (one == reader) names.emplace(index.name);
    }
  }
  return names;
}

class MysqlDashboard : public MysqlTest {};

TEST_F(MysqlDashboard, EveryPanelAsksForWhatIsThere) {
  must(mysql::migrate(credentials()));
  write(200);
  project(*open(credentials()));
  std::map<std::string, std::string> rows;
  for (const auto& [panel, query] : queries_by_panel("$1 IS NOT NULL")) {
    try {
      rows[panel] = database.sql(query);
    } catch (const std::exception& error) {
      ADD_FAILURE() << panel << ": " << error.what();
    }
  }
  EXPECT_EQ(rows.size(), 6U);
  for (const char* panel : {"Occupancy of nightly rooms", "Bookings by status", "Freshness"}) {
    EXPECT_NE(rows[panel], "") << panel;
  }
}

TEST_F(MysqlDashboard, EveryoneGoesByTheIndexesThatAreDescribedAsTheirs) {
  must(mysql::migrate(credentials()));
  write(2000);
  project(*open(credentials()));
  for (const Table table : all_tables)
    database.sql(fmt::format("ANALYZE TABLE {}", name_of(table)));
  Queries asked = queries_by_panel("$1 BETWEEN '2099-01-01' AND '2099-12-31'");
  asked.merge(queries_by_routine());
  auto connection = must(mysql::Connection::open(credentials()));
  const bool mariadb = MysqlServer::shared().is_mariadb();
  std::set<std::string> used;
  for (const auto& [reader, query] : asked) {
    std::set<std::string> keys;
    auto plan = must(connection.query("look at", "EXPLAIN FORMAT=TRADITIONAL " + query));
    while (must(plan.next())) {
      const std::string key = plan.text(mariadb ? 5 : 6);  // MySQL has a column more before it
      if (!plan.is_null(mariadb ? 5 : 6)) keys.insert(key);
    }
    // Keys of tables, and of what the server makes for itself on the way.
    std::erase_if(keys, [](const std::string& key) {
      return key == "PRIMARY" || key == "distinct_key" || key.starts_with("<");
    });
    EXPECT_EQ(keys, indexes_described_for(reader)) << reader;
    used.merge(keys);
  }
  for (const Index& index : tables::indexes) {
    EXPECT_EQ(used.contains(std::string(index.name)), !index.readers.empty()) << index.name;
  }
}

}  // namespace
}  // namespace pesan
