// The schema of a MySQL read model: made, looked at, refused.
#include <thread>

#include "tests/integration/mysql_fixture.hpp"

namespace pesan {
namespace {

using MysqlMigration = MysqlTest;

TEST_F(MysqlMigration, makes_database_tables_views_and_routines_once) {
  const auto first = must(mysql::migrate(credentials()));
  EXPECT_EQ(first.before, std::nullopt);
  EXPECT_TRUE(first.objects_replaced);
  const auto second = must(mysql::migrate(credentials()));
  EXPECT_EQ(second.before, first.now);
  EXPECT_EQ(second.now, first.now);
  EXPECT_FALSE(second.objects_replaced);
  EXPECT_EQ(database.sql("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema ="
                         " DATABASE() AND table_type = 'BASE TABLE' AND table_comment = ''"),
            "0\n");
  EXPECT_EQ(database.sql("SELECT COUNT(*) FROM information_schema.columns c JOIN"
                         " information_schema.tables t USING (table_schema, table_name) WHERE"
                         " table_schema = DATABASE() AND table_type = 'BASE TABLE' AND"
                         " column_comment = ''"),
            "0\n");
}

TEST_F(MysqlMigration, a_store_without_tables_says_how_to_make_them) {
  MysqlServer::shared().sql("", "CREATE DATABASE " + database.name());
  const auto refused = MysqlReadModel::open(credentials(), Access::write);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("pesan migrate"), std::string::npos);
}

TEST_F(MysqlMigration, one_that_was_interrupted_is_carried_out_again) {
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

TEST_F(MysqlMigration, several_at_once_make_one_schema) {
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

TEST_F(MysqlMigration, tables_of_somebody_else_are_not_taken_over) {
  MysqlServer::shared().sql("", "CREATE DATABASE " + database.name());
  database.sql("CREATE TABLE service (id INT PRIMARY KEY)");
  const auto refused = mysql::migrate(credentials());
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("table service"), std::string::npos) << refused.error().what;
  EXPECT_EQ(database.sql("SHOW TABLES"), "service\n");
}

TEST_F(MysqlMigration, a_schema_of_the_future_is_refused_by_everybody) {
  must(mysql::migrate(credentials()));
  database.sql("INSERT INTO schema_migration VALUES (99, 'wonders', '', UTC_TIMESTAMP(6))");
  for (const auto& what : {mysql::migrate(credentials()).error().what,
                           MysqlReadModel::open(credentials(), Access::read).error().what}) {
    EXPECT_NE(what.find("version 99"), std::string::npos) << what;
  }
}

TEST_F(MysqlMigration, a_step_with_another_text_is_refused) {
  must(mysql::migrate(credentials()));
  database.sql("UPDATE schema_migration SET checksum = 'other' WHERE version = 1");
  const auto refused = mysql::migrate(credentials());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::fatal);
}

TEST_F(MysqlMigration, views_and_routines_of_another_build_are_replaced) {
  must(mysql::migrate(credentials()));
  database.sql(
      "DROP VIEW kamar_villa; DROP FUNCTION GetTotalRevenue;"
      "UPDATE schema_migration SET checksum = 'other' WHERE version = 0");
  EXPECT_TRUE(must(mysql::migrate(credentials())).objects_replaced);
  EXPECT_EQ(database.sql("SELECT GetTotalRevenue('2026-01-01', '2026-12-31')"), "0.00\n");
  EXPECT_EQ(database.sql("SELECT COUNT(*) FROM kamar_villa"), "0\n");
}

}  // namespace
}  // namespace pesan
