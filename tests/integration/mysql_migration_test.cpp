// The schema of a MySQL read model: made, looked at, refused.
#include <array>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "adapters/mysql/mysql_rebuild.hpp"
#include "projections/indexes.hpp"
#include "projections/rebuild.hpp"
#include "tests/integration/mysql_fixture.hpp"

namespace pesan {
namespace {

class MysqlMigration : public MysqlTest {
 protected:
  void rebuild_all() {
    for (const Topic topic : {Topic::events, Topic::customers}) {
      const auto store = must(MysqlRebuild::open(credentials()));
      must(rebuild(log, *open(credentials()), *store, topic, {}, [](const Difference&) {}));
    }
  }
};

TEST_F(MysqlMigration, MakesDatabaseTablesViewsAndRoutinesOnce) {
  const auto first = must(mysql::migrate(credentials()));
  EXPECT_EQ(first.before, std::nullopt);
  const auto second = must(mysql::migrate(credentials()));
  EXPECT_EQ(second.before, first.now);
  EXPECT_EQ(second.now, first.now);
  EXPECT_THAT(second.said, testing::IsEmpty());
  EXPECT_EQ(database.sql("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema ="
                         " DATABASE() AND table_type = 'BASE TABLE' AND table_comment = ''"),
            "0\n");
  EXPECT_EQ(database.sql("SELECT COUNT(*) FROM information_schema.columns c JOIN"
                         " information_schema.tables t USING (table_schema, table_name) WHERE"
                         " table_schema = DATABASE() AND table_type = 'BASE TABLE' AND"
                         " column_comment = ''"),
            "0\n");
}

TEST_F(MysqlMigration, ADatabaseOfBeforeAnIndexGetsItWhateverOthersHaveMade) {
  must(mysql::migrate(credentials()));
  const auto keys = [&] {
    return database.sql("SHOW CREATE TABLE booking; SHOW CREATE TABLE customer");
  };
  const std::string all = keys();
  database.sql(
      "DELETE FROM schema_migration WHERE version > 1; ALTER TABLE customer DROP KEY customer_name;"
      "ALTER TABLE booking DROP KEY booking_check_in, ADD KEY mine (units)");
  const auto refused = MysqlReadModel::open(credentials(), Access::write);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, testing::HasSubstr("pesan migrate"));
  const auto report = must(mysql::migrate(credentials()));
  EXPECT_EQ(report.before, 1);
  EXPECT_EQ(report.now, tables::schema_version);
  EXPECT_THAT(report.said, testing::IsEmpty());
  database.sql("ALTER TABLE booking DROP KEY mine");
  EXPECT_EQ(keys().size(), all.size());  // the servers write keys in the order in which they came
  EXPECT_THAT(must(mysql::migrate(credentials())).said, testing::IsEmpty());
}

TEST_F(MysqlMigration, AnIndexThatNobodyNeedsGoesOnceAndIsNotMissed) {
  must(mysql::migrate(credentials()));
  const auto keys = [&] { return database.sql("SHOW CREATE TABLE payment"); };
  const std::string all = keys();
  database.sql(
      "DELETE FROM schema_migration WHERE version > 2; ALTER TABLE payment ADD KEY payment_at "
      "(at)");
  EXPECT_THAT(must(mysql::migrate(credentials())).said, testing::IsEmpty());
  EXPECT_EQ(keys(), all);
  // From then on one of that name is somebody's own.
  database.sql("ALTER TABLE payment ADD KEY payment_at (at)");
  EXPECT_THAT(must(mysql::migrate(credentials())).said, testing::IsEmpty());
  EXPECT_NE(keys(), all);
}

TEST_F(MysqlMigration, AStoreWithoutTablesSaysHowToMakeThem) {
  MysqlServer::shared().sql("", "CREATE DATABASE " + database.name());
  const auto refused = MysqlReadModel::open(credentials(), Access::write);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("pesan migrate"), std::string::npos);
}

TEST_F(MysqlMigration, OneThatWasInterruptedIsCarriedOutAgain) {
  must(mysql::migrate(credentials()));
  database.sql(
      "DELETE FROM schema_migration; DROP TABLE service, payment;"
      "DELETE FROM projection_checkpoint; DROP VIEW pemesanan");
  must(mysql::migrate(credentials()));
  const auto model = open(credentials());
  write(50);
  project(*model);
  EXPECT_EQ(drift(*model), 0);
}

TEST_F(MysqlMigration, SeveralAtOnceMakeOneSchema) {
  std::vector<std::thread> threads;
  std::vector<Fallible<mysql::MigrationReport>> reports(4);
  for (auto& report : reports) {
    threads.emplace_back([&] { report = mysql::migrate(credentials()); });
  }
  for (auto& thread : threads) thread.join();
  int made = 0;
  for (const auto& report : reports) {
    ASSERT_TRUE(report) << report.error().what;
    made += report->before ? 0 : 1;
  }
  EXPECT_EQ(made, 1);
}

// It would swap in tables that lack what was added, and the ledger would say that they have it.
TEST_F(MysqlMigration, ARebuildUnderWayKeepsASchemaWhereItIs) {
  must(mysql::migrate(credentials()));
  const auto store = must(MysqlRebuild::open(credentials()));
  must(store->begin(Topic::events));
  const auto refused = mysql::migrate(credentials());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::conflict);
  EXPECT_THAT(refused.error().what, testing::HasSubstr("rebuilds"));
  must(store->undo());
  must(mysql::migrate(credentials()));
}

TEST_F(MysqlMigration, TablesOfSomebodyElseAreNotTakenOver) {
  MysqlServer::shared().sql("", "CREATE DATABASE " + database.name());
  database.sql("CREATE TABLE service (id INT PRIMARY KEY)");
  const auto refused = mysql::migrate(credentials());
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("table service"), std::string::npos) << refused.error().what;
  EXPECT_EQ(database.sql("SHOW TABLES"), "service\n");
}

TEST_F(MysqlMigration, ASchemaOfTheFutureIsRefusedByEverybody) {
  must(mysql::migrate(credentials()));
  database.sql("INSERT INTO schema_migration VALUES (99, 'wonders', '', UTC_TIMESTAMP(6))");
  for (const auto& what : {mysql::migrate(credentials()).error().what,
                           MysqlReadModel::open(credentials(), Access::read).error().what}) {
    EXPECT_NE(what.find("version 99"), std::string::npos) << what;
  }
}

TEST_F(MysqlMigration, TablesAreJudgedByWhatTheyAreNotByWhatMadeThem) {
  must(mysql::migrate(credentials()));
  database.sql("UPDATE schema_migration SET checksum = 'other' WHERE version = 1");
  EXPECT_THAT(must(mysql::migrate(credentials())).said, testing::IsEmpty());
}

TEST_F(MysqlMigration, ViewsAndRoutinesOfAnotherBuildAreReplaced) {
  must(mysql::migrate(credentials()));
  database.sql(
      "DROP VIEW kamar_villa; DROP FUNCTION GetTotalRevenue;"
      "UPDATE schema_migration SET checksum = 'other' WHERE version = 0");
  EXPECT_THAT(must(mysql::migrate(credentials())).said, testing::Not(testing::IsEmpty()));
  EXPECT_EQ(database.sql("SELECT GetTotalRevenue('2026-01-01', '2026-12-31')"), "0.00\n");
  EXPECT_EQ(database.sql("SELECT COUNT(*) FROM kamar_villa"), "0\n");
}

TEST_F(MysqlMigration, ViewsAndRoutinesThatAreGoneOrChangedAreMadeAgain) {
  must(mysql::migrate(credentials()));
  database.sql(R"(
DROP VIEW pemesanan;
CREATE OR REPLACE VIEW kamar_villa AS SELECT 1 AS id_kamar;
DROP FUNCTION GetTotalRevenue;
DROP PROCEDURE GetAvailableSchedules;
CREATE PROCEDURE GetAvailableSchedules(a VARCHAR(63), b DATE) SELECT 'nothing';
)");
  const auto said = must(mysql::migrate(credentials())).said;
  ASSERT_EQ(said.size(), 3U) << testing::PrintToString(said);
  EXPECT_EQ(said[0], "views kamar_villa, pemesanan made again");
  EXPECT_THAT(said[1], testing::StartsWith("routines GetTotalRevenue, GetAvailableSchedules made"));
  EXPECT_EQ(database.sql("SELECT COUNT(*) FROM pemesanan"), "0\n");
  EXPECT_EQ(database.sql("SELECT COUNT(*) FROM kamar_villa"), "0\n");
  EXPECT_EQ(database.sql("CALL GetAvailableSchedules('x', '2031-01-01')"), "");
  EXPECT_THAT(must(mysql::migrate(credentials())).said, testing::IsEmpty());
}

TEST_F(MysqlMigration, RoutinesOfAnAccountThatIsGoneBecomeThoseOfWhoMigrates) {
  const std::string old = "old_" + database.name().substr(11);
  MysqlServer::shared().sql(
      "", fmt::format("CREATE DATABASE {0}; CREATE USER '{1}'@'%' IDENTIFIED BY '{2}';"
                      " GRANT ALL ON {0}.* TO '{1}'@'%'",
                      database.name(), old, account_password));
  if (!MysqlServer::shared().is_mariadb()) {  // it has a binary log
    MysqlServer::shared().sql("", fmt::format("GRANT SUPER ON *.* TO '{}'@'%'", old));
  }
  EXPECT_THAT(must(mysql::migrate(as(old))).said,
              testing::Contains(testing::HasSubstr("with the rights of " + old + "@")));
  database.sql(fmt::format("DROP USER '{}'@'%'", old));
  const auto said = must(mysql::migrate(credentials())).said;
  EXPECT_THAT(said, testing::Contains(testing::HasSubstr("with the rights of root@")));
  EXPECT_EQ(database.sql("SELECT GetTotalRevenue('2026-01-01', '2026-12-31')"), "0.00\n");
  database.sql("CALL CreateDatabaseBackup('nightly'); CALL DropDatabaseBackup('nightly')");
}

TEST_F(MysqlMigration, ATableThatIsGoneComesBackAndARebuildFillsIt) {
  must(mysql::migrate(credentials()));
  write(200);
  project(*open(credentials()));
  database.sql("DROP TABLE booking, projection_checkpoint");
  const auto said = must(mysql::migrate(credentials())).said;
  ASSERT_EQ(said.size(), 2U) << testing::PrintToString(said);
  EXPECT_THAT(said[0], testing::StartsWith("table booking was not there"));
  rebuild_all();
  project(*open(credentials()));
  EXPECT_EQ(drift(*open(credentials())), 0);
}

TEST_F(MysqlMigration, ATableWithoutTransactionsIsRefusedAndGivenThem) {
  must(mysql::migrate(credentials()));
  write(200);
  project(*open(credentials()));
  database.sql("ALTER TABLE booking ENGINE = MyISAM; DELETE FROM booking LIMIT 3");
  const auto refused = MysqlReadModel::open(credentials(), Access::write);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::fatal);
  EXPECT_THAT(refused.error().what, testing::HasSubstr("table booking of"));
  EXPECT_THAT(refused.error().what, testing::HasSubstr("engine MyISAM"));
  // What it advises: migrate, verify, rebuild.
  EXPECT_THAT(must(mysql::migrate(credentials())).said,
              testing::ElementsAre(testing::StartsWith("table booking has transactions now")));
  EXPECT_EQ(drift(*open(credentials())), 3);
  rebuild_all();
  EXPECT_EQ(drift(*open(credentials())), 0);
  EXPECT_THAT(must(mysql::migrate(credentials())).said, testing::IsEmpty());
}

TEST_F(MysqlMigration, TablesAreComparedByDefinition) {
  must(mysql::migrate(credentials()));
  // An index of somebody's own is in nobody's way; one of ours that is gone comes back.
  database.sql("ALTER TABLE customer ADD KEY mine (bookings), DROP KEY customer_phone");
  EXPECT_THAT(must(mysql::migrate(credentials())).said,
              testing::ElementsAre("table customer has its KEY `customer_phone` (`phone`) again"));
  for (const auto& [change, back, what] : std::vector<std::array<std::string, 3>>{
           {"MODIFY units INT NOT NULL", "MODIFY units BIGINT NOT NULL", "it lacks `units` bigint"},
           {"ADD COLUMN mine INT", "DROP COLUMN mine", "pesan knows nothing of its `mine` int"},
           {"ADD UNIQUE KEY one (notes(9))", "DROP KEY one", "its UNIQUE KEY `one`"},
           {"CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
            "CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "utf8mb4_bin"}}) {
    database.sql("ALTER TABLE booking " + change);
    const auto refused = mysql::migrate(credentials());
    ASSERT_FALSE(refused) << change;
    EXPECT_EQ(refused.error().kind, FailureKind::fatal);
    EXPECT_THAT(refused.error().what, testing::HasSubstr("table booking of")) << change;
    EXPECT_THAT(refused.error().what, testing::HasSubstr(what)) << change;
    database.sql("ALTER TABLE booking " + back);
    EXPECT_THAT(must(mysql::migrate(credentials())).said, testing::IsEmpty()) << back;
  }
}

}  // namespace
}  // namespace pesan
