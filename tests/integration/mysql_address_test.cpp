// Addresses of databases as people write them, and the texts that the adapter makes.
#include <gtest/gtest.h>

#include "adapters/mysql/address.hpp"
#include "adapters/mysql/connection.hpp"
#include "adapters/mysql/row_sql.hpp"
#include "adapters/mysql/stored_text.hpp"
#include "tests/support/must.hpp"

namespace pesan::mysql {
namespace {

using Tls = Address::Tls;

TEST(MysqlAddress, NamesUserHostPortAndDatabase) {
  const Address address = must(parse_address("mysql://projector@db.example:3307/pesan"));
  EXPECT_EQ(address.user, "projector");
  EXPECT_EQ(address.host, "db.example");
  EXPECT_EQ(address.port, 3307);
  EXPECT_EQ(address.database, "pesan");
  EXPECT_EQ(address.name(), "mysql://db.example:3307/pesan");
  EXPECT_EQ(must(parse_address("mysql://p@db/pesan")).port, 3306);
  EXPECT_EQ(must(parse_address("mysql://p@[::1]:3307/pesan")).host, "::1");
  EXPECT_EQ(must(parse_address("mysql://p@localhost/pesan?socket=/run/s")).socket, "/run/s");
}

TEST(MysqlAddress, HasEscapesForWhatWouldEndAName) {
  const Address address = must(parse_address("mysql://us%40er%3a1@db/pe%2Dsan?socket=/run/a%20b"));
  EXPECT_EQ(address.user, "us@er:1");
  EXPECT_EQ(address.database, "pe-san");
  EXPECT_EQ(address.socket, "/run/a b");
  for (const char* url : {"mysql://u%4@db/pesan", "mysql://u%zz@db/pesan", "mysql://u@db/pesan%",
                          "mysql://u%00@db/pesan", "mysql://u%+4@db/pesan"}) {
    const auto refused = parse_address(url);
    ASSERT_FALSE(refused) << url;
    EXPECT_NE(refused.error().what.find("two hexadecimal digits"), std::string::npos) << url;
  }
}

TEST(MysqlAddress, IsVerifiedByTLSWhereverSomebodyCouldListen) {
  EXPECT_EQ(must(parse_address("mysql://p@db/pesan")).tls, Tls::verify);
  EXPECT_EQ(must(parse_address("mysql://p@10.0.0.3/pesan?ca=/etc/ca.pem")).ca, "/etc/ca.pem");
  EXPECT_EQ(must(parse_address("mysql://p@127.0.0.1/pesan")).tls, Tls::off);
  EXPECT_EQ(must(parse_address("mysql://p@db/pesan?socket=/run/s")).tls, Tls::off);
  EXPECT_EQ(must(parse_address("mysql://p@127.0.0.1/pesan?tls=verify")).tls, Tls::verify);
  EXPECT_EQ(must(parse_address("mysql://p@db/pesan?tls=off")).tls, Tls::off);
}

TEST(MysqlAddress, WithAPasswordIsRefusedWithoutRepeatingIt) {
  const auto refused = parse_address("mysql://projector:s3cret@db/pesan");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what.find("s3cret"), std::string::npos) << refused.error().what;
}

TEST(MysqlAddress, ThatCannotBeReadIsRefusedWithASentence) {
  for (const char* url :
       {"mysql:db", "mysql://db/pesan", "mysql://p@/pesan", "mysql://p@db", "mysql://p@db/",
        "mysql://p@db:0/pesan", "mysql://p@db:99999/pesan", "mysql://p@db:x/pesan",
        "mysql://p@db/pe`san", "mysql://p@db/pesan?tls=maybe", "mysql://p@db/pesan?reconnect=1"}) {
    const auto refused = parse_address(url);
    ASSERT_FALSE(refused) << url;
    EXPECT_NE(refused.error().what.find("mysql://user@host:3306/database"), std::string::npos);
  }
}

TEST(MysqlTexts, LiteralsAndNamesMindTheirQuotes) {
  EXPECT_EQ(literal("O'Brien \\"), "'O''Brien \\'");
  EXPECT_EQ(quoted_name("a`b"), "`a``b`");
}

TEST(MysqlTexts, MomentsComeBackAsPesanWritesThem) {
  const auto stored = [](ColumnType type, std::string text) {
    to_stored_text(type, text);
    return text;
  };
  EXPECT_EQ(stored(ColumnType::date, "2026-12-01"), "2026-12-01");
  EXPECT_EQ(stored(ColumnType::time_of_day, "24:00:00"), "24:00");
  EXPECT_EQ(stored(ColumnType::local_minute, "2026-12-01 09:30:00"), "2026-12-01T09:30");
  EXPECT_EQ(stored(ColumnType::local_time, "2026-12-01 09:30:00.000000"),
            "2026-12-01T09:30:00.000");
  EXPECT_EQ(stored(ColumnType::instant, "2026-12-01 02:30:00.120000"), "2026-12-01T02:30:00.120Z");
}

TEST(MysqlTexts, WhatPesanWouldNotHaveWrittenKeepsItsDigits) {
  std::string text = "2026-12-01 02:30:00.120001";
  to_stored_text(ColumnType::instant, text);
  EXPECT_EQ(text, "2026-12-01T02:30:00.120001Z");
}

TEST(MysqlTexts, ADuplicateEntryIsFoundAmongTheRowsThatWereSent) {
  RowChanges changes;
  (void)changes.insert(Table::payment, {"villa.1", 2});
  (void)changes.insert(Table::payment, {"villa.1", 21});
  const auto rows = changes.in_key_order(Table::payment);
  const auto* found = find_duplicate(describe(Table::payment),
                                     "Duplicate entry 'villa.1-21' for key 'PRIMARY'", rows);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(to_string(Table::payment, key_of(Table::payment, *found)), "payment villa.1, 21");
  EXPECT_EQ(find_duplicate(describe(Table::payment), "no entry", rows), nullptr);
}

}  // namespace
}  // namespace pesan::mysql
