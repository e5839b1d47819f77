// Rebuilding a MySQL read model beside the live one: what changes, what does not, and what a
// connection that goes after any single command leaves.
#include "adapters/mysql/mysql_rebuild.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>
#include <vector>

#include "projections/rebuild.hpp"
#include "tests/integration/mysql_fixture.hpp"
#include "tests/support/mysql_proxy.hpp"

namespace pesan {
namespace {

using namespace std::chrono_literals;
using Verdict = MysqlProxy::Verdict;

class MysqlRebuildTest : public MysqlTest {
 protected:
  MysqlRebuildTest() {
    must(mysql::migrate(credentials()));
    write(200);
    model = open(credentials());
    project(*model);
  }

  Fallible<RebuildReport> run(const mysql::Credentials& credentials, Topic topic,
                              const RefoldOptions& options = {}) {
    auto live = MysqlReadModel::open(credentials, Access::write);
    if (!live) return std::unexpected(live.error());
    auto store = MysqlRebuild::open(credentials);
    if (!store) return std::unexpected(store.error());
    return rebuild(log, **live, **store, topic, options, [this](const Difference& d) {
      differences.push_back(std::string(d.table) + " " + d.key + " " + std::string(d.column));
    });
  }
  /// What a start finds once the server has noticed that the rebuild is gone.
  std::string content_after_start(const std::string& expected) {
    std::string found;
    for (int i = 0; i < 200; ++i) {
      const auto started = open(credentials());
      found = content(*started);
      if (found == expected) break;
      std::this_thread::sleep_for(20ms);
    }
    return found;
  }

  std::unique_ptr<MysqlReadModel> model;
  std::vector<std::string> differences;
};

TEST_F(MysqlRebuildTest, OfATrueModelChangesNoRow) {
  const std::string before = content(*model);
  for (const Topic topic : {Topic::events, Topic::customers}) {
    const auto report = must(run(credentials(), topic));
    EXPECT_EQ(report.differences, 0);
    EXPECT_FALSE(report.incomparable);
    EXPECT_GT(report.rows, 10);
  }
  EXPECT_EQ(content(*model), before);
  write(50);
  project(*model);
  EXPECT_EQ(drift(*model), 0);
}

TEST_F(MysqlRebuildTest, WithLittleMemoryMakesTheSameTables) {
  const std::string before = content(*model);
  must(run(credentials(), Topic::events, {.memory = 30'000}));
  EXPECT_EQ(content(*model), before);
}

TEST_F(MysqlRebuildTest, NamesWhatHadDriftedAndPutsItRight) {
  database.sql(
      "UPDATE room_availability SET total_units = 51 WHERE resource_id = 'room-1';"
      "DELETE FROM service WHERE resource_id = 'service-0'");
  EXPECT_EQ(must(run(credentials(), Topic::events)).differences, 2);
  EXPECT_EQ(differences, (std::vector<std::string>{"room_availability room-1 total_units",
                                                   "service service-0 "}));
  EXPECT_EQ(drift(*model), 0);
}

TEST_F(MysqlRebuildTest, KilledAfterAnyCommandLeavesOneSideWhole) {
  const std::string before = content(*model);
  for (const Topic topic : {Topic::events, Topic::customers}) {
    bool done = false;
    int last = 0;
    for (int most = 0; !done && most < 500; ++most) {
      int commands = 0;
      MysqlProxy proxy(MysqlServer::shared().url(), [&](std::string_view) {
        ++commands;
        if (commands <= most) return Verdict::pass;
        return commands == most + 1 ? Verdict::cut_after : Verdict::cut_before;
      });
      done = run(through(proxy.url()), topic).has_value() && commands <= most;
      ASSERT_EQ(content_after_start(before), before) << "killed after command " << most + 1;
      last = most;
    }
    EXPECT_TRUE(done);
    EXPECT_GT(last, 30) << "the proxy saw none of it";
  }
}

TEST_F(MysqlRebuildTest, ProjectorsGoOnUntilTheyAreFrozenAndAfterTheSwap) {
  Projector events(log, *model, {Topic::events, {0}}, {.records = 5});
  Projector customers(log, *model, {Topic::customers, {0}}, {.records = 5});
  std::string kinds;
  const auto step = [&](Projector& projector) {
    const auto kind = must(projector.step()).kind;
    kinds += kind == ProjectorStep::Kind::progress ? '+' : '-';
  };
  int freezes = 0;
  MysqlProxy proxy(MysqlServer::shared().url(), [&](std::string_view command) {
    if (command.ends_with("fold = -fold WHERE fold > 0")) {
      ++freezes;
      write(40);
      step(events);
      step(customers);
    } else if (command.starts_with("RENAME")) {
      step(events);
      step(customers);
    }
    return Verdict::pass;
  });
  EXPECT_EQ(must(run(through(proxy.url()), Topic::events)).differences, 0);
  EXPECT_EQ(freezes, 1);
  EXPECT_EQ(kinds, "++--");
  kinds.clear();
  for (int i = 0; i < 2; ++i) {  // one sees that it was frozen, the next goes on
    step(events);
    step(customers);
  }
  EXPECT_TRUE(kinds.ends_with("++")) << kinds;
  project(*model);
  EXPECT_EQ(drift(*model), 0);
}

TEST_F(MysqlRebuildTest, AFirstCheckpointCannotSlipInWhileAllAreFrozen) {
  // A partition that nobody has projected yet, of the topic whose tables are not swapped.
  database.sql(
      "DELETE FROM projection_checkpoint WHERE topic = 'customers';"
      "DELETE FROM customer; DELETE FROM customer_booking");
  Projector late(log, *model, {Topic::customers, {0}}, {.records = 5});
  std::string kinds;
  MysqlProxy proxy(MysqlServer::shared().url(), [&](std::string_view command) {
    if (command.starts_with("RENAME")) {
      kinds += must(late.step()).kind == ProjectorStep::Kind::conflict ? '-' : '+';
    }
    return Verdict::pass;
  });
  must(run(through(proxy.url()), Topic::events));
  EXPECT_EQ(kinds, "-");
  project(*model);
  EXPECT_EQ(drift(*model), 0);
}

TEST_F(MysqlRebuildTest, AFirstCheckpointWaitsForNoRebuildThatWasKilled) {
  database.sql(
      "DELETE FROM projection_checkpoint WHERE projection = 'tables';"
      "UPDATE projection_checkpoint SET fold = -1");
  for (const TableDescription& table : tables::all) {
    database.sql("DELETE FROM " + std::string(table.name));
  }
  Projector projector(log, *model, {Topic::events, {0}}, {.records = 5});
  EXPECT_EQ(must(projector.step()).kind, ProjectorStep::Kind::conflict);
  EXPECT_EQ(must(projector.step()).kind, ProjectorStep::Kind::progress);
}

TEST_F(MysqlRebuildTest, AReaderInALongTransactionDelaysTheSwapAndSeesOneState) {
  auto snapshot = must(model->snapshot());
  std::atomic<bool> over = false;
  std::thread reader([&] {
    // The swap waits for this reader.
    while (!over &&
           database
               .sql("SELECT 1 FROM information_schema.processlist WHERE db = DATABASE() AND "
                    "state LIKE 'Waiting for table metadata lock%'")
               .empty()) {
      std::this_thread::sleep_for(20ms);
    }
    auto cursor = must(snapshot->scan(Table::booking));
    StoredRow row;
    EXPECT_TRUE(must(cursor->next(row)));
    cursor.reset();
    snapshot.reset();
  });
  const auto report = run(credentials(), Topic::events);
  over = true;
  reader.join();
  EXPECT_EQ(must(report).differences, 0);
  EXPECT_EQ(drift(*model), 0);
}

TEST_F(MysqlRebuildTest, ALivingOneIsLeftAloneAndAdmitsNoSecond) {
  auto store = must(MysqlRebuild::open(credentials()));
  must(store->begin(Topic::events));
  must(store->freeze());
  const auto other = open(credentials());  // settles nothing: the rebuild lives
  EXPECT_TRUE(must(other->checkpoint({Topic::events, {0}}))->frozen());
  const auto second = must(MysqlRebuild::open(credentials()))->begin(Topic::customers);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, FailureKind::conflict);
  must(store->undo());
  EXPECT_FALSE(must(other->checkpoint({Topic::events, {0}}))->frozen());
}

TEST_F(MysqlRebuildTest, OfAnotherFoldOrTimelineIsMadeAnewWithoutComparison) {
  database.sql(
      "UPDATE projection_checkpoint SET fold = 999 WHERE topic = 'events';"
      "UPDATE room_availability SET room_type = 'by another fold'");
  EXPECT_TRUE(must(run(credentials(), Topic::events)).incomparable);
  EXPECT_EQ(drift(*model), 0);
}

}  // namespace
}  // namespace pesan
