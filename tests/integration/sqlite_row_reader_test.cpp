// What reading rows from a SQLite file costs: every access path goes by its index, and a page reads
// its own rows and no others.
#include "adapters/sqlite/sqlite_row_reader.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "adapters/sqlite/sqlite_read_model.hpp"
#include "tests/support/must.hpp"
#include "tests/support/path_queries.hpp"
#include "tests/support/temp_folder.hpp"

namespace pesan {
namespace {

using sqlite::Database;
using testing::HasSubstr;
using testing::Not;

class SqliteRowReaderTest : public testing::Test {
 protected:
  std::string plan_of(const RowQuery& query) {
    std::vector<Value> values;
    auto statement = must(database.prepare("EXPLAIN QUERY PLAN " + sqlite::sql_of(query, values)));
    std::string plan;
    while (must(statement.step())) plan += fmt::format("{}\n", statement.text(3));
    return plan;
  }

  TempFolder folder;
  std::unique_ptr<SqliteReadModel> model = must(SqliteReadModel::open(
      {.path = folder / "read.db", .access = ReadModelOptions::Access::create}));
  Database database = must(Database::open({.path = folder / "read.db"}));
};

std::string index_of(const AccessPath& path) {
  if (path.goes_by_key()) return "USING PRIMARY KEY";
  if (path.index == "booking_number") return "USING INDEX sqlite_autoindex_booking_";
  return fmt::format("USING INDEX {}", path.index);
}

TEST_F(SqliteRowReaderTest, EveryAccessPathGoesByItsIndexAndSortsNothing) {
  for (const AccessPath& path : tables::paths) {
    for (const auto& [query, begins_anywhere] : queries_on(path)) {
      const std::string plan = plan_of(query);
      SCOPED_TRACE(fmt::format("{}: {}", path.name, plan));
      EXPECT_THAT(plan, Not(HasSubstr("TEMP B-TREE")));
      EXPECT_EQ(std::ranges::count(plan, '\n'), 1);
      // A scan from the beginning of an index ends with the page.
      EXPECT_TRUE(begins_anywhere || plan.starts_with("SEARCH"));
      if (!begins_anywhere || !path.goes_by_key()) {
        EXPECT_THAT(plan, HasSubstr(index_of(path)));
      }
    }
  }
}

TEST_F(SqliteRowReaderTest, ANextPageBeginsInTheIndexAtAllColumnsOfItsCursor) {
  for (const AccessPath& path : tables::paths) {
    if (path.index == "booking_number") continue;  // there is one row
    std::string names;
    for (const ColumnIndex place : path.order()) {
      names += fmt::format("{}{}", names.empty() ? "" : ",", path.column(place).name);
    }
    const std::string begin = path.order().size() == 1 ? names + ">?" : "(" + names + ")>(";
    EXPECT_THAT(plan_of(queries_on(path)[2].query), HasSubstr(begin)) << path.name;
  }
}

TEST_F(SqliteRowReaderTest, AFileWithoutAnIndexIsReadOnceItIsMigrated) {
  const auto reader = must(SqliteRowReader::open(folder / "read.db"));
  must(reader->page({.path = Path::stays}));
  must(database.execute("DROP INDEX booking_check_in"));
  const auto refused = reader->page({.path = Path::stays});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, HasSubstr("booking_check_in"));
}

TEST_F(SqliteRowReaderTest, AReaderNeitherMakesNorChangesAFile) {
  EXPECT_FALSE(SqliteRowReader::open(folder / "none.db"));
  must(database.execute("PRAGMA user_version = 1"));
  const auto refused = SqliteRowReader::open(folder / "read.db");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, HasSubstr("pesan migrate"));
  EXPECT_EQ(must(database.query_integer("PRAGMA user_version")), 1);
}

}  // namespace
}  // namespace pesan
