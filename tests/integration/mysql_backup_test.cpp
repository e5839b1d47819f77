// The procedures of backups, called as operators and their programs call them.
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/integration/mysql_fixture.hpp"

namespace pesan {
namespace {

using testing::HasSubstr;

class MysqlBackup : public MysqlTest {
 protected:
  MysqlBackup() { must(mysql::migrate(credentials())); }

  /// The server's words where it refuses; else empty.
  std::string refusal(const std::string& statements) const {
    try {
      database.sql(statements);
      return {};
    } catch (const std::exception& error) {
      return error.what();
    }
  }
  std::string backups() const {
    return database.sql("SELECT CONCAT('[', name, ']') FROM database_backup ORDER BY name");
  }
  /// Waits until so many connections wait for what somebody holds.
  void until_waiting(int connections) const {
    const std::string query = fmt::format(
        "SELECT COUNT(*) FROM information_schema.processlist WHERE db = '{}' AND command = 'Query'"
        " AND id <> CONNECTION_ID()",
        database.name());
    while (database.sql(query) != fmt::format("{}\n", connections)) {
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
  }
};

TEST_F(MysqlBackup, ANameThatEndsInABlankIsRefusedAndForgetsNothing) {
  database.sql("CALL CreateDatabaseBackup('nightly')");
  for (const char* call : {"CreateDatabaseBackup", "DropDatabaseBackup", "RestoreDatabaseBackup"}) {
    EXPECT_THAT(refusal(fmt::format("CALL {}('nightly ')", call)), HasSubstr("end in a blank"));
    EXPECT_THAT(refusal(fmt::format("CALL {}('  ')", call)), HasSubstr("needs a name"));
    EXPECT_THAT(refusal(fmt::format("CALL {}(NULL)", call)), HasSubstr("needs a name"));
  }
  EXPECT_EQ(backups(), "[nightly]\n");
  database.sql("CALL CreateDatabaseBackup('Nightly'); CALL CreateDatabaseBackup(' nightly')");
  database.sql("CALL RestoreDatabaseBackup('nightly'); CALL DropDatabaseBackup('nightly')");
  EXPECT_EQ(backups(), "[ nightly]\n[Nightly]\n");
}

TEST_F(MysqlBackup, DroppingOneThatIsNoneIsRefused) {
  EXPECT_THAT(refusal("CALL DropDatabaseBackup('none')"), HasSubstr("no backup of that name"));
}

TEST_F(MysqlBackup, OfTwoCallsWithOneNameOneMakesItAndTheOtherIsTold) {
  write(100);
  project(*open(credentials()));
  std::string refusals[2];
  {
    auto holder = must(mysql::Connection::open(credentials()));
    must(holder.execute("hold", "START TRANSACTION"));
    must(must(holder.query("hold", "SELECT fold FROM projection_checkpoint FOR UPDATE")).next());
    std::vector<std::jthread> callers;
    for (std::string& answer : refusals) {
      callers.emplace_back([&] { answer = refusal("CALL CreateDatabaseBackup('nightly')"); });
    }
    until_waiting(2);
    must(holder.execute("let go", "ROLLBACK"));
  }
  EXPECT_THAT(refusals[0] + refusals[1], HasSubstr("there is a backup of that name already"));
  EXPECT_TRUE(refusals[0].empty() != refusals[1].empty());
  const std::string rows = database.sql("SELECT * FROM booking ORDER BY booking_id");
  database.sql("DELETE FROM booking; CALL RestoreDatabaseBackup('nightly')");
  EXPECT_EQ(database.sql("SELECT * FROM booking ORDER BY booking_id"), rows);
}

TEST_F(MysqlBackup, ARefusalLetsGoOfTheLock) {
  database.sql("CALL CreateDatabaseBackup('nightly')");
  for (const char* call : {"CreateDatabaseBackup('nightly')", "DropDatabaseBackup('none')",
                           "RestoreDatabaseBackup('none')"}) {
    auto session = must(mysql::Connection::open(credentials()));
    EXPECT_FALSE(session.execute("try", fmt::format("CALL {}", call)));
    EXPECT_EQ(database.sql("SELECT IS_USED_LOCK(backup_lock())"), "NULL\n") << call;
  }
}

TEST_F(MysqlBackup, WorksInWhateverSessionItsCallerHas) {
  write(100);
  const auto model = open(credentials());
  project(*model);
  const std::string session =
      "SET autocommit = 0, sql_safe_updates = 1, completion_type = 'CHAIN';"
      "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ;"
      "SELECT COUNT(*) FROM booking WHERE FALSE;";
  const auto call = [&](const std::string& procedure) {
    return session + "CALL " + procedure + "('case');";
  };
  database.sql(call("CreateDatabaseBackup"));
  write(50);
  project(*model);
  database.sql(call("RestoreDatabaseBackup"));
  EXPECT_EQ(drift(*model), 0);
  project(*model);
  EXPECT_EQ(drift(*model), 0);
  database.sql(call("DropDatabaseBackup"));
  EXPECT_EQ(backups(), "");
  EXPECT_EQ(database.sql("SHOW TABLES LIKE 'backup\\_%'"), "");
}

}  // namespace
}  // namespace pesan
