// One partition that must not go on: it stops, and nothing else is lost or delayed by it.
#include <csignal>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/stored.hpp"

namespace pesan::e2e {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string room(const std::string& resource) {
  return Line{.id = "define-" + resource,
              .type = "DefineRoom",
              .resource = resource,
              .data = R"("name":"Villa","units":5,"inventory":"counter")"}
             .text() +
         "\n";
}
std::string resize(const std::string& id, const std::string& resource) {
  return Line{.id = id, .type = "ChangeRoom", .resource = resource, .data = R"("units":9)"}.text() +
         "\n";
}

constexpr std::int64_t first_of_partition_1 = std::int64_t{1} << 40;  // row number of its record 0

class StoppedPartition : public ::testing::Test {
 protected:
  void SetUp() override {
    const Outcome made = run(files_.on({"apply", "--partitions", "2"}), rooms());
    ASSERT_EQ(made.exit_code, 0) << made;
    for (char name = 'a'; name <= 'h'; ++name) {
      const auto partition = number_of(
          files_.log, fmt::format("SELECT MIN(record_id) FROM commands WHERE CAST(key AS TEXT) "
                                  "= 'room-{}'",
                                  name));
      (partition < first_of_partition_1 ? in_0_ : in_1_) = fmt::format("room-{}", name);
    }
    ASSERT_FALSE(in_0_.empty() || in_1_.empty());
  }
  static std::string rooms() {
    std::string text;
    for (char name = 'a'; name <= 'h'; ++name) text += room(fmt::format("room-{}", name));
    return text;
  }
  /// A stamp an hour ahead is what the engine of a partition refuses to go on with.
  void stop_engine_0() {
    change_file(files_.log,
                fmt::format("INSERT INTO commands SELECT MAX(record_id) + 1, at + 3600000, NULL, "
                            "NULL, CAST('{{}}' AS BLOB) FROM commands WHERE record_id < {}",
                            first_of_partition_1));
  }
  void stop_projector_0() {
    change_file(files_.store,
                "UPDATE projection_checkpoint SET last_digest = "
                "'00000000000000000000000000000000' WHERE topic = 'events' AND partition = 0");
  }

  Files files_;
  std::string in_0_;
  std::string in_1_;
};

TEST_F(StoppedPartition, ACommandOfAnotherPartitionIsAnsweredWhereOneEngineStopped) {
  stop_engine_0();
  const Outcome outcome = run(files_.on({"apply"}), resize("r1", in_1_));
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_THAT(words_of(outcome.lines()), ElementsAre("accepted"));
}

TEST_F(StoppedPartition, ApplyAnswersWhatCanBeAnsweredAndSaysWhyTheRestIsNot) {
  stop_engine_0();
  const Outcome outcome = run(files_.on({"apply"}), resize("r1", in_0_) + resize("r2", in_1_));
  EXPECT_EQ(outcome.exit_code, 3) << outcome;
  EXPECT_THAT(words_of(outcome.lines()), ElementsAre("accepted"));
  EXPECT_THAT(outcome.err, HasSubstr("1 commands have no result"));
  EXPECT_THAT(outcome.err, HasSubstr("engine of partition 0 stopped"));
}

TEST_F(StoppedPartition, RowsOfAnotherPartitionAreWrittenWhereOneProjectorStopped) {
  stop_projector_0();
  const Outcome outcome = run(files_.on({"apply"}), resize("r1", in_1_));
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_THAT(words_of(outcome.lines()), ElementsAre("accepted"));
  EXPECT_EQ(number_of(files_.store, fmt::format("SELECT total_units FROM room_availability WHERE "
                                                "resource_id = '{}'",
                                                in_1_)),
            9);
}

TEST_F(StoppedPartition, AResultWithoutItsRowsIsPrintedAndSaid) {
  stop_projector_0();
  const Outcome outcome = run(files_.on({"apply"}), resize("r1", in_0_));
  EXPECT_EQ(outcome.exit_code, 3) << outcome;
  EXPECT_THAT(words_of(outcome.lines()), ElementsAre("accepted"));
  EXPECT_THAT(outcome.err, HasSubstr("projector of events-0 stopped"));
}

TEST_F(StoppedPartition, ServeGoesOnWithTheOthersAndEndsWithThree) {
  stop_engine_0();
  Program server(files_.on({"serve"}));
  ASSERT_TRUE(server.wait_for_err("engine of partition 0 stopped")) << server.err();
  ASSERT_TRUE(server.wait_for_err("ready")) << server.err();
  const Outcome answered = run(files_.on({"apply"}), resize("r1", in_1_));
  EXPECT_EQ(answered.exit_code, 0) << answered;
  // The stopped partition is anyone's: apply meets the same, and does not wait for ever.
  const Outcome unanswered = run(files_.on({"apply"}), resize("r2", in_0_));
  EXPECT_EQ(unanswered.exit_code, 3) << unanswered;
  ASSERT_TRUE(server.running()) << server.err();
  server.signal(SIGTERM);
  const Outcome outcome = server.wait();
  EXPECT_EQ(outcome.exit_code, 3) << outcome;
}

}  // namespace
}  // namespace pesan::e2e
