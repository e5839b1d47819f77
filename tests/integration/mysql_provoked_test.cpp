// What administrators and others do to a database while pesan writes to it: each refusal says what
// to do, and doing that helps.
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "adapters/mysql/mysql_rebuild.hpp"
#include "projections/rebuild.hpp"
#include "tests/integration/mysql_fixture.hpp"

namespace pesan {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class MysqlProvoked : public MysqlTest {
 protected:
  MysqlProvoked() {
    must(mysql::migrate(credentials()));
    write(200);
  }
  /// The next events of partition 0.
  Fallible<ProjectorStep> step(ReadModel& model) {
    return Projector(log, model, {Topic::events, Partition{0}}, {.records = 20}).step();
  }
  void expect(const Fallible<ProjectorStep>& refused, FailureKind kind, const char* advice) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, kind) << refused.error().what;
    EXPECT_THAT(refused.error().what, AllOf(HasSubstr(advice), Not(HasSubstr("report"))));
  }
  /// A step that waits for a lock while this is done to its connection, `{}`.
  Fallible<ProjectorStep> step_while(ReadModel& model, const std::string& what) {
    auto holder = must(mysql::Connection::open(credentials()));
    must(holder.execute("hold", "START TRANSACTION"));
    must(must(holder.query("hold", "SELECT fold FROM projection_checkpoint FOR UPDATE")).next());
    Fallible<ProjectorStep> refused = ProjectorStep{};
    {
      const std::jthread stepping([&] { refused = step(model); });
      std::string id;
      while (id.empty()) {
        id = database.sql(fmt::format(
            "SELECT id FROM information_schema.processlist WHERE db = '{}' AND command = 'Query'"
            " AND id <> CONNECTION_ID() LIMIT 1",
            database.name()));
      }
      id.pop_back();
      database.sql(fmt::format("{} {}", what, id));
    }
    must(holder.execute("let go", "ROLLBACK"));
    return refused;
  }
  void rebuild_events() {
    const auto store = must(MysqlRebuild::open(credentials()));
    must(rebuild(log, *open(credentials()), *store, Topic::events, {}, [](const Difference&) {}));
  }
  void goes_on() {
    project(*open(credentials()));
    EXPECT_EQ(drift(*open(credentials())), 0);
  }
};

TEST_F(MysqlProvoked, AStatementThatIsKilledIsTriedAgain) {
  const auto model = open(credentials());
  must(step(*model));
  expect(step_while(*model, "KILL QUERY"), FailureKind::transient, "ended the statement");
  must(step(*model));
  goes_on();
}

TEST_F(MysqlProvoked, AConnectionThatIsKilledIsTriedAgain) {
  const auto model = open(credentials());
  must(step(*model));
  expect(step_while(*model, "KILL"), FailureKind::transient, "can be tried again");
  must(step(*model));
  goes_on();
}

TEST_F(MysqlProvoked, ARightThatIsLostIsNamed) {
  const std::string name = "some_" + database.name().substr(11);
  const std::string all = fmt::format("ALL ON {}.* ", database.name());
  database.sql(fmt::format("CREATE USER '{0}'@'%' IDENTIFIED BY '{1}'; GRANT {2} TO '{0}'@'%'",
                           name, account_password, all));
  const auto model = open(as(name));
  database.sql(fmt::format("REVOKE {1} FROM '{0}'@'%'; GRANT SELECT ON {2}.* TO '{0}'@'%'", name,
                           all, database.name()));
  expect(step(*open(as(name), Access::read)), FailureKind::fatal, "sql/grants.sql");
  database.sql(fmt::format("GRANT {1} TO '{0}'@'%'", name, all));
  must(step(*open(as(name))));
  database.sql(fmt::format("DROP USER '{}'@'%'", name));
}

TEST_F(MysqlProvoked, ATableThatIsDroppedComesBackByWhatIsAdvised) {
  const auto model = open(credentials());
  must(step(*model));
  database.sql("DROP TABLE booking_history");
  expect(step(*model), FailureKind::fatal, "`pesan migrate --store URL` makes the tables");
  must(mysql::migrate(credentials()));
  rebuild_events();
  goes_on();
}

TEST_F(MysqlProvoked, ATriggerOrAConstraintOfSomebodyIsNamed) {
  const auto model = open(credentials());
  must(step(*model));
  for (const auto& [put, take] : std::vector<std::pair<std::string, std::string>>{
           {"CREATE TRIGGER mine BEFORE INSERT ON booking_history FOR EACH ROW"
            " SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not on Sundays'",
            "DROP TRIGGER mine"},
           {"ALTER TABLE booking_history ADD CONSTRAINT mine CHECK (version < 0)",
            "ALTER TABLE booking_history DROP CONSTRAINT mine"}}) {
    database.sql("DELETE FROM booking_history");
    database.sql(put);
    expect(step(*open(credentials())), FailureKind::fatal, "take it off the table");
    database.sql(take);
    must(step(*open(credentials())));
  }
}

TEST_F(MysqlProvoked, AColumnThatIsTooNarrowIsNamedByMigrate) {
  must(step(*open(credentials())));
  database.sql(
      "DELETE FROM booking_history; ALTER TABLE booking_history MODIFY event_type VARCHAR(3)");
  expect(step(*open(credentials())), FailureKind::fatal, "says where it differs");
  EXPECT_THAT(mysql::migrate(credentials()).error().what, HasSubstr("`event_type` varchar("));
}

TEST_F(MysqlProvoked, ARowThatSomebodyPutThereIsNamedAndARebuildHelps) {
  project(*open(credentials()));
  database.sql("DELETE FROM projection_checkpoint WHERE topic = 'events'");
  expect(step(*open(credentials())), FailureKind::fatal, "`pesan rebuild` makes them anew");
  rebuild_events();
  goes_on();
}

}  // namespace
}  // namespace pesan
