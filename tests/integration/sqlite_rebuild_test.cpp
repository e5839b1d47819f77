// Rebuilding a SQLite read model beside the live one: what changes, what does not, and what a kill
// at any step leaves.
#include "adapters/sqlite/sqlite_rebuild.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "projections/projector.hpp"
#include "projections/rebuild.hpp"
#include "tests/support/event_stream.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/must.hpp"
#include "tests/support/temp_folder.hpp"

namespace pesan {
namespace {

using Access = ReadModelOptions::Access;

/// Passes every call on, does something before the named one, and may refuse it.
class WatchedStore final : public RebuildStore {
 public:
  explicit WatchedStore(RebuildStore& store) : store_(store) {}

  std::string stop_at;                     // this call is never made, nor any after it
  std::function<void(std::string)> watch;  // told the name of every call

  Fallible<void> begin(Topic topic) override {
    return before("begin") ? store_.begin(topic) : killed();
  }
  Fallible<void> load(Table table, std::span<const RowChange* const> rows) override {
    return before("load") ? store_.load(table, rows) : killed();
  }
  ReadModel& shadow() override { return store_.shadow(); }
  Fallible<void> freeze() override { return before("freeze") ? store_.freeze() : killed(); }
  Fallible<void> swap() override { return before("swap") ? store_.swap() : killed(); }
  // A killed process undoes nothing.
  Fallible<void> undo() override { return stop_at.empty() ? store_.undo() : killed(); }

 private:
  bool before(const std::string& call) {
    if (watch) watch(call);
    return call != stop_at;
  }
  static Fallible<void> killed() { return fail(FailureKind::fatal, "killed"); }
  RebuildStore& store_;
};

class SqliteRebuildTest : public ::testing::Test {
 protected:
  SqliteRebuildTest() {
    stream.open();
    stream.write(300);
    model = open();
    project();
  }
  std::unique_ptr<SqliteReadModel> open(Access access = Access::create) {
    return must(SqliteReadModel::open({.path = path, .access = access}));
  }
  std::unique_ptr<SqliteRebuild> open_rebuild() {
    return must(SqliteRebuild::open({.path = path}));
  }
  void project() {
    for (const Topic topic : {Topic::events, Topic::customers}) {
      for (std::int32_t p = 0; p < partitions_of(log, topic); ++p) {
        Projector projector(log, *model, {topic, Partition{p}}, {.records = 100});
        while (must(projector.step()).kind == ProjectorStep::Kind::progress) {
        }
      }
    }
  }
  std::int64_t drift(Topic topic) {
    return must(verify(log, *model, topic, {}, [](const Difference&) {})).differences;
  }
  /// Everything that is in the file: names, and rows of tables.
  std::string content() {
    std::string text;
    auto file = must(sqlite::Database::open({.path = path, .access = sqlite::Access::read}));
    auto names = must(file.prepare("SELECT name FROM sqlite_schema ORDER BY name"));
    while (must(names.step())) text += std::string(names.text(0)) + "\n";
    const auto snapshot = must(model->snapshot());
    for (const Checkpoint& checkpoint : must(snapshot->checkpoints())) {
      text += to_string(checkpoint.updated_at) + " " + std::to_string(checkpoint.fold) + " " +
              std::to_string(checkpoint.next_offset.value) + "\n";
    }
    for (const Table table : all_tables) {
      auto cursor = must(snapshot->scan(table));
      StoredRow row;
      while (must(cursor->next(row))) {
        for (const StoredValue& value : row) text += to_string(value) + "|";
        text += "\n";
      }
    }
    return text;
  }
  Fallible<RebuildReport> run(RebuildStore& store, Topic topic = Topic::events,
                              const RefoldOptions& options = {}) {
    return rebuild(log, *model, store, topic, options, [this](const Difference& d) {
      differences.push_back(std::string(d.table) + " " + d.key + " " + std::string(d.column));
    });
  }

  TempFolder folder;
  std::string path = folder / "read.db";
  MemoryLog log{{.partitions = 2, .clock = [] { return Instant{0}; }}};
  EventStream stream{log, 21};
  std::unique_ptr<SqliteReadModel> model;
  std::vector<std::string> differences;
};

TEST_F(SqliteRebuildTest, ARebuildOfATrueModelChangesNoRow) {
  const std::string before = content();
  for (const Topic topic : {Topic::events, Topic::customers}) {
    const auto report = must(run(*open_rebuild(), topic));
    EXPECT_EQ(report.differences, 0);
    EXPECT_FALSE(report.incomparable);
    EXPECT_GT(report.rows, 10);
  }
  EXPECT_EQ(content(), before);
  stream.write(50);
  project();
  EXPECT_EQ(drift(Topic::events), 0);
}

TEST_F(SqliteRebuildTest, LittleMemoryMakesTheSameTables) {
  const std::string before = content();
  must(run(*open_rebuild(), Topic::events, {.memory = 30'000}));
  EXPECT_EQ(content(), before);
}

TEST_F(SqliteRebuildTest, WhatHadDriftedIsNamedAndRightAfterwards) {
  auto file = must(sqlite::Database::open({.path = path}));
  must(
      file.execute("UPDATE room_availability SET total_units = 51 WHERE resource_id = 'room-1';"
                   "DELETE FROM service WHERE resource_id = 'service-0'"));
  const auto report = must(run(*open_rebuild()));
  EXPECT_EQ(report.differences, 2);
  EXPECT_EQ(differences, (std::vector<std::string>{"room_availability room-1 total_units",
                                                   "service service-0 "}));
  EXPECT_EQ(drift(Topic::events), 0);
}

TEST_F(SqliteRebuildTest, ProjectorsGoOnUntilTheyAreFrozenAndAfterTheSwap) {
  auto store = open_rebuild();
  WatchedStore watched(*store);
  auto other = open(Access::write);
  Projector projector(log, *other, {Topic::events, {0}}, {.records = 5});
  std::string kinds;
  watched.watch = [&](const std::string& call) {
    stream.write(20);
    const auto step = must(projector.step());
    kinds += call + (step.kind == ProjectorStep::Kind::progress ? "+ " : "- ");
  };
  const auto report = must(run(watched));
  EXPECT_EQ(report.differences, 0);
  EXPECT_NE(kinds.find("freeze+ "), std::string::npos) << kinds;
  EXPECT_NE(kinds.find("swap- "), std::string::npos) << kinds;
  // It saw a conflict, then that it is frozen; now it goes on in the new tables.
  EXPECT_EQ(must(projector.step()).kind, ProjectorStep::Kind::progress);
  project();
  EXPECT_EQ(drift(Topic::events), 0);
}

TEST_F(SqliteRebuildTest, AKillBeforeAnyStepIsUndoneByTheNextStart) {
  const std::string before = content();
  for (const char* step : {"begin", "load", "freeze", "swap"}) {
    auto store = open_rebuild();
    {
      WatchedStore watched(*store);
      watched.stop_at = step;
      EXPECT_FALSE(run(watched));
    }
    store.reset();  // the process is gone, and its lock
    model = open(Access::write);
    EXPECT_EQ(content(), before) << "killed before " << step;
  }
  must(run(*open_rebuild()));
  EXPECT_EQ(content(), before);
}

TEST_F(SqliteRebuildTest, AProjectorThatWasFrozenByAKilledRebuildGoesOnByItself) {
  Projector projector(log, *model, {Topic::events, {0}}, {.records = 100});
  auto store = open_rebuild();
  must(store->begin(Topic::events));
  must(store->freeze());
  stream.write(20);
  EXPECT_EQ(must(projector.step()).kind, ProjectorStep::Kind::frozen);
  store.reset();  // killed
  EXPECT_EQ(must(projector.step()).kind, ProjectorStep::Kind::progress);
}

TEST_F(SqliteRebuildTest, AFailureIsUndoneAtOnce) {
  const std::string before = content();
  auto file = must(sqlite::Database::open({.path = path}));
  auto store = open_rebuild();
  WatchedStore watched(*store);
  watched.watch = [&](const std::string& call) {
    if (call == "freeze") must(file.execute("DROP TABLE rebuild_projection_checkpoint"));
  };
  EXPECT_FALSE(run(watched));
  EXPECT_EQ(content(), before);
}

TEST_F(SqliteRebuildTest, ALivingRebuildIsLeftAloneAndAdmitsNoSecond) {
  auto store = open_rebuild();
  must(store->begin(Topic::events));
  must(store->freeze());
  auto other = open(Access::write);  // settles nothing: the rebuild lives
  EXPECT_TRUE(must(other->checkpoint({Topic::events, {0}}))->frozen());
  EXPECT_FALSE(must(other->checkpoint({Topic::customers, {0}}))->frozen());
  const auto second = open_rebuild()->begin(Topic::customers);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, FailureKind::conflict);
  store.reset();
  must(other->settle_rebuild());
  EXPECT_FALSE(must(other->checkpoint({Topic::events, {0}}))->frozen());
}

TEST_F(SqliteRebuildTest, AModelOfAnotherFoldOrTimelineIsReplacedWithoutComparison) {
  auto file = must(sqlite::Database::open({.path = path}));
  must(
      file.execute("UPDATE projection_checkpoint SET fold = 999 WHERE topic = 'events';"
                   "UPDATE room_availability SET room_type = 'by another fold'"));
  EXPECT_TRUE(must(run(*open_rebuild())).incomparable);
  EXPECT_EQ(drift(Topic::events), 0);

  must(
      file.execute("UPDATE projection_checkpoint SET next_offset = 100000, sequence = 99999"
                   " WHERE topic = 'events' AND partition = 1"));
  EXPECT_TRUE(must(run(*open_rebuild())).incomparable);
  project();
  EXPECT_EQ(drift(Topic::events), 0);
}

TEST_F(SqliteRebuildTest, ViewsIndexesAndTriggersOfOthersOutliveARebuild) {
  auto file = must(sqlite::Database::open({.path = path, .access = sqlite::Access::write}));
  must(
      file.execute("CREATE VIEW villa AS SELECT * FROM booking WHERE resource_id = 'villa';"
                   "CREATE INDEX by_guest ON booking (customer_name);"
                   "CREATE TABLE seen (booking_id TEXT);"
                   "CREATE TRIGGER see AFTER INSERT ON booking BEGIN"
                   "  INSERT INTO seen VALUES (new.booking_id); END"));
  const std::string before = content();
  must(run(*open_rebuild()));
  EXPECT_EQ(content(), before);
  EXPECT_EQ(must(file.query_integer("SELECT count(*) FROM villa")), 0);
  EXPECT_EQ(must(file.query_integer("SELECT count(*) FROM seen")), 0);
}

}  // namespace
}  // namespace pesan
