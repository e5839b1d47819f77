// `pesan backup`: files that are in use are copied, and put back.
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/small_business.hpp"

namespace pesan::e2e {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string bookings(int from, int count) {
  std::string lines;
  for (int i = from; i < from + count; ++i) {
    lines += Line{.id = fmt::format("b{}", i),
                  .type = "CreateBooking",
                  .resource = "villa",
                  .data = fmt::format(
                      R"("status":"confirmed","customer":{{"name":"J","phone":"0812{:06}"}})", i)}
                 .text() +
             "\n";
  }
  return lines;
}

class Backup : public ::testing::Test {
 protected:
  Backup() {
    run(files_.on({"apply"}), Line{.id = "r",
                                   .type = "DefineRoom",
                                   .resource = "villa",
                                   .data = R"("name":"Villa","units":100000,"inventory":"counter")"}
                                      .text() +
                                  "\n");
  }
  Outcome back_up() const { return run(files_.on({"backup", folder_})); }
  /// As docs/operations.md#restore says it, with nothing running.
  void put_back() const {
    for (const std::string& file : {files_.log, files_.store}) {
      for (const char* beside : {"", "-wal", "-shm"}) fs::remove(file + beside);
    }
    fs::copy_file(folder_ + "/log.db", files_.log);
    fs::copy_file(folder_ + "/read.db", files_.store);
  }

  Files files_;
  const std::string folder_ = files_.folder / "backups/monday";
};

TEST_F(Backup, OfFilesInUseIsPutBackWhole) {
  Program server(files_.on({"serve"}));
  ASSERT_TRUE(server.wait_for_err("ready")) << server.err();
  Program apply(files_.on({"apply"}));
  apply.send(bookings(0, 500));
  ASSERT_TRUE(line_of(apply, 20)) << apply.err();  // it is under way
  const Outcome made = back_up();
  EXPECT_EQ(made.exit_code, 0) << made;
  EXPECT_THAT(made.lines(), ElementsAre(HasSubstr("read.db: "), HasSubstr("log.db: ")));
  apply.send(bookings(500, 500));
  EXPECT_EQ(apply.wait().lines().size(), 1000U);
  server.signal(SIGKILL);  // its write-ahead logs stay behind
  server.wait();

  put_back();
  const Outcome behind = run(files_.on({"verify"}));
  EXPECT_EQ(behind.exit_code, 0) << behind;
  // What came after the backup is not there; the same lines again decide it anew.
  const Outcome again = run(files_.on({"apply"}), bookings(0, 1000));
  EXPECT_EQ(again.lines().size(), 1000U) << again;
  const Outcome verified = run(files_.on({"verify"}));
  EXPECT_EQ(verified.exit_code, 0) << verified;
  EXPECT_EQ(number_of(files_.store, "SELECT COUNT(*) FROM booking"), 1000);
}

TEST_F(Backup, IsTwoFilesAtRestThatCanBeLookedAtWhereTheyLie) {
  run(files_.on({"apply"}), bookings(0, 3));
  EXPECT_EQ(back_up().exit_code, 0);
  const Arguments there{"--log", "sqlite:" + folder_ + "/log.db", "--store",
                        "sqlite:" + folder_ + "/read.db"};
  Arguments verify{"verify"};
  verify.insert(verify.end(), there.begin(), there.end());
  EXPECT_EQ(run(verify).exit_code, 0);
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    names.push_back(entry.path().filename());
  }
  EXPECT_THAT(names, ::testing::UnorderedElementsAre("log.db", "read.db"));
}

TEST_F(Backup, NeverMixesWithAnotherOne) {
  EXPECT_EQ(back_up().exit_code, 0);
  const std::string before = read_file(folder_ + "/log.db");
  const Outcome second = back_up();
  EXPECT_EQ(second.exit_code, 2) << second;
  EXPECT_THAT(second.err, HasSubstr("holds something"));
  EXPECT_EQ(read_file(folder_ + "/log.db"), before);
}

TEST_F(Backup, OfRowsThatAreOfAnotherLogIsSaidToBeNone) {
  const Files other;
  run(other.on({"apply"}), bookings(0, 1));
  const Outcome outcome =
      run({"backup", folder_, "--log", "sqlite:" + files_.log, "--store", "sqlite:" + other.store});
  EXPECT_EQ(outcome.exit_code, 3) << outcome;
  EXPECT_THAT(outcome.err, HasSubstr("are not of this log"));
  // What is advised.
  EXPECT_THAT(outcome.err, HasSubstr("`pesan rebuild --replace`"));
  const Arguments both{"--log", "sqlite:" + files_.log, "--store", "sqlite:" + other.store};
  const auto on_both = [&](Arguments words) {
    words.insert(words.end(), both.begin(), both.end());
    return run(words).exit_code;
  };
  EXPECT_EQ(on_both({"rebuild", "--replace"}), 0);
  EXPECT_EQ(on_both({"backup", folder_ + "-again"}), 0);
}

TEST_F(Backup, OfALogOnKafkaIsWrongUsage) {
  EXPECT_EQ(run({"backup", folder_, "--log", "kafka://127.0.0.1:1"}).exit_code, 2);
  EXPECT_FALSE(fs::exists(folder_));
}

}  // namespace
}  // namespace pesan::e2e
