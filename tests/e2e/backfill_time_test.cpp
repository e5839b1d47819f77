// The times of a backfill: what is beyond the machine's clock is refused before it is sent, and a
// clock that is ahead all the same can be set back.

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/program.hpp"
#include "tests/e2e/stored.hpp"

namespace pesan::e2e {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class BackfillTime : public ::testing::Test {
 protected:
  static std::string room(const std::string& id, const std::string& time) {
    return Line{.id = id,
                .type = "DefineRoom",
                .resource = id,
                .data = R"("name":"V","units":1,"inventory":"counter")",
                .time = time}
               .text() +
           "\n";
  }
  Outcome apply(const std::string& text, Arguments words = {}) {
    write_file(files_.folder / "backfill.jsonl", text);
    words.insert(words.begin(), {"apply", "--clock", "command"});
    words.push_back(files_.folder / "backfill.jsonl");
    return run(files_.on(words));
  }
  std::int64_t commands() { return number_of(files_.log, "SELECT COUNT(*) FROM commands"); }
  Files files_;
};

TEST_F(BackfillTime, BeyondTheMachinesClockIsRefusedBeforeALineIsSent) {
  const std::string text = room("a", "2020-01-01T00:00:00Z") + room("b", "2090-01-01T00:00:00Z");
  const Outcome refused = apply(text);
  EXPECT_EQ(refused.exit_code, 2) << refused;
  EXPECT_THAT(refused.err,
              AllOf(HasSubstr("line 2: its time, 2090-01-01T00:00:00.000Z, is beyond this "
                              "machine's clock"),
                    HasSubstr("mend the line, or say --future")));
  EXPECT_EQ(refused.out, "");
  EXPECT_EQ(commands(), 0);
  EXPECT_EQ(apply(text, {"--dry-run"}).exit_code, 2);
  EXPECT_EQ(apply(text, {"--future"}).exit_code, 0);
  EXPECT_EQ(commands(), 2);
}

// The likeliest slip for 2019. No record can have it, and it was taken for no time at all.
TEST_F(BackfillTime, OfAYearThatNoRecordCanHaveIsRefusedToo) {
  const Outcome refused = apply(room("a", "2919-01-01T00:00:00Z"));
  EXPECT_EQ(refused.exit_code, 2) << refused;
  EXPECT_THAT(refused.err, HasSubstr("line 1: its time, 2919-01-01T00:00:00Z, is beyond"));
  EXPECT_EQ(apply(room("a", "2919-01-01T00:00:00Z"), {"--future"}).exit_code, 0);
}

TEST_F(BackfillTime, OfAPipeIsRefusedFromThatLineOn) {
  const Outcome refused =
      run(files_.on({"apply", "--clock", "command"}),
          room("a", "2020-01-01T00:00:00Z") + room("b", "2090-01-01T00:00:00Z"));
  EXPECT_EQ(refused.exit_code, 2) << refused;
  EXPECT_THAT(refused.err, HasSubstr("line 2: its time"));
  EXPECT_LT(commands(), 2);
}

TEST_F(BackfillTime, ThatCouldNotBeFollowedIsCounted) {
  const Outcome outcome = apply(room("a", "2020-01-02T00:00:00Z") + room("b", "yesterday") +
                                room("c", "2020-01-01T00:00:00Z") + room("d", ""));
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_THAT(outcome.err, HasSubstr("2 without a time that could be read (the first in line 2)"));
  EXPECT_THAT(outcome.err, HasSubstr("1 with a time before that of one before"));
}

TEST_F(BackfillTime, SentToALogThatFollowsItsAppendTimeIsSaidOnce) {
  const std::string old = room("a", "2020-01-01T00:00:00Z") + room("b", "2020-01-02T00:00:00Z");
  EXPECT_THAT(run(files_.on({"apply", "--dry-run"}), old).err, HasSubstr("apply --clock command"));
  const Outcome outcome = run(files_.on({"apply"}), old);
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  const std::string warning = "apply --clock command";
  EXPECT_THAT(outcome.err, HasSubstr(warning));
  EXPECT_EQ(outcome.err.find(warning), outcome.err.rfind(warning));
  EXPECT_THAT(run(files_.on({"apply"}), room("c", "")).err, Not(HasSubstr(warning)));
}

TEST_F(BackfillTime, ThatPutAClockAheadIsSaidAndSetBackAndThenTheBackfillEnds) {
  ASSERT_EQ(apply(room("a", "2090-01-01T00:00:00Z"), {"--future"}).exit_code, 0);
  const Outcome said = apply(room("b", ""));
  EXPECT_THAT(said.err, HasSubstr("its clock stands at 2090-01-01T00:00:00.000Z, ahead of this "
                                  "machine's"));
  const Outcome refused = run(files_.on_log({"topics", "end-backfill"}));
  EXPECT_EQ(refused.exit_code, 3) << refused;
  EXPECT_THAT(refused.err, HasSubstr("set it back with `pesan topics mend-clock` first"));
  const Outcome mended = run(files_.on_log({"topics", "mend-clock"}));
  EXPECT_EQ(mended.exit_code, 0) << mended;
  EXPECT_THAT(mended.err, HasSubstr("partition 0: set back from 2090-01-01T00:00:00.000Z to 20"));
  EXPECT_THAT(run(files_.on_log({"topics", "mend-clock"})).err,
              HasSubstr("partition 0: is not ahead of this machine's clock"));
  EXPECT_EQ(run(files_.on_log({"topics", "end-backfill"})).exit_code, 0);
  const Outcome after = run(files_.on({"apply"}), room("c", ""));
  EXPECT_THAT(words_of(after.lines()), ElementsAre("accepted"));
  EXPECT_THAT(after.out, Not(HasSubstr(R"("time":"2090)")));
  EXPECT_EQ(run(files_.on({"verify"})).exit_code, 0);
}

}  // namespace
}  // namespace pesan::e2e
