// How SqliteLog keeps records small: those of one transaction in frames, beside rows that are
// records as all were in files of version 1; and what it says of a frame that is not what was
// written.

#include "tests/integration/sqlite_log_fixture.hpp"

namespace pesan {
namespace {

using sqlite::Access;
using sqlite::Database;

constexpr TopicPartition commands_1{Topic::commands, {1}};

std::string booking(int number) {
  return fmt::format(
      R"({{"specversion":"1.0","id":"b{}","source":"/front-desk","type":"CreateBooking",)"
      R"("data":{{"resource":"villa-deluxe","actor":{{"type":"user","id":"u-{}"}},)"
      R"("check_in":"2026-12-{:02}","customer":{{"name":"John Doe","phone":"0812{:07}"}}}}}})",
      number, number % 10, 1 + number % 28, number * 7919);
}

std::vector<OutgoingRecord> bookings(int count, TopicPartition to = commands_0) {
  std::vector<OutgoingRecord> records;
  for (int i = 0; i < count; ++i) records.push_back(record(to, booking(i)));
  return records;
}

class SqliteLogFrames : public SqliteLogFiles {
 protected:
  std::int64_t number(const std::string& query) { return must(database().query_integer(query)); }
  void execute(const std::string& sql) { must(database().execute(sql)); }
  Database database() { return must(Database::open({.path = path, .access = Access::write})); }

  /// A log of what these records are, closed again.
  void fill(const std::vector<OutgoingRecord>& records) {
    create();
    must(open()->append(records));
  }
  /// What reading everything is refused for.
  std::string damage() {
    std::vector<Record> records;
    const auto refused = open()->read(commands_0, {0}, {}, records);
    if (refused) return "it was read";
    EXPECT_EQ(refused.error().kind, FailureKind::fatal);
    EXPECT_TRUE(records.empty());
    return refused.error().what;
  }
};

TEST_F(SqliteLogFrames, RecordsOfOneTransactionTakeATenthOfTheirBytes) {
  const auto written = bookings(1000);
  fill(written);
  EXPECT_LT(number("SELECT sum(length(value)) FROM commands") * 10,
            number(fmt::format("SELECT 1000 * {}", booking(0).size())));
  const auto found = read_all(*open(), commands_0);
  ASSERT_EQ(found.size(), 1000U);
  for (std::size_t i = 0; i < 1000; ++i) {
    EXPECT_EQ(found[i].offset, Offset{static_cast<std::int64_t>(i)});
    EXPECT_EQ(found[i].payload, written[i].payload);
  }
}

TEST_F(SqliteLogFrames, AFrameHoldsNoMoreThan64KiB) {
  fill(bookings(1000));
  const auto frames = number("SELECT count(*) FROM commands");
  EXPECT_GE(frames * 65'536, static_cast<std::int64_t>(1000 * booking(0).size()));
  EXPECT_LT(frames, 10);
}

TEST_F(SqliteLogFrames, AnyRecordAndAnyLimitIsReadAsIfThereWereNoFrames) {
  fill(bookings(500));
  auto log = open();
  const auto all = read_all(*log, commands_0);
  std::vector<Record> found;
  for (std::int64_t from = 0; from < 500; from += 7) {
    for (const std::size_t limit : {1U, 2U, 300U}) {
      must(log->read(commands_0, {from}, {.records = limit}, found));
      ASSERT_EQ(found.size(), std::min<std::size_t>(limit, 500 - static_cast<std::size_t>(from)));
      EXPECT_EQ(found.front().offset, Offset{from});
      for (const auto& one : found) {
        EXPECT_EQ(one.payload, all[static_cast<std::size_t>(one.offset.value)].payload);
      }
    }
    must(log->read(commands_0, {from}, {.bytes = 1}, found));
    EXPECT_EQ(found.size(), 1U);
  }
  must(log->read(commands_0, {500}, {}, found));
  EXPECT_TRUE(found.empty());
  EXPECT_FALSE(log->read(commands_0, {501}, {}, found));
}

TEST_F(SqliteLogFrames, OffsetsAreThoseOfTheRecordsInTheOrderInWhichTheyWereGiven) {
  must(SqliteLog::create({.path = path, .info = {.log_id = "test", .partitions = 2}}, {}));
  std::vector<OutgoingRecord> records;
  for (int i = 0; i < 300; ++i) {
    records.push_back(record(i % 3 == 0   ? commands_1
                             : i % 3 == 1 ? events_0
                                          : commands_0,
                             booking(i)));
  }
  auto log = open();
  const auto offsets = must(log->append(records));
  ASSERT_EQ(offsets.size(), 300U);
  for (std::size_t i = 0; i < 300; ++i) {
    EXPECT_EQ(offsets[i], Offset{static_cast<std::int64_t>(i / 3)});
    std::vector<Record> found;
    must(log->read(records[i].to, offsets[i], {.records = 1}, found));
    EXPECT_EQ(found.at(0).payload, records[i].payload);
  }
}

TEST_F(SqliteLogFrames, KeysHeadersAndWhatIsAbsentAreKept) {
  auto records = bookings(6);
  records[1].payload.key.reset();
  records[2].payload.key = "";
  records[3].payload.headers = {{.name = "traceparent", .value = std::string("\0x", 2)},
                                {.name = "empty", .value = ""},
                                {.name = "", .value = "", .null = true}};
  records[4].payload.cloud_event = false;
  records[5].payload = {.key = "villa", .value = "", .headers = {}, .null_value = true};
  fill(records);
  EXPECT_EQ(number("SELECT count(*) FROM commands"), 1);
  const auto found = read_all(*open(), commands_0);
  ASSERT_EQ(found.size(), 6U);
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(found[i].payload, records[i].payload);
}

TEST_F(SqliteLogFrames, WhatGainsNothingIsARowARecord) {
  fill({record(commands_0, "a"), record(commands_0, noise(3000)), record(commands_0, "c")});
  EXPECT_EQ(number("SELECT count(*) FROM commands WHERE headers IS NULL"), 3);
  EXPECT_EQ(read_all(*open(), commands_0).at(1).payload.value, noise(3000));
}

TEST_F(SqliteLogFrames, ARecordThatIsLargerThanAFrameStandsBetweenTwo) {
  auto records = bookings(200);
  records[100] = record(commands_0, std::string(70'000, 'x'));
  fill(records);
  EXPECT_EQ(number("SELECT group_concat(record_id, ' ') = '99 100 199' FROM commands"), 1);
  EXPECT_EQ(number("SELECT length(value) FROM commands WHERE record_id = 100"), 70'000);
  const auto found = read_all(*open(), commands_0);
  ASSERT_EQ(found.size(), 200U);
  for (std::size_t i = 0; i < 200; ++i) EXPECT_EQ(found[i].payload, records[i].payload);
}

TEST_F(SqliteLogFrames, ALogWhoseFirstFrameIsGoneBeginsWithTheSecond) {
  create();
  {
    auto log = open();
    for (int i = 0; i < 3; ++i) must(log->append(bookings(100)));
  }
  execute("DELETE FROM commands WHERE record_id = 99");
  auto log = open();
  EXPECT_EQ(must(log->range(commands_0)).begin, Offset{100});
  EXPECT_EQ(must(log->range(commands_0)).end, Offset{300});
}

// --- files of version 1 -------------------------------------------------------------------------

TEST_F(SqliteLogFrames, AFileOfVersion1IsReadAsItIsAndBecomesVersion2BeforeItIsWritten) {
  fill({record(commands_0, "a"), record(commands_0, "b")});
  execute("PRAGMA user_version = 1");
  EXPECT_EQ(read_all(*must(SqliteLog::open({.path = path, .read_only = true})), commands_0).size(),
            2U);
  EXPECT_EQ(number("PRAGMA user_version"), 1);
  auto log = open();
  EXPECT_EQ(number("PRAGMA user_version"), 2);
  must(log->append(bookings(100)));
  must(log->append({record(commands_0, "z")}));
  const auto found = read_all(*log, commands_0);
  ASSERT_EQ(found.size(), 103U);
  EXPECT_EQ(found[1].payload.value, "b");
  EXPECT_EQ(found[2].payload.value, booking(0));
  EXPECT_EQ(found[101].payload.value, booking(99));
  EXPECT_EQ(found[102].payload.value, "z");
  EXPECT_EQ(number("SELECT count(*) FROM commands"), 4);
}

// --- damage -------------------------------------------------------------------------------------

TEST_F(SqliteLogFrames, ADamagedFrameIsNamedByItsRecords) {
  fill(bookings(100));
  execute(
      "UPDATE commands SET value = CAST(substr(value, 1, 400) || x'00' || substr(value, 402)"
      " AS BLOB)");
  EXPECT_EQ(damage(), "records 0 to 99 of commands-0 in " + path +
                          " are damaged. Keep a copy of the file, and restore it from a backup.");
}

TEST_F(SqliteLogFrames, NoChangedByteOfAFrameGivesOtherRecords) {
  fill(bookings(40));
  const auto before = read_all(*open(), commands_0);
  const auto size = number("SELECT length(value) FROM commands");
  auto log = open();
  auto writing = database();
  auto change = must(writing.prepare(
      "UPDATE commands SET value = CAST(substr(value, 1, ?1) || ?2 || substr(value, ?1 + 2)"
      " AS BLOB)"));
  auto byte_at = must(writing.prepare("SELECT substr(value, ?1 + 1, 1) FROM commands"));
  std::vector<Record> found;
  std::int64_t unnoticed = 0;
  for (std::int64_t at = 0; at < size; ++at) {
    ASSERT_TRUE(must(byte_at.bind(1, at).step()));
    const std::string was(byte_at.blob(0));
    byte_at.reset();
    const std::string changed(1, static_cast<char>(was[0] ^ '\x15'));
    must(change.bind(1, at).bind(2, sqlite::Blob{changed}).run());
    if (log->read(commands_0, {0}, {}, found)) {  // a bit that means nothing
      ++unnoticed;
      ASSERT_EQ(found.size(), before.size()) << at;
      for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_EQ(found[i].payload, before[i].payload) << at;
      }
    }
    must(change.bind(1, at).bind(2, sqlite::Blob{was}).run());
  }
  EXPECT_LT(unnoticed * 100, size);
  EXPECT_TRUE(log->read(commands_0, {0}, {}, found));
}

TEST_F(SqliteLogFrames, AFrameOfAnotherNumberOfRecordsIsDamaged) {
  fill(bookings(40));
  for (const auto* mark : {"x'0427000000'", "x'0429000000'", "x'0400000000'", "x'04FFFFFFFF'",
                           "x'04280000'", "x'042800000000'", "x'0C28000000'", "x''"}) {
    execute(fmt::format("UPDATE commands SET headers = {}", mark));
    EXPECT_TRUE(says(damage(), " of commands-0 in " + path + " are damaged.")) << mark << damage();
  }
}

TEST_F(SqliteLogFrames, AFrameThatBeginsBeforeTheOneBeforeItEndedIsDamaged) {
  fill(bookings(40));
  execute("INSERT INTO commands SELECT record_id + 1, at, key, headers, value FROM commands");
  EXPECT_TRUE(says(damage(), "records 1 to 40 of commands-0 in ")) << damage();
}

TEST_F(SqliteLogFrames, AFrameOfMoreThanOneHoldsIsNotUnpacked) {
  fill(bookings(40));
  // A frame of zstd that says it is 1 GiB, all of one byte.
  execute("UPDATE commands SET value = x'28B52FFDA00000004003000041'");
  EXPECT_TRUE(says(damage(), "records 0 to 39 of commands-0 in ")) << damage();
}

}  // namespace
}  // namespace pesan
