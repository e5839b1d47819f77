// The schema of a SQLite read model: older files come forward step by step, or stay as they are;
// and what people did to a file is looked at.
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "adapters/sqlite/read_model_migration.hpp"
#include "adapters/sqlite/sqlite_read_model.hpp"
#include "adapters/sqlite/sqlite_rebuild.hpp"
#include "projections/indexes.hpp"
#include "projections/projector.hpp"
#include "projections/rebuild.hpp"
#include "projections/verify.hpp"
#include "tests/support/event_stream.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/must.hpp"
#include "tests/support/temp_folder.hpp"

namespace pesan {
namespace {

using sqlite::Database;
using sqlite::SchemaStep;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Access = ReadModelOptions::Access;

constexpr std::int32_t newest = tables::schema_version;
constexpr std::int32_t second = newest + 1;
constexpr std::int32_t third = newest + 2;

/// What a version of the future might be: these steps leave nothing behind.
constexpr sqlite::FileFormat file_of(std::int32_t version) {
  sqlite::FileFormat format = sqlite::read_model_file;
  format.version = version;
  return format;
}

class SqliteMigration : public testing::Test {
 protected:
  Database database() { return must(Database::open({.path = path})); }
  auto open(Access access = Access::write) {
    return SqliteReadModel::open({.path = path, .access = access});
  }
  std::int64_t version() { return must(database().query_integer("PRAGMA user_version")); }
  /// As many events as there are, in rows.
  void project() {
    stream.open();
    stream.write(100);
    const auto model = must(open(Access::create));
    for (const Topic topic : {Topic::events, Topic::customers}) {
      for (std::int32_t p = 0; p < partitions_of(log, topic); ++p) {
        Projector projector(log, *model, {topic, Partition{p}}, {.records = 100});
        while (must(projector.step()).kind == ProjectorStep::Kind::progress) {
        }
      }
    }
  }
  std::int64_t drift() {
    const auto model = must(open());
    return must(verify(log, *model, Topic::events, {}, [](const Difference&) {})).differences;
  }

  static std::string indexes(Database& file) {
    return must(
        file.query_text("SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema WHERE"
                        " type = 'index' AND sql NOT NULL ORDER BY name)"));
  }
  static void drop_indexes(Database& file) {
    must(file.execute(
        must(file.query_text("SELECT group_concat('DROP INDEX ' || name, ';') FROM sqlite_schema"
                             " WHERE type = 'index' AND sql NOT NULL"))));
  }

  TempFolder folder;
  std::string path = folder / "read.db";
  MemoryLog log{{.partitions = 2, .clock = [] { return Instant{0}; }}};
  EventStream stream{log, 11};
};

TEST_F(SqliteMigration, StepsAreCarriedOutInOrderAndOnce) {
  project();
  const std::vector<SchemaStep> steps{{.to = second, .sql = "CREATE TABLE way (a)"},
                                      {.to = third, .sql = "DROP TABLE way"}};
  auto file = database();
  must(sqlite::bring_forward(file, file_of(third), steps));
  EXPECT_EQ(version(), third);
  must(sqlite::bring_forward(file, file_of(third), steps));
  must(file.execute(fmt::format("PRAGMA user_version = {}; CREATE TABLE way (a)", second)));
  must(sqlite::bring_forward(file, file_of(third), steps));
  EXPECT_EQ(version(), third);
  EXPECT_GT(must(file.query_integer("SELECT count(*) FROM pemesanan")), 0) << "no views";
}

TEST_F(SqliteMigration, AColumnThatCameLaterStandsAtItsPlaceAndWhatOthersMadeStays) {
  project();
  auto file = database();
  must(
      file.execute("CREATE INDEX mine ON payment (at);"
                   "CREATE TRIGGER mine_too INSTEAD OF DELETE ON pemesanan BEGIN SELECT 1; END;"
                   "ALTER TABLE payment DROP COLUMN transaction_id"));
  const auto rows = must(file.query_integer("SELECT count(*) FROM payment"));
  std::vector<Column> columns(tables::payment.begin(), tables::payment.end());
  columns[describe(Table::payment).index_of("transaction_id")].since = second;
  TableDescription payment = describe(Table::payment);
  payment.columns = columns;
  const std::vector<SchemaStep> steps{sqlite::step_to(std::span(&payment, 1), second)};
  // Compares each table with its description.
  must(sqlite::bring_forward(file, file_of(second), steps));
  EXPECT_EQ(version(), second);
  EXPECT_GT(rows, 0);
  EXPECT_EQ(must(file.query_integer("SELECT count(*) FROM payment")), rows);
  EXPECT_EQ(must(file.query_integer("SELECT count(*) FROM sqlite_schema WHERE name IN"
                                    " ('mine', 'mine_too')")),
            2);
}

TEST_F(SqliteMigration, AFileOfBeforeTheIndexesGetsThemAndARebuildKeepsThem) {
  project();
  auto file = database();
  const std::string all = indexes(file);
  EXPECT_THAT(all, HasSubstr("CREATE INDEX booking_check_in ON booking (check_in)"));
  drop_indexes(file);
  must(file.execute("PRAGMA user_version = 1"));
  EXPECT_THAT(open(Access::read).error().what, HasSubstr("pesan migrate"));
  must(open());
  EXPECT_EQ(version(), newest);
  EXPECT_EQ(indexes(file), all);
  EXPECT_GT(drift(), 0) << "columns that came later are empty until a rebuild";
  const auto store = must(SqliteRebuild::open({.path = path}));
  must(rebuild(log, *must(open()), *store, Topic::events, {}, [](const Difference&) {}));
  EXPECT_EQ(indexes(file), all);
  EXPECT_EQ(drift(), 0);
}

TEST_F(SqliteMigration, ATableThatIsMadeAnewHasItsIndexesAgain) {
  project();
  auto file = database();
  const std::string all = indexes(file);
  drop_indexes(file);
  must(file.execute("ALTER TABLE booking DROP COLUMN subject_type; PRAGMA user_version = 1"));
  std::vector<Column> columns(tables::booking.begin(), tables::booking.end());
  columns[describe(Table::booking).index_of("subject_type")].since = second;
  std::vector<TableDescription> then(tables::all.begin(), tables::all.end());
  then[static_cast<std::size_t>(Table::booking)].columns = columns;
  std::vector<SchemaStep> steps;
  for (std::int32_t to = 2; to <= second; ++to) steps.push_back(sqlite::step_to(then, to));
  must(sqlite::bring_forward(file, file_of(second), steps));
  EXPECT_EQ(indexes(file), all);
}

TEST_F(SqliteMigration, AnIndexThatSomebodyDroppedOrChangedIsMadeAgain) {
  project();
  auto file = database();
  const std::string all = indexes(file);
  must(
      file.execute("DROP INDEX booking_status; DROP INDEX customer_name;"
                   "CREATE INDEX customer_name ON customer (code)"));
  must(open());
  EXPECT_THAT(must(sqlite::migrate_read_model(path)).said,
              ElementsAre("index booking_status made again", "index customer_name made again"));
  EXPECT_EQ(indexes(file), all);
}

TEST_F(SqliteMigration, AStepThatFailsLeavesTheFileAsItWas) {
  project();
  auto file = database();
  for (const char* bad : {"DROP TABLE nothing_of_that_name",
                          "ALTER TABLE booking ADD COLUMN a TEXT", "DROP TABLE payment"}) {
    const std::vector<SchemaStep> steps{{.to = second, .sql = "CREATE TABLE way (a)"},
                                        {.to = third, .sql = bad}};
    EXPECT_FALSE(sqlite::bring_forward(file, file_of(third), steps)) << bad;
    EXPECT_EQ(version(), newest);
    EXPECT_EQ(must(file.query_integer("SELECT count(*) FROM sqlite_schema WHERE name = 'way'")), 0);
  }
  const std::vector<SchemaStep> one_is_missing{{.to = third, .sql = "CREATE TABLE way (a)"}};
  EXPECT_FALSE(sqlite::bring_forward(file, file_of(third), one_is_missing));
  EXPECT_EQ(drift(), 0);
}

TEST_F(SqliteMigration, ARebuildUnderWayKeepsAFileWhereItIs) {
  project();
  const std::vector<SchemaStep> steps{{.to = second, .sql = ""}, {.to = third, .sql = ""}};
  const auto store = must(SqliteRebuild::open({.path = path}));
  must(store->begin(Topic::events));
  auto file = database();
  const auto refused = sqlite::bring_forward(file, file_of(third), steps);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::conflict);
  must(store->undo());
  must(sqlite::bring_forward(file, file_of(third), steps));
}

TEST_F(SqliteMigration, AnOlderFileIsNotOpenedAsItIs) {
  project();
  must(database().execute("PRAGMA user_version = 0"));
  for (const Access access : {Access::read, Access::write, Access::create}) {
    const auto refused = open(access);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().what, HasSubstr("schema version 0"));
  }
  EXPECT_FALSE(sqlite::migrate_read_model(path));
}

TEST_F(SqliteMigration, AFileThatSomebodyChangedIsRefusedByEverybodyAndNamed) {
  project();
  must(database().execute("ALTER TABLE payment RENAME COLUMN method TO way"));
  for (const Access access : {Access::read, Access::write, Access::create}) {
    const auto refused = open(access);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, FailureKind::fatal);
    EXPECT_THAT(refused.error().what, HasSubstr("way TEXT stands where method TEXT is expected"));
  }
  EXPECT_FALSE(sqlite::migrate_read_model(path));
  must(database().execute("ALTER TABLE payment RENAME COLUMN way TO method"));
  must(open());
}

TEST_F(SqliteMigration, WhatSomebodyDroppedIsMadeAgainAndARebuildFillsIt) {
  project();
  EXPECT_THAT(must(sqlite::migrate_read_model(path)).said, IsEmpty());
  must(
      database().execute("DROP VIEW pemesanan; DROP VIEW booking_online; DROP VIEW kamar_villa;"
                         "CREATE VIEW kamar_villa AS SELECT 1; DROP TABLE booking"));
  EXPECT_THAT(open().error().what, HasSubstr("pesan migrate"));
  const auto report = must(sqlite::migrate_read_model(path));
  EXPECT_EQ(report.before, newest);
  EXPECT_THAT(report.said, ElementsAre(testing::StartsWith("table booking was not there"),
                                       "view booking_online made again",
                                       "view kamar_villa made again", "view pemesanan made again"));
  EXPECT_GT(drift(), 0);
  const auto store = must(SqliteRebuild::open({.path = path}));
  must(rebuild(log, *must(open()), *store, Topic::events, {}, [](const Difference&) {}));
  EXPECT_EQ(drift(), 0);
}

TEST_F(SqliteMigration, AFileThatIsNotThereIsMade) {
  path = folder / "new/read.db";
  EXPECT_EQ(must(sqlite::migrate_read_model(path)).before, std::nullopt);
  EXPECT_EQ(must(sqlite::migrate_read_model(path)).before, newest);
  must(open(Access::read));
}

}  // namespace
}  // namespace pesan
