// The read model in a real SQLite file: what is in it, who may open it, and what happens when a
// file is not what it should be.
#include "adapters/sqlite/sqlite_read_model.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "adapters/sqlite/database.hpp"
#include "projections/projector.hpp"
#include "projections/verify.hpp"
#include "tests/support/event_stream.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/must.hpp"
#include "tests/support/temp_folder.hpp"

namespace pesan {
namespace {

using Access = ReadModelOptions::Access;
using sqlite::Database;

class SqliteReadModelTest : public ::testing::Test {
 protected:
  std::unique_ptr<SqliteReadModel> open(Access access = Access::create) {
    return must(SqliteReadModel::open({.path = path, .access = access}));
  }
  Failure refusal(Access access = Access::write) {
    auto opened = SqliteReadModel::open({.path = path, .access = access});
    if (opened) return {FailureKind::fatal, "(none)"};
    return opened.error();
  }
  Database database() {
    return must(Database::open({.path = path, .access = sqlite::Access::write}));
  }
  void project(ReadModel& model) {
    for (const Topic topic : {Topic::events, Topic::customers}) {
      for (std::int32_t p = 0; p < partitions_of(log, topic); ++p) {
        Projector projector(log, model, {topic, Partition{p}}, {.records = 100});
        while (must(projector.step()).kind == ProjectorStep::Kind::progress) {
        }
      }
    }
  }
  std::int64_t drift(ReadModel& model) {
    std::int64_t found = 0;
    for (const Topic topic : {Topic::events, Topic::customers}) {
      found += must(verify(log, model, topic, {}, [](const Difference& d) {
                 ADD_FAILURE() << d.table << " " << d.key << " " << d.column << " " << d.expected
                               << " / " << d.found;
               })).differences;
    }
    return found;
  }

  TempFolder folder;
  std::string path = folder / "data/read.db";
  MemoryLog log{{.partitions = 2, .clock = [] { return Instant{0}; }}};
  EventStream stream{log, 11};
};

TEST_F(SqliteReadModelTest, ItIsMadeWithItsFolderAndFoundAgain) {
  EXPECT_FALSE(must(SqliteReadModel::exists(path)));
  open();
  EXPECT_TRUE(must(SqliteReadModel::exists(path)));
  EXPECT_EQ(refusal(Access::write).what, "(none)");
  EXPECT_EQ(refusal(Access::read).what, "(none)");
}

TEST_F(SqliteReadModelTest, WithoutAFileNothingIsMadeForThoseWhoDoNotCreate) {
  EXPECT_TRUE(refusal(Access::read).what.starts_with("there is no read model at " + path));
  EXPECT_TRUE(refusal(Access::write).what.starts_with("there is no read model at " + path));
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(SqliteReadModelTest, AForeignFileIsRefusedAndLeftAlone) {
  std::filesystem::create_directories(folder / "data");
  must(must(Database::open({.path = path, .access = sqlite::Access::create}))
           .execute("CREATE TABLE mine (a)"));
  for (const Access access : {Access::read, Access::write, Access::create}) {
    EXPECT_NE(refusal(access).what.find("not a pesan read model"), std::string::npos);
    EXPECT_EQ(refusal(access).kind, FailureKind::fatal);
  }
  auto file = database();
  EXPECT_EQ(must(file.query_integer("SELECT count(*) FROM sqlite_schema")), 1);
  EXPECT_EQ(must(file.query_text("PRAGMA journal_mode")), "delete");
}

TEST_F(SqliteReadModelTest, ANewerFileAsksForANewerProgram) {
  open();
  must(database().execute("PRAGMA user_version = 99"));
  EXPECT_NE(refusal().what.find("written by a newer pesan"), std::string::npos);
}

TEST_F(SqliteReadModelTest, BytesThatAreNoDatabaseAreRefused) {
  std::filesystem::create_directories(folder / "data");
  std::ofstream(path) << std::string(5000, 'x');
  EXPECT_NE(refusal(Access::create).what.find("not a SQLite database"), std::string::npos);
}

TEST_F(SqliteReadModelTest, ATableThatSomebodyDroppedIsNamed) {
  auto model = open();
  must(
      database().execute("DROP VIEW room_night_availability; DROP VIEW schedule_board;"
                         "DROP TABLE room_availability"));
  stream.open();
  Projector projector(log, *model, {Topic::events, {0}}, {});
  const auto step = projector.step();
  ASSERT_FALSE(step);
  EXPECT_EQ(step.error().kind, FailureKind::fatal);
  EXPECT_NE(step.error().what.find("room_availability"), std::string::npos) << step.error().what;
}

TEST_F(SqliteReadModelTest, CommitsAreOnTheDiskBeforeTheyAreAnswered) {
  open();
  auto file = database();
  EXPECT_EQ(must(file.query_text("PRAGMA journal_mode")), "wal");
}

// Two programs began on a new file at once, and one gave up: SQLite does not wait by itself here.
TEST_F(SqliteReadModelTest, OneThatIsOpenedWhileAnotherProcessMakesItWaitsForThat) {
  open();
  must(database().execute("PRAGMA journal_mode = DELETE"));
  auto other = database();
  std::optional making = must(other.begin());
  std::jthread soon([&making] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    making.reset();
  });
  EXPECT_EQ(refusal(Access::create).what, "(none)");
  soon.join();
  EXPECT_EQ(must(other.query_text("PRAGMA journal_mode")), "wal");
}

TEST_F(SqliteReadModelTest, EveryTableAndColumnHasACommentInTheSchema) {
  open();
  auto file = database();
  for (const TableDescription& table : tables::all) {
    const std::string sql = must(file.query_text("SELECT sql FROM sqlite_schema WHERE name = '" +
                                                 std::string(table.name) + "'"));
    EXPECT_NE(sql.find(table.comment), std::string::npos) << table.name;
    for (const Column& column : table.columns) {
      EXPECT_NE(sql.find("-- " + std::string(column.comment)), std::string::npos) << column.name;
    }
  }
}

TEST_F(SqliteReadModelTest, TheViewsShowNightsAndSlotsWithWhatIsLeft) {
  auto model = open();
  stream.open();
  stream.write(100);
  project(*model);
  auto file = database();
  EXPECT_GT(must(file.query_integer("SELECT count(*) FROM room_night_availability"
                                    " WHERE available_units = total_units - booked_units")),
            10);
  EXPECT_EQ(must(file.query_integer("SELECT count(*) FROM schedule_board"
                                    " WHERE service_name = 'Bath' AND available <= capacity")),
            6);
}

TEST_F(SqliteReadModelTest, AProjectedStreamIsTheFoldOfItAlsoForAnotherProcess) {
  auto model = open();
  stream.open();
  stream.write(400);
  project(*model);
  auto reader = open(Access::read);
  EXPECT_EQ(drift(*reader), 0);
}

TEST_F(SqliteReadModelTest, ReadersReadOnWhileAWriterWrites) {
  auto model = open();
  stream.open();
  stream.write(300);
  std::atomic<bool> done = false;
  std::thread reading([&] {
    auto reader = open(Access::read);
    while (!done) {
      const auto snapshot = must(reader->snapshot());
      const auto checkpoints = must(snapshot->checkpoints());
      std::int64_t newest = -1;
      auto cursor = must(snapshot->scan(Table::booking_history));
      StoredRow row;
      const std::size_t sequence = describe(Table::booking_history).width() - 2;
      while (must(cursor->next(row))) {
        newest = std::max(newest, std::get<std::int64_t>(row[sequence]));
      }
      std::int64_t highest = -1;
      for (const auto& checkpoint : checkpoints) {
        highest = std::max(highest, checkpoint.sequence.value);
      }
      EXPECT_LE(newest, highest);
    }
  });
  for (std::int32_t p = 0; p < 2; ++p) {
    Projector projector(log, *model, {Topic::events, Partition{p}}, {.records = 3});
    while (must(projector.step()).kind == ProjectorStep::Kind::progress) {
    }
  }
  done = true;
  reading.join();
}

TEST_F(SqliteReadModelTest, AReadOnlyFolderCanBeRead) {
  auto model = open();
  stream.open();
  project(*model);
  model.reset();
  std::filesystem::permissions(folder / "data", std::filesystem::perms(0555));
  std::filesystem::permissions(path, std::filesystem::perms(0444));
  auto reader = open(Access::read);
  EXPECT_TRUE(must(reader->checkpoint({Topic::events, {0}})));
  EXPECT_EQ(drift(*reader), 0);
  std::filesystem::permissions(folder / "data", std::filesystem::perms(0755));
}

}  // namespace
}  // namespace pesan
