// `pesan verify` finds every kind of drift and names it; `pesan rebuild` repairs it.
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/e2e/small_business.hpp"

namespace pesan::e2e {
namespace {

namespace json = boost::json;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Drift {
  std::string sql;
  std::string difference;  // as JSON
};

class Verify : public ::testing::Test {
 protected:
  Outcome verify(Arguments more = {}) const {
    more.insert(more.begin(), "verify");
    return files_.pesan(more);
  }
  void expect_clean() const {
    const Outcome outcome = verify();
    EXPECT_EQ(outcome.exit_code, 0) << outcome;
    EXPECT_THAT(outcome.out, HasSubstr("no drift: "));
  }

  /// Projectors run as long as an answer that was given before is looked for.
  void project() const {
    const Outcome outcome = run(files_.files.on({"apply"}), small_business_lines().front() + "\n");
    EXPECT_EQ(outcome.exit_code, 0) << outcome;
  }

  SmallBusiness files_;
};

TEST_F(Verify, SaysThatThereIsNoDriftAndHowMuchWasLookedAt) {
  const Outcome outcome = verify();
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  // 11 events and 6 of customers.
  EXPECT_THAT(outcome.out, HasSubstr("no drift: 17 events, 22 rows ("));
  EXPECT_THAT(outcome.out, HasSubstr("events/s)"));
  EXPECT_EQ(outcome.err, "");
}

TEST_F(Verify, NamesTableKeyColumnAndBothValuesOfEachDifference) {
  const std::vector<Drift> drifts{
      {"UPDATE room_availability SET room_type = 'Hut' WHERE resource_id = 'villa'",
       R"({"table":"room_availability","key":"villa","column":"room_type",)"
       R"("expected":"Villa Laut","found":"Hut"})"},
      {"UPDATE room_night SET booked_units = 0 WHERE night = '2026-12-02'",
       R"({"table":"room_night","key":"hotel, 2026-12-02","column":"booked_units",)"
       R"("expected":"1","found":"0"})"},
      {"UPDATE booking SET notes = 'late' WHERE booking_id = 'hotel.1'",
       R"({"table":"booking","key":"hotel.1","column":"notes","expected":"null","found":"late"})"},
      {"DELETE FROM payment", R"({"table":"payment","key":"villa.1, 3","column":null,)"
                              R"j("expected":"a row","found":"(no row)"})j"},
      {"INSERT INTO customer_booking VALUES ('hotel.9', 'CS-000001', 1, 'x')",
       R"({"table":"customer_booking","key":"hotel.9","column":null,)"
       R"j("expected":"(no row)","found":"a row"})j"},
      {"UPDATE customer SET name = 'Jon' WHERE code = 'CS-000001'",
       R"({"table":"customer","key":"CS-000001","column":"name",)"
       R"("expected":"John Doe","found":"Jon"})"},
      {"UPDATE booking_history SET reason = NULL WHERE reason = 'storm'",
       R"({"table":"booking_history","key":"villa.1, 4","column":"reason",)"
       R"("expected":"storm","found":"null"})"},
      {"UPDATE service SET is_active = 0",
       R"({"table":"service","key":"salon","column":"is_active","expected":"1","found":"0"})"},
      {"UPDATE projection_checkpoint SET sequence = 9 WHERE topic = 'events'",
       R"({"table":"projection_checkpoint","key":"events, 0","column":"sequence",)"
       R"("expected":"10","found":"9"})"},
  };
  for (const Drift& drift : drifts) {
    const SmallBusiness business;
    business.tamper(drift.sql);
    const Outcome outcome = business.pesan({"verify", "--json"});
    EXPECT_EQ(outcome.exit_code, 1) << outcome;
    EXPECT_THAT(outcome.lines(), ElementsAre(drift.difference)) << outcome;
    EXPECT_THAT(outcome.err, HasSubstr("drift: 1 difference:"));
  }
}

TEST_F(Verify, AGeneratedColumnDriftsWithItsSource) {
  files_.tamper("UPDATE schedule_capacity SET booked = 2 WHERE schedule_id = 's1'");
  const Outcome outcome = verify();
  EXPECT_EQ(outcome.exit_code, 1) << outcome;
  EXPECT_EQ(outcome.out.substr(0, outcome.out.rfind(" (")),
            "table              key        column     expected  found\n"
            "-----------------  ---------  ---------  --------  -----\n"
            "schedule_capacity  salon, s1  booked     1         2\n"
            "schedule_capacity  salon, s1  available  1         0\n"
            "drift: 2 differences: 17 events, 22 rows");
}

TEST_F(Verify, ALimitKeepsTheCountWhole) {
  files_.tamper("UPDATE booking SET notes = 'x'");
  const Outcome outcome = verify({"--limit", "2", "--json"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.lines(), SizeIs(2));
  EXPECT_THAT(outcome.err, HasSubstr("1 more differences are not shown"));
  EXPECT_THAT(outcome.err, HasSubstr("drift: 3 differences:"));
  EXPECT_THAT(verify({"--limit", "0", "--json"}).lines(), SizeIs(3));
}

TEST_F(Verify, WhatIsNotFoldedYetIsSaidAndIsNoDrift) {
  std::filesystem::remove(files_.files.store);
  ASSERT_EQ(files_.pesan_on_store({"migrate"}).exit_code, 0);
  const Outcome outcome = verify();
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_THAT(outcome.out, HasSubstr("no drift: 0 events, 0 rows"));
  EXPECT_THAT(outcome.err, HasSubstr("11 records of events are not folded yet"));
}

TEST_F(Verify, AReadModelOfAnotherLogIsDrift) {
  const SmallBusiness other;
  const std::string log = "sqlite:" + (files_.files.folder / "other.db");
  ASSERT_EQ(run({"topics", "create", "--log", log}).exit_code, 0);
  const Outcome outcome =
      run({"verify", "--json", "--log", log, "--store", "sqlite:" + files_.files.store});
  EXPECT_EQ(outcome.exit_code, 1) << outcome;
  EXPECT_THAT(outcome.out, HasSubstr(R"("table":"projection_checkpoint","key":"events, 0")"));
}

TEST_F(Verify, AStoreOfAnotherFoldAsksForARebuild) {
  files_.tamper("UPDATE projection_checkpoint SET fold = 99");
  const Outcome outcome = verify();
  EXPECT_EQ(outcome.exit_code, 3) << outcome;
  EXPECT_THAT(outcome.err, HasSubstr("pesan rebuild"));
}

TEST_F(Verify, AFoldThatFitsNoMemoryIsDoneInParts) {
  files_.tamper("UPDATE booking SET notes = 'x' WHERE booking_id = 'hotel.1'");
  EXPECT_THAT(verify({"--memory", "1", "--json"}).lines(), SizeIs(1));
}

TEST_F(Verify, ForeignDamagedAndNewerFilesAreASentence) {
  const auto refused = [&](const std::string& log, const std::string& store,
                           const std::string& words) {
    for (const std::string command : {"verify", "rebuild"}) {
      const Outcome outcome =
          run({command, "--log", "sqlite:" + log, "--store", "sqlite:" + store});
      EXPECT_EQ(outcome.exit_code, 3) << outcome;
      EXPECT_THAT(outcome.err, HasSubstr(words));
    }
    const Outcome shown =
        run({"show", "rooms", "--as-of", "2026-11-01T00:00:00Z", "--log", "sqlite:" + log});
    const Outcome live = run({"show", "rooms", "--store", "sqlite:" + store});
    EXPECT_TRUE(shown.exit_code == 3 || live.exit_code == 3) << shown << live;
  };
  const Files& files = files_.files;
  refused(files.folder / "none.db", files.store, "there is no log at");
  refused(files.log, files.folder / "none.db", "there is no read model at");
  refused(files.store, files.store, "not a pesan log");
  refused(files.log, files.log, "not a pesan read model");
  const std::string text = files.folder / "text.db";
  write_file(text, std::string(5000, 'x'));
  refused(text, files.store, "not a SQLite database");
  refused(files.log, text, "not a SQLite database");
  const std::string newer = files.folder / "newer.db";
  std::filesystem::copy_file(files.store, newer);
  SmallBusiness::execute(newer, "PRAGMA user_version = 77");
  refused(files.log, newer, "written by a newer pesan");
}

TEST_F(Verify, ADamagedPageIsASentence) {
  {
    std::fstream file(files_.files.store, std::ios::in | std::ios::out | std::ios::binary);
    const auto size = std::filesystem::file_size(files_.files.store);
    for (std::uintmax_t at = 4096 * 3; at + 2000 < size; at += 4096) {
      file.seekp(static_cast<std::streamoff>(at));
      file << std::string(2000, '\x5a');
    }
  }
  const Outcome outcome = verify();
  EXPECT_EQ(outcome.exit_code, 3) << outcome;
  EXPECT_THAT(outcome.err, HasSubstr("Read models may also be moved away"));
  std::filesystem::rename(files_.files.store, files_.files.store + ".damaged");
  project();
  expect_clean();
}

class Rebuild : public Verify {
 protected:
  Outcome rebuild(Arguments more = {}) const {
    more.insert(more.begin(), "rebuild");
    Outcome outcome = files_.pesan(more);
    EXPECT_EQ(outcome.exit_code, 0) << outcome;
    return outcome;
  }
};

TEST_F(Rebuild, OfRightTablesChangesNoRow) {
  const auto before = all_rows(files_.files.store);
  const Outcome outcome = rebuild();
  EXPECT_THAT(outcome.lines(),
              ElementsAre(HasSubstr("events rebuilt: 11 events, 17 rows; no row changed ("),
                          HasSubstr("customers rebuilt: 6 events, 5 rows; no row changed (")));
  EXPECT_EQ(all_rows(files_.files.store), before);
  expect_clean();
}

TEST_F(Rebuild, OfACheckpointThatCannotBeReadNeedsItsRowDeletedAsIsSaid) {
  files_.tamper("UPDATE projection_checkpoint SET last_digest = 'zz' WHERE topic = 'events'");
  const Outcome refused = files_.pesan({"rebuild"});
  EXPECT_EQ(refused.exit_code, 3) << refused;
  EXPECT_THAT(refused.err, HasSubstr("delete that row of projection_checkpoint"));
  files_.tamper("DELETE FROM projection_checkpoint WHERE topic = 'events'");
  rebuild();
  project();
  expect_clean();
}

TEST_F(Rebuild, OfATableThatIsDroppedNeedsAMigrationAsIsSaid) {
  files_.tamper("DROP TABLE payment");
  EXPECT_THAT(files_.pesan({"show", "payments"}).err, HasSubstr("`pesan migrate --store URL`"));
  EXPECT_EQ(files_.pesan_on_store({"migrate"}).exit_code, 0);
  rebuild();
  expect_clean();
}

TEST_F(Rebuild, RepairsDriftAndSaysWhatItWas) {
  const auto before = all_rows(files_.files.store);
  files_.tamper(
      "UPDATE booking SET status = 'no_show' WHERE booking_id = 'villa.1'; DELETE FROM service;"
      "UPDATE customer SET bookings = 7 WHERE code = 'CS-000001'");
  ASSERT_EQ(verify().exit_code, 1);
  const Outcome outcome = rebuild();
  EXPECT_THAT(outcome.out, HasSubstr("2 differences repaired"));
  EXPECT_THAT(outcome.out, HasSubstr("1 difference repaired"));
  EXPECT_THAT(outcome.out, HasSubstr("cancelled  no_show"));
  EXPECT_EQ(all_rows(files_.files.store), before);
  expect_clean();
}

TEST_F(Rebuild, OfOneTopicLeavesTheOther) {
  files_.tamper("UPDATE booking SET units = 9; UPDATE customer SET bookings = 9");
  EXPECT_THAT(rebuild({"customers"}).lines().back(), HasSubstr("customers rebuilt"));
  EXPECT_THAT(verify({"--json"}).lines(), SizeIs(3)) << "the bookings";
  rebuild({"events"});
  expect_clean();
}

TEST_F(Rebuild, BringsAnotherFoldToThisOne) {
  files_.tamper("UPDATE projection_checkpoint SET fold = 99");
  EXPECT_THAT(rebuild().out, HasSubstr("could not be compared"));
  expect_clean();
}

TEST_F(Rebuild, InPartsThatFitMemoryIsTheSame) {
  const auto before = all_rows(files_.files.store);
  rebuild({"--memory", "1"});
  EXPECT_EQ(all_rows(files_.files.store), before);
}

TEST_F(Rebuild, OfAnUnknownTopicIsWrongUsage) {
  EXPECT_EQ(files_.pesan({"rebuild", "planets"}).exit_code, 2);
}

// An operator who forgot --store replaced the rows of one business by those of another.
TEST_F(Rebuild, OfAnotherLogsRowsIsRefusedUnlessItIsAskedFor) {
  const Files others;
  const auto before = all_rows(files_.files.store);
  ASSERT_EQ(run(others.on_log({"topics", "create"})).exit_code, 0);
  const Arguments mixed{"--log", "sqlite:" + others.log, "--store", "sqlite:" + files_.files.store};
  Arguments words{"rebuild"};
  words.insert(words.end(), mixed.begin(), mixed.end());
  const Outcome refused = run(words);
  EXPECT_EQ(refused.exit_code, 2) << refused;
  EXPECT_THAT(refused.err, HasSubstr("look at --log and --store"));
  EXPECT_EQ(all_rows(files_.files.store), before);
  words.push_back("--replace");
  EXPECT_EQ(run(words).exit_code, 0);
  EXPECT_NE(all_rows(files_.files.store), before);
}

TEST_F(Rebuild, BesideAnotherOneIsRefused) {
  const std::string lock = files_.files.store + "-rebuild.lock";
  const int other = ::open(lock.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  struct flock all{};
  all.l_type = F_WRLCK;
  ASSERT_EQ(::fcntl(other, F_OFD_SETLK, &all), 0);
  const Outcome outcome = files_.pesan({"rebuild"});
  EXPECT_EQ(outcome.exit_code, 3) << outcome;
  EXPECT_THAT(outcome.err, HasSubstr("another process is rebuilding"));
  ::close(other);
  rebuild();
}

TEST(RebuildBesideALiveProjector, HoldsNothingUpAndLosesNothing) {
  const Files files;
  Program server(files.on({"serve", "--partitions", "2"}));
  ASSERT_TRUE(server.wait_for_err("ready", seconds{60})) << server.err();
  std::string input;
  for (int room = 0; room < 4; ++room) {
    input += Line{.id = fmt::format("d{}", room),
                  .type = "DefineRoom",
                  .resource = fmt::format("room-{}", room),
                  .data = R"("name":"Villa","units":1000,"inventory":"counter")"}
                 .text() +
             "\n";
  }
  for (int i = 0; i < 3000; ++i) {
    input += Line{.id = fmt::format("b{}", i),
                  .type = "CreateBooking",
                  .resource = fmt::format("room-{}", i % 4),
                  .data = R"("status":"confirmed","customer":{"name":"Siti"})"}
                 .text() +
             "\n";
  }
  write_file(files.folder / "c.jsonl", input);
  Program caller(files.on({"apply", "--quiet", files.folder / "c.jsonl"}));
  int rebuilt = 0;
  for (bool once_more = true; once_more; ++rebuilt) {
    once_more = caller.running();
    const Outcome outcome = run(files.on({"rebuild"}));
    EXPECT_EQ(outcome.exit_code, 0) << outcome;
    EXPECT_THAT(outcome.out, HasSubstr("events rebuilt"));
    EXPECT_EQ(outcome.out.find("repaired"), std::string::npos) << outcome;
  }
  EXPECT_GE(rebuilt, 1);
  EXPECT_EQ(caller.wait().exit_code, 0);
  const Outcome verified = run(files.on({"verify"}));
  EXPECT_EQ(verified.exit_code, 0) << verified;
  EXPECT_EQ(number_of(files.store, "SELECT sum(active_bookings) FROM room_availability"), 3000);
  EXPECT_TRUE(server.running()) << server.err();
}

}  // namespace
}  // namespace pesan::e2e
