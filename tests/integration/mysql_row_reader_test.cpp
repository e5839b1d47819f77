// What reading rows from a server costs, and what becomes of a reader whose connection goes.
#include "adapters/mysql/mysql_row_reader.hpp"

#include <atomic>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "adapters/runtime/row_reader_pool.hpp"
#include "tests/integration/mysql_fixture.hpp"
#include "tests/support/apply_alone.hpp"
#include "tests/support/mysql_proxy.hpp"
#include "tests/support/path_queries.hpp"

namespace pesan {
namespace {

using mysql::Connection;
using runtime::RowReaderPool;
using testing::AnyOf;
using testing::HasSubstr;

class MysqlRowReaderTest : public MysqlTest {
 protected:
  MysqlRowReaderTest() { must(mysql::migrate(credentials())); }

  /// Rows, or entries of an index, that the server touched for a query.
  static std::int64_t touched(Connection& connection, const std::string& sql) {
    must(connection.execute("look at", "FLUSH STATUS"));
    auto rows = must(connection.query("read from", sql));
    while (must(rows.next())) {
    }
    auto counts = must(connection.query("look at", "SHOW SESSION STATUS LIKE 'Handler_read_%'"));
    std::int64_t sum = 0;
    while (must(counts.next())) sum += counts.integer(1);
    return sum;
  }

  /// So many bookings of a room that share check-in, status and creation.
  void book_alike(int count) {
    const auto model = open(credentials());
    RowChanges changes;
    for (int i = 0; i < count; ++i) {
      constexpr Table table = Table::booking;
      const std::string id = fmt::format("villa.{:04}", i);
      changes.insert(table, std::string_view(id))
          .set(column_of(table, "number"), i)
          .set(column_of(table, "resource_id"), "villa")
          .set(column_of(table, "check_in"), Date{20000})
          .set(column_of(table, "units"), 1)
          .set(column_of(table, "status"), Status::confirmed)
          .set(column_of(table, "payment_status"), Payment::unpaid)
          .set(column_of(table, "customer_name"), "Siti")
          .set(column_of(table, "created_at"), Instant{0})
          .set(column_of(table, "version"), 1)
          .set(column_of(table, "sequence"), 1)
          .set(column_of(table, "updated_at"), Instant{0});
    }
    Checkpoint checkpoint;
    checkpoint.log_id = "log-1";
    checkpoint.fold = 1;
    must(apply_alone(*model, changes, std::nullopt, checkpoint));
  }

  RowReaderPool::Open open_reader(const mysql::Credentials& to) {
    return [this, to]() -> Fallible<std::unique_ptr<RowReader>> {
      ++opened;
      return MysqlRowReader::open(to);
    };
  }

  std::atomic<int> opened = 0;
};

TEST_F(MysqlRowReaderTest, EveryAccessPathGoesByItsIndexAndSortsNothing) {
  write(500);
  project(*open(credentials()));
  auto connection = must(Connection::open(credentials()));
  for (const AccessPath& path : tables::paths) {
    for (const auto& [query, begins_anywhere] : queries_on(path)) {
      const std::string sql = mysql::sql_of(query);
      const bool mariadb = MysqlServer::shared().is_mariadb();
      auto plan = must(connection.query("look at", "EXPLAIN FORMAT=TRADITIONAL " + sql));
      ASSERT_TRUE(must(plan.next()));
      const std::size_t type = mariadb ? 3 : 4;  // MySQL has a column of partitions before it
      SCOPED_TRACE(fmt::format("{}: {} {} {}", path.name, sql, plan.text(type),
                               plan.text(plan.width() - 1)));
      // Of a number that no booking has nothing is left to plan.
      if (path.index == "booking_number") continue;
      EXPECT_EQ(plan.text(type + 2), path.goes_by_key() ? "PRIMARY" : path.index);
      EXPECT_THAT(plan.text(plan.width() - 1), testing::Not(HasSubstr("filesort")));
      if (begins_anywhere) {
        EXPECT_THAT(plan.text(type), AnyOf("index", "range"));
      } else {
        EXPECT_THAT(plan.text(type), AnyOf("range", "ref"));
      }
      EXPECT_FALSE(must(plan.next()));
    }
  }
}

TEST_F(MysqlRowReaderTest, APageTouchesItsOwnRowsHoweverManyShareAValue) {
  book_alike(2000);
  auto connection = must(Connection::open(credentials()));
  for (const Path path :
       {Path::bookings, Path::stays, Path::stays_of_room, Path::bookings_in_status}) {
    RowQuery query{.path = &describe(path), .limit = 21};
    if (path == Path::stays_of_room) query.equal = {Value("villa")};
    if (path == Path::bookings_in_status) query.equal = {Value(Status::confirmed)};
    SCOPED_TRACE(describe(path).name);
    EXPECT_LE(touched(connection, mysql::sql_of(query)), 25);
    if (path == Path::stays || path == Path::stays_of_room) query.behind = {Value(Date{20000})};
    if (path == Path::bookings_in_status) query.behind = {Value(Instant{0})};
    query.behind.push_back(Value("villa.1500"));
    EXPECT_LE(touched(connection, mysql::sql_of(query)), 25) << mysql::sql_of(query);
  }
}

TEST_F(MysqlRowReaderTest, AConnectionThatTheServerHasEndedIsReplacedWithoutAWord) {
  book_alike(3);
  RowReaderPool pool({.readers = 2}, open_reader(credentials()));
  must(pool.positions());
  EXPECT_EQ(opened, 1);
  std::istringstream ids(
      database.sql("SELECT id FROM information_schema.processlist WHERE db = DATABASE()"
                   " AND id <> CONNECTION_ID()"));
  for (std::string id; std::getline(ids, id);) database.sql("KILL " + id);
  EXPECT_EQ(must(pool.page({.path = Path::bookings})).rows.size(), 3U);
  EXPECT_EQ(opened, 2);
}

TEST_F(MysqlRowReaderTest, AServerThatIsGoneIsTransientAndReadAgainWhenItIsBack) {
  book_alike(3);
  std::atomic<bool> there = true;
  const MysqlProxy proxy(MysqlServer::shared().url(), [&](std::string_view) {
    return there ? MysqlProxy::Verdict::pass : MysqlProxy::Verdict::cut_before;
  });
  RowReaderPool pool({.readers = 2}, open_reader(through(proxy.url())));
  EXPECT_EQ(must(pool.page({.path = Path::bookings})).rows.size(), 3U);
  there = false;
  for (int i = 0; i < 3; ++i) {
    const auto refused = pool.page({.path = Path::bookings});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, FailureKind::transient) << refused.error().what;
  }
  there = true;
  EXPECT_EQ(must(pool.page({.path = Path::bookings})).rows.size(), 3U);
}

}  // namespace
}  // namespace pesan
