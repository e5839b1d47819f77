// The statements that carry row changes to MySQL and MariaDB, as they are sent.
#include <gtest/gtest.h>

#include "adapters/mysql/row_sql.hpp"

namespace pesan::mysql {
namespace {

constexpr Table links = Table::customer_booking;
constexpr Table nights = Table::room_night;
constexpr ColumnIndex customer = column_of(links, "customer_code");
constexpr ColumnIndex sequence = column_of(links, "sequence");
constexpr ColumnIndex updated_at = column_of(links, "updated_at");

/// One statement for all changes of the table, which are of one shape.
std::string sql_of(Table table, const RowChanges& changes, Side side = Side::live) {
  const auto rows = changes.of(table);
  const RowStatement statement(describe(table), side,
                               {.kind = rows[0].kind, .shape = shape_of(table, rows[0])});
  std::string sql;
  statement.begin(sql);
  for (const RowChange& row : rows) statement.append(sql, row);
  statement.end(sql);
  return sql;
}

TEST(MysqlRowSql, InsertsCarryWholeRowsAsAListOfValues) {
  RowChanges changes;
  changes.insert(links, {"villa.1"})
      .set(customer, "CUST001")
      .set(sequence, 7)
      .set(updated_at, Instant{0});
  changes.insert(links, {"villa.2"}).set(customer, "O'Hara \\").set(sequence, 8);
  EXPECT_EQ(sql_of(links, changes),
            "INSERT INTO customer_booking (`booking_id`, `customer_code`, `sequence`, `updated_at`)"
            " VALUES ('villa.1','CUST001',7,'1970-01-01T00:00:00.000'),"
            "('villa.2','O''Hara \\',8,NULL)");
}

TEST(MysqlRowSql, APreparedInsertHasParametersForSoManyRows) {
  const RowStatement statement(describe(links), Side::live, {.kind = ChangeKind::insert});
  EXPECT_EQ(statement.with_parameters(2),
            "INSERT INTO customer_booking (`booking_id`, `customer_code`, `sequence`, `updated_at`)"
            " VALUES (?,?,?,?),(?,?,?,?)");
}

TEST(MysqlRowSql, UpsertsSetWhatIsSetAndAddWhatIsAdded) {
  RowChanges changes;
  changes.upsert(nights, {"villa", Date{0}})
      .add(column_of(nights, "booked_units"), -2)
      .set(column_of(nights, "sequence"), 9);
  EXPECT_EQ(sql_of(nights, changes, Side::shadow),
            "INSERT INTO rebuild_room_night (`resource_id`, `night`, `booked_units`, `sequence`)"
            " VALUES ('villa','1970-01-01',-2,9) ON DUPLICATE KEY UPDATE"
            " `booked_units` = rebuild_room_night.`booked_units` + VALUES(`booked_units`),"
            " `sequence` = VALUES(`sequence`)");
}

TEST(MysqlRowSql, UpdatesFindTheirRowsByKeyAndNeverMakeOne) {
  RowChanges changes;
  changes.update(links, {"villa.1"}).set(customer, "O'Hara \"\\\"");
  changes.update(links, {"villa.2"}).set(customer, "CUST002");
  EXPECT_EQ(sql_of(links, changes),
            R"(UPDATE JSON_TABLE('[["villa.1","O''Hara \"\\\""],["villa.2","CUST002"]]', '$[*]')"
            " COLUMNS (v0 VARCHAR(105) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[0]' ERROR"
            " ON ERROR, v1 VARCHAR(25) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[1]' ERROR"
            " ON ERROR)) AS v STRAIGHT_JOIN customer_booking AS t ON t.`booking_id` = v.v0"
            " SET t.`customer_code` = v.v1");
}

TEST(MysqlRowSql, ErasuresCarryKeysAlone) {
  RowChanges changes;
  changes.erase(nights, {"villa", Date{0}});
  EXPECT_EQ(sql_of(nights, changes),
            R"(DELETE t FROM JSON_TABLE('[["villa","1970-01-01"]]', '$[*]' COLUMNS ()"
            "v0 VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[0]' ERROR ON ERROR,"
            " v1 DATE PATH '$[1]' ERROR ON ERROR)) AS v STRAIGHT_JOIN room_night AS t"
            " ON t.`resource_id` = v.v0 AND t.`night` = v.v1");
}

}  // namespace
}  // namespace pesan::mysql
