// The example dashboard of Grafana: what its panels ask for is there, on the real server.
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "tests/integration/mysql_fixture.hpp"

namespace pesan {
namespace {

namespace json = boost::json;

/// As Grafana would send it, for a dashboard of all times.
std::string without_macros(std::string sql) {
  const std::string macro = "$__timeFilter";
  for (auto at = sql.find(macro); at != std::string::npos; at = sql.find(macro)) {
    sql.replace(at, macro.size(), "NOT ISNULL");
  }
  return sql;
}

std::map<std::string, std::string> queries_by_panel() {
  std::ifstream file(PESAN_SOURCE_DIR "/examples/grafana/dashboards/pesan.json");
  const auto dashboard = json::parse(std::string{std::istreambuf_iterator<char>(file), {}});
  std::map<std::string, std::string> queries;
  for (const auto& panel : dashboard.at("panels").as_array()) {
    const auto& target = panel.at("targets").at(0);
    queries[json::value_to<std::string>(panel.at("title"))] =
        without_macros(json::value_to<std::string>(target.at("rawSql")));
  }
  return queries;
}

class MysqlDashboard : public MysqlTest {};

TEST_F(MysqlDashboard, EveryPanelAsksForWhatIsThere) {
  must(mysql::migrate(credentials()));
  write(200);
  project(*open(credentials()));
  std::map<std::string, std::string> rows;
  for (const auto& [panel, query] : queries_by_panel()) {
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

}  // namespace
}  // namespace pesan
