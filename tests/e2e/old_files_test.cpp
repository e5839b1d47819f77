// What earlier versions of pesan left behind (tests/golden/files): an embedded log, the file of its
// read models, and the tables of a database as a dump without views and routines brings them. Each
// opens, migrates, rebuilds and verifies with this program, and goes on.
#include <chrono>
#include <csignal>
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

  /// Migrated, rebuilt, proven; what was sent before is remembered; what comes is decided.
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
    with({"rebuild"});  // another fold made the rows
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

  /// Rebuilt while commands come in and are projected: nothing is lost, nothing twice.
  void rebuild_under_load(const std::string& store) {
    const std::vector<std::string> places{"--log", log(), "--store", store};
    const auto on = [&](std::vector<std::string> words) {
      words.insert(words.end(), places.begin(), places.end());
      return words;
    };
    EXPECT_EQ(run({"migrate", "--store", store}).exit_code, 0);
    EXPECT_EQ(run(on({"rebuild"})).exit_code, 0) << "another fold made the rows";
    Program server(on({"serve"}));
    ASSERT_TRUE(server.wait_for_err("ready", std::chrono::seconds{60})) << server.err();
    Program caller(on({"apply", "-", "--future"}));
    int sent = 0;
    // More of them as long as a rebuild goes on, each projected before the next is sent.
    const auto book = [&] {
      caller.send(Line{.id = "load-" + std::to_string(sent),
                       .type = "CreateBooking",
                       .resource = "hall",
                       .data = R"("customer":{"name":"Siti","phone":"0811222333"})",
                       .time = "2026-12-01T08:00:00Z"}
                      .text() +
                  "\n");
      EXPECT_TRUE(line_of(caller, static_cast<std::size_t>(sent))) << caller.err();
      ++sent;
    };
    book();
    for (const char* topic : {"events", "customers"}) {
      Program rebuild(on({"rebuild", topic}));
      for (book(); rebuild.running(); book()) {
      }
      const Outcome rebuilt = rebuild.wait();
      EXPECT_EQ(rebuilt.exit_code, 0) << rebuilt;
      book();
    }
    const Outcome applied = caller.wait();
    EXPECT_EQ(applied.exit_code, 0) << applied;
    EXPECT_THAT(words_of(applied.lines()), testing::Each("accepted"));
    EXPECT_EQ(applied.lines().size(), static_cast<std::size_t>(sent));
    server.signal(SIGTERM);
    EXPECT_EQ(server.wait().exit_code, 0);
    const Outcome verified = run(on({"verify"}));
    EXPECT_THAT(verified.out, HasSubstr("no drift")) << verified;
  }

  TempFolder folder;
};

TEST_F(OldFiles, GoOnAsFiles) { go_through("sqlite:" + (folder / "read.db")); }

TEST_F(OldFiles, AreRebuiltUnderLoad) { rebuild_under_load("sqlite:" + (folder / "read.db")); }

/// The tables of the dump.
class OldTables : public OldFiles {
 protected:
  OldTables() {
    MysqlServer::shared().sql("", "CREATE DATABASE " + database.name());
    database.sql(read_file(golden + "tables.dump"));
  }

  const TestDatabase database;
};

TEST_F(OldTables, AreRebuiltUnderLoadMysqlTables) { rebuild_under_load(database.url()); }

TEST_F(OldTables, GoOnInADatabaseMysqlTables) {
  go_through(database.url());
  EXPECT_EQ(database.sql("SELECT COUNT(*) FROM pemesanan"), "2\n");
}

}  // namespace
}  // namespace pesan::e2e
