// What error numbers of MySQL and MariaDB mean, as a table.
#include "adapters/mysql/mysql_error.hpp"

#include <gtest/gtest.h>

namespace pesan::mysql {
namespace {

TEST(MysqlError, EveryNumberThatWasSeenHasItsKind) {
  struct Row {
    int code;
    FailureKind call;    // answered any other statement
    FailureKind commit;  // answered COMMIT
    const char* what;
  };
  using enum FailureKind;
  for (const Row& row : {
           Row{1205, transient, transient, "lock wait timeout"},
           Row{1213, transient, transient, "deadlock"},
           Row{1020, transient, transient, "record changed"},
           Row{1412, transient, unknown, "table definition changed"},
           Row{1615, transient, unknown, "statement to be prepared again"},
           Row{1317, transient, unknown, "query interrupted"},
           Row{1040, transient, unknown, "too many connections"},
           Row{1203, transient, unknown, "too many connections of this user"},
           Row{1461, transient, unknown, "too many prepared statements"},
           Row{1053, transient, unknown, "shutdown in progress"},
           Row{1927, transient, unknown, "connection was killed"},
           Row{2002, transient, unknown, "no server at the socket"},
           Row{2003, transient, unknown, "no server at the port"},
           Row{2005, transient, unknown, "no host of this name, which may come up later"},
           Row{2006, transient, unknown, "server has gone away"},
           Row{2013, transient, unknown, "lost connection during query"},
           Row{2055, transient, unknown, "lost connection, with the system's reason"},
           Row{1290, transient, transient, "read only"},
           Row{1836, transient, transient, "read only mode"},
           Row{1021, transient, unknown, "disk full"},
           Row{1114, transient, unknown, "table full"},
           Row{1030, transient, unknown, "the storage engine refuses"},
           Row{1062, fatal, unknown, "duplicate entry"},
           Row{1045, fatal, unknown, "access denied"},
           Row{1142, fatal, unknown, "command denied"},
           Row{1049, fatal, unknown, "unknown database"},
           Row{1146, fatal, unknown, "no such table"},
           Row{1064, fatal, unknown, "syntax"},
           Row{1406, fatal, unknown, "data too long"},
           Row{1292, fatal, unknown, "incorrect time"},
           Row{1153, fatal, unknown, "packet too large"},
           Row{2026, fatal, unknown, "TLS"},
           Row{1206, transient, unknown, "lock table full"},
           Row{1969, transient, unknown, "statement took too long (MariaDB)"},
           Row{3024, transient, unknown, "statement took too long (MySQL)"},
           Row{1047, transient, transient, "a node that is not ready"},
           Row{1037, transient, unknown, "out of memory"},
           Row{1054, fatal, unknown, "no such column"},
           Row{1644, fatal, unknown, "a trigger of somebody's signals"},
           Row{1452, fatal, unknown, "a foreign key of somebody's"},
           Row{1194, fatal, unknown, "a crashed table"},
           Row{1709, fatal, unknown, "an index wider than the row format allows"},
           Row{1286, fatal, unknown, "no such engine"},
           Row{1665, fatal, unknown, "a binary log of statements"},
           Row{1419, fatal, unknown, "a binary log without trust"},
           Row{1449, fatal, unknown, "the definer is gone"},
           Row{1193, fatal, unknown, "no such variable"},
           Row{0, fatal, unknown, "an exception of the connector itself"},
       }) {
    EXPECT_EQ(classify({.code = row.code}), row.call) << row.what;
    EXPECT_EQ(classify({.code = row.code, .committing = true}), row.commit) << row.what;
    EXPECT_FALSE(advice({.code = row.code}).empty()) << row.what;
  }
}

TEST(MysqlError, AFailureSaysWhatWasTriedWhereWhatWasAnsweredAndWhatToDo) {
  const Failure failure =
      describe({.doing = "write to", .where = "mysql://db:3306/pesan", .answer = "Deadlock found"},
               {.code = 1213});
  EXPECT_EQ(failure.kind, FailureKind::transient);
  EXPECT_TRUE(failure.what.starts_with(
      "cannot write to mysql://db:3306/pesan: Deadlock found (error 1213). Another transaction"))
      << failure.what;
}

// Servers refuse it as they refuse a wrong password, and loopback is not encrypted by default.
TEST(MysqlError, AnAccountThatMustBeEncryptedIsToldHow) {
  EXPECT_NE(advice({.code = 1045}).find("tls=verify"), std::string_view::npos);
}

// A tablespace that is missing is answered with the number of a full disk.
TEST(MysqlError, WhereTheStorageEngineRefusesBothRoomAndDamageAreSpokenOf) {
  const std::string_view said = advice({.code = 1030});
  EXPECT_NE(said.find("make room"), std::string_view::npos);
  EXPECT_NE(said.find("`pesan migrate --store URL`"), std::string_view::npos);
}

TEST(MysqlError, OnlyWhatNobodyKnowsIsToBeReported) {
  constexpr std::string_view report = "please report it";
  for (const int code : {1205, 1317, 1040, 2006, 1290, 1114, 1037, 1142, 2026, 1146, 1406,
                         1062, 1644, 1153, 1194, 1709, 1286, 1665, 1419, 1449, 1064}) {
    EXPECT_EQ(advice({.code = code}).find(report), std::string_view::npos) << code;
  }
  EXPECT_NE(advice({.code = 0}).find(report), std::string_view::npos);
  EXPECT_NE(advice({.code = 1815}).find(report), std::string_view::npos);  // "internal error"
}

TEST(MysqlError, OnlyALostConnectionHasNobodyToRollBack) {
  for (const int code : {2006, 2013, 1053, 1927}) EXPECT_TRUE(is_lost(code)) << code;
  for (const int code : {1205, 1213, 1062, 1290, 0}) EXPECT_FALSE(is_lost(code)) << code;
}

}  // namespace
}  // namespace pesan::mysql
