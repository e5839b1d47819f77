// Settings of a server that would change what pesan's statements mean, or forbid them: each is set
// by the session, or refused by name with advice that helps. On a MariaDB of its own, as these
// settings are the whole server's.
#include <optional>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "adapters/mysql/mysql_rebuild.hpp"
#include "projections/rebuild.hpp"
#include "tests/integration/mysql_fixture.hpp"
#include "tests/support/temp_folder.hpp"

namespace pesan {
namespace {

using testing::HasSubstr;
using testing::Not;

class HostileMariadb : public MysqlTest {
 protected:
  HostileMariadb() : MysqlTest(server()) {}

  static MysqlServer& server() {
    static const TempFolder folder;
    static MysqlServer own(folder / "server", "--log-bin --binlog-format=ROW");
    return own;
  }
  /// As they were, also after a test that did not come to its end.
  void TearDown() override {
    server().sql("", R"(SET GLOBAL sql_safe_updates = DEFAULT, sql_select_limit = DEFAULT,
autocommit = 1, completion_type = DEFAULT, tx_isolation = DEFAULT, tx_read_only = 0,
sql_mode = DEFAULT, time_zone = DEFAULT, max_join_size = DEFAULT, foreign_key_checks = 1,
unique_checks = 1, innodb_default_row_format = DEFAULT, max_statement_time = 0,
sql_auto_is_null = 0, lock_wait_timeout = DEFAULT, default_storage_engine = DEFAULT,
character_set_server = DEFAULT, collation_server = DEFAULT, group_concat_max_len = DEFAULT,
max_allowed_packet = DEFAULT, binlog_format = ROW, log_bin_trust_function_creators = 0,
read_only = 0, enforce_storage_engine = NULL)");
  }
  static void set(const std::string& settings) { server().sql("", "SET GLOBAL " + settings); }

  /// An account without any of an administrator's rights but for all in this database.
  mysql::Credentials ordinary() {
    const std::string name = "plain_" + database.name().substr(11);
    server().sql("", fmt::format("CREATE DATABASE IF NOT EXISTS {0};"
                                 "CREATE OR REPLACE USER '{1}'@'%' IDENTIFIED BY '{2}';"
                                 "GRANT ALL ON {0}.* TO '{1}'@'%'",
                                 database.name(), name, account_password));
    return as(name);
  }
  /// The first events of partition 0.
  Fallible<ProjectorStep> step(ReadModel& model) {
    return Projector(log, model, {Topic::events, Partition{0}}, {.records = 10}).step();
  }
};

TEST_F(HostileMariadb, TablesHaveTransactionsWhateverEngineIsTheDefault) {
  for (const char* engine : {"MyISAM", "Aria"}) {
    set(fmt::format("default_storage_engine = {}", engine));
    must(mysql::migrate(credentials()));
    set("default_storage_engine = InnoDB");
    EXPECT_EQ(database.sql("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema ="
                           " DATABASE() AND table_type = 'BASE TABLE' AND engine <> 'InnoDB'"),
              "0\n");
    server().sql("", "DROP DATABASE " + database.name());
  }
}

TEST_F(HostileMariadb, AnEngineThatIsEnforcedIsNamed) {
  set("enforce_storage_engine = MyISAM");
  const auto refused = mysql::migrate(credentials());
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, HasSubstr("lift enforce_storage_engine"));
  set("enforce_storage_engine = NULL");
  must(mysql::migrate(credentials()));
}

TEST_F(HostileMariadb, NoDefaultOfAServerChangesWhatAStatementMeans) {
  set("sql_safe_updates = 1, sql_select_limit = 1, autocommit = 0, completion_type = 'RELEASE',"
      " tx_isolation = 'SERIALIZABLE', tx_read_only = 1,"
      " sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT', time_zone = '+07:00', max_join_size = 1000,"
      " foreign_key_checks = 0, unique_checks = 0, innodb_default_row_format = 'compact',"
      " max_statement_time = 3600, sql_auto_is_null = 1, lock_wait_timeout = 1,"
      " default_storage_engine = 'MyISAM', character_set_server = 'latin1',"
      " collation_server = 'latin1_swedish_ci', group_concat_max_len = 4");
  must(mysql::migrate(credentials()));
  write(300);
  project(*open(credentials()));
  EXPECT_EQ(drift(*open(credentials())), 0);
  {
    auto connection = must(mysql::Connection::open(credentials()));
    must(connection.execute("try", "CALL CreateDatabaseBackup('nightly')"));
    must(connection.execute("try", "CALL RestoreDatabaseBackup('nightly')"));
  }
  const auto store = must(MysqlRebuild::open(credentials()));
  must(rebuild(log, *open(credentials()), *store, Topic::events, {}, [](const Difference&) {}));
  EXPECT_EQ(drift(*open(credentials())), 0);
  EXPECT_EQ(must(must(mysql::Connection::open(credentials()))
                     .query_integer("try",
                                    "SELECT @@unique_checks + @@foreign_key_checks"
                                    " + @@max_statement_time")),
            2);
}

TEST_F(HostileMariadb, APacketBelowABatchIsRefusedByName) {
  must(mysql::migrate(credentials()));
  set("max_allowed_packet = 1048576");
  const auto refused = MysqlReadModel::open(credentials(), Access::write);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::fatal);
  EXPECT_THAT(refused.error().what, HasSubstr("max_allowed_packet = 1048576"));
  const std::string advice = "max_allowed_packet = 16777216";
  EXPECT_THAT(refused.error().what, HasSubstr("SET GLOBAL " + advice));
  set(advice);
  open(credentials());
}

TEST_F(HostileMariadb, ABinaryLogOfStatementsIsNamed) {
  must(mysql::migrate(credentials()));
  write(50);
  set("binlog_format = STATEMENT");
  const auto refused = step(*open(credentials()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::fatal);
  const std::string advice = "binlog_format = ROW";
  EXPECT_THAT(refused.error().what, HasSubstr("SET GLOBAL " + advice));
  set(advice);
  must(step(*open(credentials())));
}

TEST_F(HostileMariadb, ABinaryLogThatTrustsNoFunctionsIsNamed) {
  const auto refused = mysql::migrate(ordinary());
  ASSERT_FALSE(refused);
  const std::string advice = "log_bin_trust_function_creators = 1";
  EXPECT_THAT(refused.error().what, HasSubstr("SET GLOBAL " + advice));
  set(advice);
  must(mysql::migrate(ordinary()));
}

TEST_F(HostileMariadb, AServerThatTakesNoWritesIsWaitedFor) {
  must(mysql::migrate(credentials()));
  write(50);
  const auto model = open(ordinary());
  set("read_only = 1");
  const auto refused = step(*model);
  set("read_only = 0");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::transient);
  EXPECT_THAT(refused.error().what, HasSubstr("takes no writes"));
  must(step(*model));
}

}  // namespace
}  // namespace pesan
