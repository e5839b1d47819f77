// The projector's loop over a log and a read model in memory.
#include "projections/projector.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "projections/fold.hpp"
#include "projections/verify.hpp"
#include "tests/support/event_stream.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/memory_read_model.hpp"
#include "tests/support/must.hpp"

namespace pesan {
namespace {

constexpr TopicPartition events{Topic::events, {0}};
constexpr TopicPartition customers{Topic::customers, {0}};
using Kind = ProjectorStep::Kind;

class ProjectorTest : public ::testing::Test {
 protected:
  static MemoryLog make_log(bool markers = false) {
    return MemoryLog({.partitions = 1,
                      .clock = [] { return Instant{1'800'000'000'000}; },
                      .commit_markers = markers});
  }
  /// Steps until there is nothing more; the records moved.
  static std::size_t drain(Projector& reader) {
    std::size_t records = 0;
    for (;;) {
      const auto step = must(reader.step());
      if (step.kind != Kind::progress) return records;
      records += step.records;
    }
  }
  std::string differences(Topic topic) {
    std::string text;
    must(verify(log, model, topic, {}, [&](const Difference& d) {
      text += std::string(d.table) + " " + d.key + " " + std::string(d.column) + "\n";
    }));
    return text;
  }
  static std::string refusal(Projector& reader) {
    const auto step = reader.step();
    if (step) return "(none)";
    EXPECT_EQ(step.error().kind, FailureKind::fatal);
    return step.error().what;
  }

  MemoryLog log = make_log();
  MemoryReadModel model;
  EventStream stream{log, 1};
  Projector projector{log, model, events, {.records = 10}};
};

TEST_F(ProjectorTest, AnEmptyLogIsIdleAndLeavesNoCheckpoint) {
  EXPECT_EQ(must(projector.step()).kind, Kind::idle);
  EXPECT_EQ(must(model.checkpoint(events)), std::nullopt);
}

TEST_F(ProjectorTest, AStepAppliesOneBatchAndSaysHowFarItIs) {
  stream.open();
  stream.write(20);
  const auto step = must(projector.step());
  EXPECT_EQ(step.kind, Kind::progress);
  EXPECT_EQ(step.records, 10U);
  const auto stored = must(model.checkpoint(events));
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->next_offset, Offset{10});
  EXPECT_EQ(stored->sequence, Sequence{9});
  EXPECT_EQ(stored->log_id, "log-1");
  EXPECT_EQ(stored->fold, fold_version);
  EXPECT_EQ(stored->last_digest, digest_of(log.records(events)[9].payload.value));
  EXPECT_EQ(projector.position(), stored);
}

TEST_F(ProjectorTest, AStepShowsTheRecordsThatItStoredAndAnIdleOneNone) {
  stream.open();  // six events
  stream.write(9);
  must(projector.step());
  ASSERT_EQ(projector.applied().size(), 10U);
  EXPECT_EQ(projector.applied().front().offset, Offset{0});
  EXPECT_EQ(projector.applied().back().offset, Offset{9});
  must(projector.step());
  ASSERT_EQ(projector.applied().size(), 5U);
  EXPECT_EQ(projector.applied().front().offset, Offset{10});
  must(projector.step());
  EXPECT_TRUE(projector.applied().empty());
}

TEST_F(ProjectorTest, WhatItMadeOfALogIsTheFoldOfIt) {
  stream.open();
  stream.write(300);
  EXPECT_EQ(drain(projector), log.records(events).size());
  Projector registry(log, model, customers, {.records = 7});
  EXPECT_EQ(drain(registry), log.records(customers).size());
  EXPECT_EQ(differences(Topic::events), "");
  EXPECT_EQ(differences(Topic::customers), "");
  EXPECT_GT(model.rows(Table::customer_booking).size(), 50U);
  EXPECT_GT(model.rows(Table::room_night).size(), 20U);
}

TEST_F(ProjectorTest, ABatchEndsByTheBytesOfItsRowChangesToo) {
  stream.open();
  stream.write_long_stays(20, 500);
  Projector bounded(log, model, events, {}, 200'000);
  must(bounded.step());
  const std::size_t nights = model.rows(Table::room_night).size();
  EXPECT_GT(nights, 500U);
  EXPECT_LT(nights, 3000U);
  drain(bounded);
  EXPECT_EQ(model.rows(Table::room_night).size(), 10'000U);
  EXPECT_EQ(must(bounded.step()).kind, Kind::idle);
  EXPECT_EQ(differences(Topic::events), "");
}

TEST_F(ProjectorTest, ItGoesOnWhereTheLastOneStopped) {
  stream.open();
  stream.write(15);
  must(projector.step());
  Projector second(log, model, events, {.records = 1000});
  drain(second);
  EXPECT_EQ(differences(Topic::events), "");
}

TEST_F(ProjectorTest, GapsInOffsetsAreNoGapsInEvents) {
  MemoryLog marked = make_log(true);
  EventStream other(marked, 3);
  other.open();
  other.write(50);
  Projector with_gaps(marked, model, events, {.records = 3});
  drain(with_gaps);
  Projector again(marked, model, events, {.records = 3});
  EXPECT_EQ(must(again.step()).kind, Kind::idle);
  EXPECT_EQ(must(model.checkpoint(events))->sequence.value + 1, std::ssize(marked.records(events)));
}

TEST_F(ProjectorTest, UntilAnOffsetMeansNotARecordFurther) {
  stream.open();
  stream.write(20);
  EXPECT_EQ(must(projector.step(Offset{7})).records, 7U);
  EXPECT_EQ(must(projector.step(Offset{7})).kind, Kind::idle);
  EXPECT_EQ(must(model.checkpoint(events))->next_offset, Offset{7});
}

TEST_F(ProjectorTest, AnotherProjectorThatWasFirstIsAConflictAndThenThePlaceToGoOn) {
  stream.open();
  stream.write(30);
  Projector other(log, model, events, {.records = 4});
  must(projector.step());
  must(other.step());
  EXPECT_EQ(must(projector.step()).kind, Kind::conflict);
  drain(projector);
  EXPECT_EQ(differences(Topic::events), "");
}

TEST_F(ProjectorTest, AFrozenCheckpointMakesItWait) {
  stream.open();
  must(projector.step());
  stream.write(5);
  model.freeze(true);
  EXPECT_EQ(must(projector.step()).kind, Kind::conflict);
  EXPECT_EQ(must(projector.step()).kind, Kind::frozen);
  EXPECT_EQ(must(projector.step()).kind, Kind::frozen);
  model.freeze(false);
  EXPECT_EQ(must(projector.step()).kind, Kind::progress);
}

TEST_F(ProjectorTest, AnotherFoldAsksForARebuildAndMixesNothing) {
  stream.open();
  must(projector.step());
  Checkpoint old = *must(model.checkpoint(events));
  old.fold = fold_version - 1;
  model.overwrite(old);
  Projector next(log, model, events, {});
  EXPECT_NE(refusal(next).find("run `pesan rebuild`"), std::string::npos);
  old.fold = fold_version + 1;
  model.overwrite(old);
  EXPECT_NE(refusal(next).find("upgrade this one"), std::string::npos);
}

TEST_F(ProjectorTest, AGapInTheSequenceStopsItAtANamedRecord) {
  stream.open();
  stream.write(3);
  (void)stream.next_record(0);
  stream.append(0, stream.next_record(0));
  must(projector.step());
  EXPECT_EQ(refusal(projector),
            "events, partition 0, offset 9: sequence 10 where 9 was due: records are missing");
  EXPECT_EQ(must(model.checkpoint(events))->next_offset, Offset{9});
}

TEST_F(ProjectorTest, AByteEqualRepeatIsSkippedEvenAfterARestart) {
  stream.open();
  stream.write(12);
  const std::string earlier = log.records(events)[10].payload.value;
  const std::string last = log.records(events).back().payload.value;
  drain(projector);
  stream.append(0, earlier);
  stream.append(0, last);
  EXPECT_EQ(must(projector.step()).kind, Kind::idle);
  Projector restarted(log, model, events, {.records = 10});
  EXPECT_EQ(must(restarted.step()).kind, Kind::idle);
  stream.write(4);
  EXPECT_GE(drain(projector), 4U);
  drain(restarted);
  Projector after(log, model, events, {.records = 10});
  EXPECT_EQ(must(after.step()).kind, Kind::idle);
  EXPECT_EQ(differences(Topic::events), "");
}

// It knew the last 1,024 only, and a transaction has up to 2,000 by default.
TEST_F(ProjectorTest, TheRepeatOfAWholeTransactionIsSkippedEvenAfterARestart) {
  stream.open();
  stream.write(2500);
  const std::vector<Record> all = log.records(events);
  Projector whole(log, model, events, {.records = 4000});
  drain(whole);
  for (auto late = all.end() - 2000; late != all.end(); ++late) {
    stream.append(0, late->payload.value);
  }
  EXPECT_EQ(must(whole.step()).kind, Kind::idle);
  stream.write(4);
  Projector restarted(log, model, events, {.records = 4000});
  drain(restarted);
  EXPECT_EQ(differences(Topic::events), "");
}

TEST_F(ProjectorTest, AnotherRecordUnderAKnownSequenceStopsIt) {
  stream.open();
  stream.write(5);
  drain(projector);
  std::string opened = log.records(events)[0].payload.value;
  const auto place = opened.find("2027");
  ASSERT_NE(place, std::string::npos) << opened;
  opened.replace(place, 4, "2028");
  stream.append(0, opened);
  EXPECT_NE(refusal(projector).find("sequence 0 came again, with another record"),
            std::string::npos);
}

TEST_F(ProjectorTest, ALogThatWasRecreatedIsRefused) {
  stream.open();
  stream.write(5);
  drain(projector);
  MemoryLog fresh = make_log();
  EventStream anew(fresh, 1, "log-2");
  anew.open();
  anew.write(30);
  Projector other(fresh, model, events, {});
  EXPECT_NE(refusal(other).find("it is of log log-2, but the read model was folded from log log-1"),
            std::string::npos);
}

TEST_F(ProjectorTest, ALogThatWasRestoredBehindItsReaderIsAnotherTimeline) {
  stream.open();
  stream.write(20);
  drain(projector);
  MemoryLog restored = make_log();
  EventStream anew(restored, 2);
  anew.open();
  anew.write(5);
  Projector shorter(restored, model, events, {});
  EXPECT_NE(refusal(shorter).find("another timeline"), std::string::npos);
  anew.write(40);
  EXPECT_NE(refusal(shorter).find("another timeline"), std::string::npos);
}

TEST_F(ProjectorTest, APartitionThatDoesNotBeginWithItsOpeningIsRefused) {
  (void)stream.next_record(0);
  MemoryLog headless = make_log();
  EventStream other(headless, 1);
  other.append(0, other.next_record(0));
  Projector reader(headless, model, events, {});
  EXPECT_NE(refusal(reader).find("begins with LogOpened"), std::string::npos);
}

TEST_F(ProjectorTest, AnEventThatThisProgramDoesNotKnowStopsItBeforeIt) {
  stream.open();
  stream.write(2);
  drain(projector);
  std::string record = stream.next_record(0);
  const auto type = record.find("\"type\":\"Booking");
  ASSERT_NE(type, std::string::npos) << record;
  record.replace(type, 15, "\"type\":\"Blocking");
  stream.append(0, record);
  EXPECT_NE(refusal(projector).find("newer than this program"), std::string::npos);
}

TEST_F(ProjectorTest, AnEventThatContradictsThoseBeforeItStopsAtThatRecord) {
  stream.open();
  std::string again = log.records(events)[1].payload.value;  // the room, defined once more
  const auto replace = [&](const std::string& what, const std::string& by) {
    const auto place = again.find(what);
    ASSERT_NE(place, std::string::npos) << what << " in " << again;
    again.replace(place, what.size(), by);
  };
  replace("00000000000000000001", "00000000000000000006");
  replace("room-0@1", "room-0@2");
  replace("\"version\":1", "\"version\":2");
  stream.append(0, again);
  Projector in_one_batch(log, model, events, {});
  must(in_one_batch.step());
  EXPECT_EQ(
      refusal(in_one_batch),
      "events, partition 0, offset 6: this event does not fit those before it: a fold inserts "
      "a row that is there: room_availability room-0");
  EXPECT_EQ(refusal(projector), "room_availability room-0: the row is there already");
}

}  // namespace
}  // namespace pesan
