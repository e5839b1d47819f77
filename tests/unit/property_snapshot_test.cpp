// Recovery from a snapshot and the tail after it is recovery from the whole log, wherever the
// snapshot was made; and one that is damaged, foreign or of another past changes nothing but the
// time that it takes.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/forwarded_log.hpp"
#include "engine/state_image.hpp"
#include "tests/support/lone_engine.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/memory_snapshots.hpp"
#include "tests/support/must.hpp"
#include "tests/support/opened.hpp"
#include "tests/support/workload.hpp"

namespace pesan {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr TopicPartition commands{Topic::commands, {}};
constexpr TopicPartition events{Topic::events, {}};
constexpr TopicPartition results{Topic::results, {}};
constexpr std::size_t remember = 50;

/// A log that an engine decided a random stream of commands in.
struct Decided {
  explicit Decided(std::uint64_t seed, std::string_view log_id = "log") : stream({.seed = seed}) {
    must(log.append({{events, {.key = {}, .value = opened(log_id), .headers = {}}}}));
  }
  void decide(int count) {
    for (int i = 0; i < count; ++i) {
      const SentCommand sent = stream.next();
      now = sent.timestamp;
      must(log.append({{commands, {.key = {}, .value = sent.payload.value, .headers = {}}}}));
    }
    EngineOptions options{.recovery = {.remember = remember}, .batch = 7, .wall_clock = [] {
                            return Instant{4'000'000'000'000};
                          }};
    auto engine = must(LoneEngine::start(log, std::move(options)));
    while (must(engine->step()) > 0) {
    }
  }
  RecoveryOptions options(std::size_t outcomes = remember) {
    return {.remember = outcomes,
            .snapshots = &snapshots,
            .say = [this](std::string_view note) { said.emplace_back(note); },
            .inform = [this](std::string_view note) { informed.emplace_back(note); },
            .reading = {.threads = std::launch::deferred}};
  }
  std::optional<SnapshotName> snapshot(std::int64_t every = 1) {
    return must(make_snapshot(log, options(), {.every = every}));
  }
  /// Everything that recovery made, and was told of committed offsets.
  std::string recovered(const RecoveryOptions& options) {
    const auto next = log.records(results).empty() ? Offset{} : next_command();
    return StateImage::write(*must(recover(log, options, next)));
  }
  Offset next_command() {
    ResultDecoder decoder;
    return decoder.decode(log.records(results).back().payload.value)->command.next();
  }
  std::string from_the_log(std::size_t outcomes = remember) {
    return recovered({.remember = outcomes});
  }
  std::string from_a_snapshot(std::size_t outcomes = remember) {
    informed.clear();
    said.clear();
    return recovered(options(outcomes));
  }

  Instant now;
  MemoryLog log{{.partitions = 1, .clock = [this] { return now; }, .commit_markers = true}};
  Workload stream;
  MemorySnapshots snapshots;
  std::vector<std::string> said;
  std::vector<std::string> informed;
};

/// A snapshot, and more of the log after it.
struct Snapshotted : Decided {
  explicit Snapshotted(std::uint64_t seed) : Decided(seed) {
    decide(90);
    snapshot();
    decide(40);
  }
  std::string& image() { return snapshots.images.begin()->second.image; }
  /// Recovers to what the log says without the snapshot, and says why that was passed over.
  std::string why_passed_over(std::size_t outcomes = remember) {
    const bool same = from_a_snapshot(outcomes) == from_the_log(outcomes);
    if (!same) return "it recovered to something else";
    return said.empty() ? "it was not passed over" : said.front();
  }
};

TEST(Snapshot, AndTheTailAfterItAreTheWholeLogWhereverItWasMade) {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    Decided decided(seed);
    for (const int more : {0, 1, 30, 0, 120, 5}) {
      decided.decide(more);
      decided.snapshot();
      ASSERT_EQ(decided.from_a_snapshot(), decided.from_the_log()) << "seed " << seed;
      decided.decide(20);
      ASSERT_EQ(decided.from_a_snapshot(), decided.from_the_log()) << "seed " << seed;
      ASSERT_THAT(decided.said, IsEmpty());
    }
    EXPECT_THAT(decided.informed, ElementsAre(HasSubstr("recovered from a snapshot")));
  }
}

TEST(Snapshot, MayHaveBeenMadeBetweenAnEventAndItsResult) {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    Decided decided(seed);
    decided.decide(60);
    Replay replay{std::make_unique<CommandProcessor>(must(read_opened(decided.log, {})), remember),
                  {}};
    must(catch_up(decided.log, replay, {}));
    decided.decide(20);
    // Its events are of an earlier moment than its results.
    const ReplayMarks before = replay.marks;
    const auto later = must(replay_log(decided.log, {.remember = remember}));
    ResultDecoder decoder;
    for (const Record& record : decided.log.records(results)) {
      if (record.offset <= before.result->offset) continue;
      must(replay.processor->replay(*decoder.decode(record.payload.value)));
    }
    replay.marks.result = later.replay.marks.result;
    replay.marks.answered = later.replay.marks.answered;
    must(decided.snapshots.put({.partition = {}, .serial = 1, .results = {}},
                               StateImage::write(*replay.processor, replay.marks)));
    EXPECT_EQ(decided.from_a_snapshot(), decided.from_the_log()) << "seed " << seed;
    EXPECT_THAT(decided.said, IsEmpty());
  }
}

/// A log in which more is decided once events were read, before results are. Making a
/// snapshot looks at the end of results twice: whether one is due, and when it has read the events.
class BusyLog final : public ForwardedLog {
 public:
  explicit BusyLog(Decided& decided) : ForwardedLog(decided.log), decided_(decided) {}
  Fallible<OffsetRange> range(TopicPartition source) override {
    if (source == results && ++looks_ == 2) decided_.decide(40);
    return decided_.log.range(source);
  }

 private:
  Decided& decided_;
  int looks_ = 0;
};

// Of ten million commands, an image had its events end a million before its results.
TEST(Snapshot, MadeWhileMoreIsDecidedEndsWhereTheLogDoes) {
  Decided decided(1);
  decided.decide(60);
  BusyLog busy(decided);
  must(make_snapshot(busy, decided.options(), {.every = 1}));
  const std::string meanwhile = decided.snapshots.images.begin()->second.image;
  decided.snapshots.images.clear();
  decided.snapshot();
  EXPECT_EQ(meanwhile, decided.snapshots.images.begin()->second.image);
}

TEST(Snapshot, BeforeTheLateRepeatOfATransactionIsPassedOver) {
  Decided decided(1);
  decided.decide(60);
  decided.snapshot();
  const std::string state = decided.from_the_log();
  const auto late = decided.log.records(events);
  for (std::size_t i = late.size() - 3; i < late.size(); ++i) {
    must(decided.log.append({{events, late[i].payload}}));
  }
  EXPECT_EQ(decided.from_a_snapshot(), state);
  EXPECT_THAT(decided.said, ElementsAre(HasSubstr("the log has a gap or a repeat")));
  decided.decide(20);
  decided.snapshot();
  EXPECT_EQ(decided.from_a_snapshot(), decided.from_the_log());
  EXPECT_THAT(decided.said, IsEmpty());
}

TEST(Snapshot, MadeFromASnapshotIsTheOneThatTheWholeLogGives) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Decided once(seed);
    Decided twice(seed);
    for (Decided* decided : {&once, &twice}) decided->decide(70);
    twice.snapshot();
    for (Decided* decided : {&once, &twice}) {
      decided->decide(70);
      decided->snapshot();
    }
    EXPECT_EQ(once.snapshots.images.rbegin()->second.image,
              twice.snapshots.images.rbegin()->second.image);
  }
}

TEST(Snapshot, WithAFlippedBitIsPassedOver) {
  Snapshotted log(3);
  const std::string whole = log.image();
  for (std::size_t i = 0; i < whole.size(); i += whole.size() / 40) {
    log.image() = whole;
    log.image()[i] = static_cast<char>(whole[i] ^ 0x10);
    EXPECT_THAT(log.why_passed_over(), HasSubstr("it is damaged")) << "byte " << i;
  }
}

TEST(Snapshot, ThatWasCutIsPassedOver) {
  Snapshotted log(4);
  const std::string whole = log.image();
  for (const std::size_t size : {std::size_t{0}, std::size_t{20}, whole.size() - 1}) {
    log.image() = whole.substr(0, size);
    EXPECT_THAT(log.why_passed_over(), HasSubstr("is passed over")) << size << " bytes";
  }
}

TEST(Snapshot, OfAnotherLogIsPassedOver) {
  Snapshotted log(5);
  Decided other(5, "other");
  other.decide(90);
  other.snapshot();
  log.image() = other.snapshots.images.begin()->second.image;
  EXPECT_THAT(log.why_passed_over(), HasSubstr("of log other"));
}

TEST(Snapshot, OfAnotherPartitionIsPassedOver) {
  Snapshotted log(6);
  const Position elsewhere{.log_id = "log", .partition = {3}};
  log.image() = StateImage::write(CommandProcessor(elsewhere, remember));
  EXPECT_THAT(log.why_passed_over(), HasSubstr("of partition 3"));
}

TEST(Snapshot, OfNothingIsPassedOver) {
  Snapshotted log(6);
  log.image() = StateImage::write(CommandProcessor(Position{.log_id = "log"}, remember));
  EXPECT_THAT(log.why_passed_over(), HasSubstr("after nothing"));
}

TEST(Snapshot, ThatIsAheadOfARestoredLogIsPassedOver) {
  Decided ahead(7);
  ahead.decide(130);
  ahead.snapshot();
  Decided behind(7);
  behind.decide(60);
  behind.snapshots.images = ahead.snapshots.images;
  EXPECT_EQ(behind.from_a_snapshot(), behind.from_the_log());
  EXPECT_THAT(behind.said, ElementsAre(HasSubstr("which the log does not have")));
}

TEST(Snapshot, OfAPastThatTheLogDoesNotHaveIsPassedOver) {
  Decided one(8);
  one.decide(60);
  one.snapshot();
  Decided other(9);  // as after a restore: the same log, and another history
  other.decide(600);
  other.snapshots.images = one.snapshots.images;
  EXPECT_EQ(other.from_a_snapshot(), other.from_the_log());
  EXPECT_THAT(other.said, ElementsAre(HasSubstr("where the log has another record")));
}

TEST(Snapshot, ThatLiesAboutTheStateIsPassedOverOnceTheTailDoesNotFit) {
  Decided decided(10);
  decided.decide(90);
  auto replayed = must(replay_log(decided.log, {.remember = remember}));
  auto empty = CommandProcessor(
      [&] {
        Position position = replayed.replay.processor->position();
        position.sequence = Sequence{3};
        return position;
      }(),
      remember);
  must(decided.snapshots.put({.partition = {}, .serial = 1, .results = {}},
                             StateImage::write(empty, replayed.replay.marks)));
  decided.decide(40);
  EXPECT_EQ(decided.from_a_snapshot(), decided.from_the_log());
  EXPECT_THAT(decided.said, ElementsAre(HasSubstr("the log has a gap or a repeat")));
}

TEST(Snapshot, ThatTheCommittedOffsetContradictsIsPassedOver) {
  Decided decided(11);
  decided.decide(90);
  auto replayed = must(replay_log(decided.log, {.remember = remember}));
  replayed.replay.processor->resume_at(Offset{7});
  must(decided.snapshots.put({.partition = {}, .serial = 1, .results = {}},
                             StateImage::write(*replayed.replay.processor, replayed.replay.marks)));
  EXPECT_EQ(decided.from_a_snapshot(), decided.from_the_log());
  EXPECT_THAT(decided.said, ElementsAre(HasSubstr("replaying the whole log")));
}

TEST(Snapshot, AnOlderOneIsTakenWhereTheNewestIsDamaged) {
  Decided decided(12);
  decided.decide(60);
  decided.snapshot();
  decided.decide(60);
  decided.snapshot();
  decided.snapshots.images.rbegin()->second.image[500] ^= 1;
  EXPECT_EQ(decided.from_a_snapshot(), decided.from_the_log());
  EXPECT_THAT(decided.said, ElementsAre(HasSubstr("snapshot 2 of partition 0 is passed over")));
  EXPECT_THAT(decided.informed, ElementsAre(HasSubstr("recovered from a snapshot")));
}

TEST(Snapshot, MayRememberMoreOutcomesThanItsReaderAndNeverFewer) {
  Snapshotted log(13);
  EXPECT_EQ(log.why_passed_over(20), "it was not passed over");
  EXPECT_THAT(log.why_passed_over(51), HasSubstr("fewer outcomes than are asked for"));
  Decided small(14);
  small.decide(remember / 2);  // nothing was forgotten
  small.snapshot();
  EXPECT_EQ(small.from_a_snapshot(5000), small.from_the_log(5000));
  EXPECT_THAT(small.said, IsEmpty());
}

TEST(Snapshot, IsMadeOnceEnoughCommandsCameSinceTheNewest) {
  Decided decided(15);
  decided.decide(29);
  EXPECT_FALSE(decided.snapshot(500));
  decided.decide(600);
  const auto made = decided.snapshot(500);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->serial, 1);
  EXPECT_FALSE(decided.snapshot(500));
}

TEST(Snapshot, ThreeAreKept) {
  Decided decided(16);
  for (int i = 0; i < 5; ++i) {
    decided.decide(10);
    decided.snapshot();
  }
  std::vector<std::int64_t> serials;
  for (const auto& name : must(decided.snapshots.list({}))) serials.push_back(name.serial);
  EXPECT_THAT(serials, ElementsAre(5, 4, 3));
}

TEST(Snapshot, OneAheadOfTheLogDoesNotKeepANewOneFromBeingMadeAndKept) {
  Decided decided(17);
  decided.decide(60);
  for (const std::int64_t serial : {7, 8, 9}) {
    must(decided.snapshots.put({.partition = {}, .serial = serial, .results = {1 << 20}}, "x"));
  }
  const auto made = decided.snapshot(10);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->serial, 10);
  EXPECT_EQ(decided.from_a_snapshot(), decided.from_the_log());
  EXPECT_THAT(decided.informed, ElementsAre(HasSubstr("recovered from a snapshot")));
}

/// What evolve makes of events may change with a program; then images of older ones are of no use.
TEST(Snapshot, ChangesItsFormatWhenTheFoldMakesSomethingElseOfTheSameEvents) {
  Decided decided(56);  // every command, and every kind of resource
  decided.decide(400);
  decided.snapshot();
  std::string folded;
  for (const TopicPartition source : {events, results}) {
    for (const Record& record : decided.log.records(source)) folded += record.payload.value;
  }
  ASSERT_EQ(to_hex(digest_of(folded)), "f3ee16c3acfcdd3f723ca815b85f5c20")
      << "these are other records: write this digest here and the next one below";
  EXPECT_EQ(to_hex(digest_of(decided.snapshots.images.begin()->second.image)),
            "12dd3ce67c9e75f51a59cb5bcdfc0ecd")
      << "raise the number in StateImage's format, then write this digest here";
}

}  // namespace
}  // namespace pesan
