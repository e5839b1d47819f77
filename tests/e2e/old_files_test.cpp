// What earlier versions of pesan left behind (tests/golden/files): an embedded log, the file of its
// read models, and the tables of a database as a dump without views and routines brings them. Each
// opens, migrates, rebuilds and verifies with this program, and goes on.
#include <filesystem>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/stored.hpp"
#include "tests/support/mysql_server.hpp"
#include "tests/support/temp_folder.hpp"

namespace pesan::e2e {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

const std::string golden = PESAN_SOURCE_DIR "/tests/golden/files/v1/";

class OldFiles : public testing::Test {
 protected:
  OldFiles() {
    std::filesystem::copy_file(golden + "log.sqlite", folder / "log.db");
    std::filesystem::copy_file(golden + "read.sqlite", folder / "read.db");
  }
  std::string log() const { return "sqlite:" + (folder / "log.db"); }

  /// Migrated, proven, rebuilt, proven; what was sent before is remembered; what comes is decided.
  void go_through(const std::string& store) {
    const auto with = [&](std::vector<std::string> arguments) {
      if (arguments[0] != "migrate") arguments.insert(arguments.end(), {"--log", log()});
      arguments.insert(arguments.end(), {"--store", store});
      const Outcome outcome = run(arguments);
      EXPECT_EQ(outcome.exit_code, arguments[0] == "apply" ? 1 : 0) << arguments[0] << outcome;
      return outcome;
    };
    with({"migrate"});
    EXPECT_THAT(with({"migrate"}).out, HasSubstr("nothing to do"));
    EXPECT_THAT(with({"verify"}).out, HasSubstr("no drift"));
    with({"rebuild"});
    EXPECT_THAT(with({"verify"}).out, HasSubstr("no drift"));
    EXPECT_THAT(with({"show", "bookings", "--json"}).lines(), testing::SizeIs(3));

    const auto again = with({"apply", "--future", golden + "commands.jsonl"}).lines();
    const auto before = lines_of(read_file(golden + "results.jsonl"));
    ASSERT_EQ(again.size(), before.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
      json::object then = json::parse(before[i]).at("data").as_object();
      json::object now = json::parse(again[i]).at("data").as_object();
      if (then.contains("code") && then.at("code") == "malformed") continue;  // never remembered
      EXPECT_TRUE(now.erase("duplicate")) << again[i];
      EXPECT_EQ(now, then);
    }
    EXPECT_THAT(with({"verify"}).out, HasSubstr("no drift"));
  }

  TempFolder folder;
};

TEST_F(OldFiles, GoOnAsFiles) { go_through("sqlite:" + (folder / "read.db")); }

TEST_F(OldFiles, GoOnInADatabaseMysqlTables) {
  const TestDatabase database;
  MysqlServer::shared().sql("", "CREATE DATABASE " + database.name());
  database.sql(read_file(golden + "tables.dump"));
  go_through(database.url());
  EXPECT_EQ(database.sql("SELECT COUNT(*) FROM pemesanan"), "2\n");
}

}  // namespace
}  // namespace pesan::e2e
