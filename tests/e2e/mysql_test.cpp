// The program with its read models on a server: the same rows as in a file, proven and rebuilt;
// killed with -9 after every single command that a rebuild sends; accounts with passwords.
#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/stored.hpp"
#include "tests/support/mysql_proxy.hpp"
#include "tests/support/mysql_server.hpp"

namespace pesan::e2e {
namespace {

namespace json = boost::json;

/// The commands of all upstream scenarios as one stream: each scenario has resources of its own.
std::string upstream_stream() {
  std::vector<std::string> paths;
  for (const auto& entry :
       std::filesystem::directory_iterator(PESAN_SOURCE_DIR "/examples/upstream")) {
    if (entry.path().extension() == ".jsonl") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  std::string stream;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    for (const std::string& line : lines_of(read_file(paths[i]))) {
      json::object command = json::parse(line).at("command").as_object();
      json::object& data = command["data"].as_object();
      for (const char* name : {"resource", "booking_id"}) {
        auto* value = data.if_contains(name);
        if (value == nullptr || !value->is_string()) continue;
        *value = fmt::format("s{}-{}", i, std::string_view(value->as_string()));
      }
      command["source"] = fmt::format("/scenario-{}", i);
      stream += json::serialize(command) + "\n";
    }
  }
  return stream;
}

class MysqlStore : public ::testing::Test {
 protected:
  MysqlStore() {
    const Outcome migrated = run({"migrate", "--store", database.url()});
    EXPECT_EQ(migrated.exit_code, 0) << migrated;
  }

  Arguments with(Arguments words, const std::string& store) const {
    words.insert(words.end(), {"--log", "sqlite:" + files.log, "--store", store});
    return words;
  }
  void apply(const std::string& store, const std::string& lines) {
    const Outcome applied =
        run(with({"apply", "--clock", "command", "--future", "--quiet"}, store), lines);
    EXPECT_EQ(applied.exit_code, 0) << applied;
  }
  static std::map<std::string, std::string> shown(const std::string& store) {
    std::map<std::string, std::string> rows;
    for (const char* what : {"rooms", "nights", "services", "schedules", "bookings", "history",
                             "payments", "customers", "customer-bookings"}) {
      const Outcome outcome = run({"show", what, "--json", "--limit", "0", "--store", store});
      EXPECT_EQ(outcome.exit_code, 0) << outcome;
      rows[what] = outcome.out;
    }
    return rows;
  }
  /// Every table with every row.
  std::string content() const {
    std::string selects;
    const std::string tables = database.sql("SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'");
    for (const std::string& line : lines_of(tables)) {
      selects += "SELECT * FROM " + line.substr(0, line.find('\t')) + " ORDER BY 1, 2, 3; ";
    }
    return tables + database.sql(selects);
  }

  /// What the next start leaves, once the server has noticed that nobody is there any more.
  std::string content_after_start(const std::string& expected) {
    std::string found;
    for (int i = 0; i < 100 && found != expected; ++i) {
      apply(database.url(), "");
      try {
        found = content();
      } catch (const std::exception& error) {
        found = error.what();  // a table went between two questions
      }
    }
    return found;
  }

  Files files;
  TestDatabase database;
};

TEST_F(MysqlStore, HoldsTheSameRowsAsAFile) {
  const std::string stream = upstream_stream();
  const Files other;
  apply(database.url(), stream);
  const Outcome in_a_file =
      run(other.on({"apply", "--clock", "command", "--future", "--quiet"}), stream);
  ASSERT_EQ(in_a_file.exit_code, 0) << in_a_file;
  const auto rows = shown(database.url());
  EXPECT_EQ(rows, shown("sqlite:" + other.store));
  EXPECT_GT(lines_of(rows.at("history")).size(), 100U);

  const Outcome clean = run(with({"verify"}, database.url()));
  EXPECT_EQ(clean.exit_code, 0) << clean;
  const std::string before = content();
  const Outcome rebuilt = run(with({"rebuild"}, database.url()));
  EXPECT_EQ(rebuilt.exit_code, 0) << rebuilt;
  EXPECT_THAT(rebuilt.out, testing::Not(testing::HasSubstr("repaired")));
  EXPECT_EQ(content(), before);
  EXPECT_EQ(run(with({"verify"}, database.url())).exit_code, 0);
}

TEST_F(MysqlStore, DriftIsFoundAndRepaired) {
  apply(database.url(), upstream_stream());
  database.sql("UPDATE booking SET status = 'expired' WHERE status = 'cancelled' LIMIT 1");
  const Outcome drift = run(with({"verify"}, database.url()));
  EXPECT_EQ(drift.exit_code, 1) << drift;
  EXPECT_THAT(drift.out, testing::HasSubstr("drift: 1 difference"));
  const Outcome rebuilt = run(with({"rebuild", "events"}, database.url()));
  EXPECT_THAT(rebuilt.out, testing::HasSubstr("1 difference repaired")) << rebuilt;
  EXPECT_EQ(run(with({"verify"}, database.url())).exit_code, 0);
}

// The same for every command of a rebuild of events, without a process: MysqlRebuildTest.
TEST_F(MysqlStore, ARebuildKilledAfterAnyCommandLeavesOneSideWhole) {
  apply(database.url(), upstream_stream());
  const std::string before = content();
  int survived = 0;
  for (int most = 1; survived == 0 && most < 300; ++most) {
    std::atomic<pid_t> process = 0;
    std::atomic<int> commands = 0;
    MysqlProxy proxy(MysqlServer::shared().url(), [&](std::string_view) {
      while (process == 0) std::this_thread::yield();
      // The server carries the command out; its sender will not hear of it.
      if (++commands == most) ::kill(process, SIGKILL);
      return MysqlProxy::Verdict::pass;
    });
    Program rebuild(with({"rebuild", "customers"}, proxy.url() + "/" + database.name()));
    process = rebuild.id();
    const Outcome outcome = rebuild.wait();
    if (outcome.exit_code == 0) survived = most;
    ASSERT_EQ(content_after_start(before), before)
        << "killed at command " << most << ": " << outcome;
  }
  EXPECT_GT(survived, 40);
  EXPECT_EQ(run(with({"verify"}, database.url())).exit_code, 0);
}

TEST_F(MysqlStore, OfTwoServersOnOneFileOneProjectsAndTheOtherTakesOver) {
  Program first(with({"serve"}, database.url()));
  ASSERT_TRUE(first.wait_for_err("ready")) << first.err();
  Program second(with({"serve"}, database.url()));
  ASSERT_TRUE(second.wait_for_err("projector: another process runs it for 2 of 2")) << second.err();
  const auto decide = [&](const std::string& id) {
    const Outcome applied = run(with({"apply", "--quiet"}, database.url()),
                                Line{.id = id,
                                     .type = "DefineRoom",
                                     .resource = "r-" + id,
                                     .data = R"("name":"R","units":1,"inventory":"counter")"}
                                        .text() +
                                    "\n");
    EXPECT_EQ(applied.exit_code, 0) << applied;
  };
  for (const char* id : {"1", "2", "3"}) decide(id);
  first.signal(SIGKILL);
  ASSERT_TRUE(second.wait_for_err("projector: no longer standing by")) << second.err();
  decide("4");
  second.signal(SIGTERM);
  EXPECT_EQ(second.wait().exit_code, 0);
  for (const std::string& said : {first.err(), second.err()}) {
    EXPECT_THAT(said, testing::Not(testing::HasSubstr("moved the checkpoint"))) << said;
  }
  EXPECT_EQ(run(with({"verify"}, database.url())).exit_code, 0);
}

TEST_F(MysqlStore, ASecondSignalEndsAtOnceWhatTheFirstOneWaitsFor) {
  std::atomic<bool> asked = false;
  std::atomic<bool> released = false;
  MysqlProxy proxy(MysqlServer::shared().url(), [&](std::string_view command) {
    if (command.find("projection_checkpoint") == std::string_view::npos)
      return MysqlProxy::Verdict::pass;
    asked = true;
    released.wait(false);
    return MysqlProxy::Verdict::pass;
  });
  Program server(with({"serve", "--stop-within", "3600"}, proxy.url() + "/" + database.name()));
  while (!asked) std::this_thread::sleep_for(std::chrono::milliseconds{5});
  server.signal(SIGTERM);
  ASSERT_TRUE(server.wait_for_err("SIGTERM: stopping")) << server.err();
  while (server.running()) {  // those of the first second are taken for the first one's echo
    server.signal(SIGTERM);
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  EXPECT_EQ(server.wait().exit_code, -SIGTERM);
  released = true;
  released.notify_all();
}

TEST_F(MysqlStore, AServerThatDoesNotAnswerKeepsNobodyFromStoppingInTime) {
  std::atomic<bool> asked = false;
  std::atomic<bool> released = false;
  MysqlProxy proxy(MysqlServer::shared().url(), [&](std::string_view command) {
    if (command.find("projection_checkpoint") == std::string_view::npos) {
      return MysqlProxy::Verdict::pass;
    }
    asked = true;
    released.wait(false);
    return MysqlProxy::Verdict::pass;
  });
  Program server(with({"serve", "--stop-within", "1"}, proxy.url() + "/" + database.name()));
  while (!asked) std::this_thread::sleep_for(std::chrono::milliseconds{5});
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait().exit_code, 3);
  EXPECT_THAT(server.err(), testing::HasSubstr("not stopped within 1 s"));
  released = true;
  released.notify_all();
}

TEST_F(MysqlStore, ThePasswordComesFromAFileOrTheEnvironment) {
  const std::string user = "keeper_" + std::to_string(::getpid());
  database.sql(
      fmt::format("CREATE USER '{0}'@'%' IDENTIFIED BY 'S3cret words-';"
                  "GRANT ALL PRIVILEGES ON * TO '{0}'@'%'",
                  user));
  const std::string url = database.url();
  const std::string host = url.substr(url.find('@'));
  const std::string store = "mysql://" + user + host;
  write_file(files.folder / "password", "S3cret words-\n");

  const Arguments show{"show", "rooms", "--store", store};
  EXPECT_EQ(run(show).exit_code, 3);
  EXPECT_EQ(run(show, {}, {{"PESAN_STORE_PASSWORD", "S3cret words-"}}).exit_code, 0);
  Arguments from_file = show;
  from_file.insert(from_file.end(), {"--store-password-file", files.folder / "password"});
  const Outcome shown_from_file = run(from_file);
  EXPECT_EQ(shown_from_file.exit_code, 0) << shown_from_file;

  const Outcome told = run({"show", "rooms", "--store", "mysql://" + user + ":S3cret" + host});
  EXPECT_EQ(told.exit_code, 2);
  EXPECT_THAT(told.err, testing::Not(testing::HasSubstr("S3cret")));
  EXPECT_THAT(told.err, testing::HasSubstr("PESAN_STORE_PASSWORD"));
  database.sql(fmt::format("DROP USER '{}'@'%'", user));
}

}  // namespace
}  // namespace pesan::e2e
