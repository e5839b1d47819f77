// Projectors of several partitions that apply what they folded together.
#include "projections/projector_round.hpp"

#include <cstddef>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "projections/verify.hpp"
#include "tests/support/event_stream.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/memory_read_model.hpp"
#include "tests/support/must.hpp"

namespace pesan {
namespace {

constexpr TopicPartition customers{Topic::customers, {0}};
using Kind = ProjectorStep::Kind;

constexpr TopicPartition events(std::int32_t partition) { return {Topic::events, {partition}}; }

/// A read model that counts its transactions, and fails when it is told to.
class CountedReadModel final : public ReadModel {
 public:
  explicit CountedReadModel(MemoryReadModel& model) : model_(model) {}

  Fallible<void> apply(std::span<SourceChanges> round) override {
    rounds.push_back(round.size());
    if (!fails) return model_.apply(round);
    if (lasts) must(model_.apply(round));
    return std::unexpected(*std::exchange(fails, std::nullopt));
  }
  Fallible<std::optional<Checkpoint>> checkpoint(TopicPartition source) override {
    ++loads;
    return model_.checkpoint(source);
  }
  Fallible<std::unique_ptr<ReadSnapshot>> snapshot() override { return model_.snapshot(); }
  Fallible<void> settle_rebuild() override { return {}; }

  std::vector<std::size_t> rounds;  // how many sources each transaction had
  std::optional<Failure> fails;
  bool lasts = false;  // what fails was applied all the same: its answer was lost
  int loads = 0;       // of checkpoints

 private:
  MemoryReadModel& model_;
};

class ProjectorRoundTest : public ::testing::Test {
 protected:
  ProjectorRoundTest() {
    for (std::int32_t p = 0; p < 3; ++p) {
      projectors.emplace_back(log, model, events(p), ReadLimit{.records = 10});
    }
    projectors.emplace_back(log, model, customers, ReadLimit{.records = 10});
    stream.open();
    stream.write(200);
  }
  /// Every projector folds once, and all of it is applied; the records of each that were.
  std::vector<std::size_t> one_round() {
    for (Projector& projector : projectors) must(round.fold(projector));
    must(round.commit());
    return applied();
  }
  std::vector<std::size_t> applied() const {
    std::vector<std::size_t> records;
    for (const Projector& projector : projectors) records.push_back(projector.applied().size());
    return records;
  }
  std::string differences() {
    std::string text;
    for (const Topic topic : {Topic::events, Topic::customers}) {
      must(verify(log, stored, topic, {}, [&](const Difference& d) {
        text += std::string(d.table) + " " + d.key + " " + std::string(d.column) + "\n";
      }));
    }
    return text;
  }
  void drain() {
    while (one_round() != std::vector<std::size_t>(projectors.size(), 0)) {
    }
  }

  MemoryLog log{{.partitions = 3, .clock = [] { return Instant{1'800'000'000'000}; }}};
  MemoryReadModel stored;
  CountedReadModel model{stored};
  EventStream stream{log, 1};
  std::deque<Projector> projectors;
  ProjectorRound round{model};
};

TEST_F(ProjectorRoundTest, WhatAllPartitionsFoldedIsOneTransaction) {
  EXPECT_EQ(one_round(), (std::vector<std::size_t>{10, 10, 10, 10}));
  EXPECT_EQ(model.rounds, (std::vector<std::size_t>{4}));
  EXPECT_EQ(must(stored.checkpoint(events(2)))->next_offset, Offset{10});
  drain();
  EXPECT_EQ(differences(), "");
}

TEST_F(ProjectorRoundTest, ARoundOfNothingIsNoTransaction) {
  drain();
  const auto before = model.rounds;
  one_round();
  EXPECT_EQ(model.rounds, before);
}

TEST_F(ProjectorRoundTest, ThatWhoseCheckpointWasMovedLeavesTheRoundAndTheOthersGoAgain) {
  one_round();
  Projector other(log, stored, events(1), {.records = 4});
  must(other.step());
  model.rounds.clear();
  EXPECT_EQ(one_round(), (std::vector<std::size_t>{10, 0, 10, 10}));
  EXPECT_EQ(model.rounds, (std::vector<std::size_t>{4, 3}));
  EXPECT_EQ(must(stored.checkpoint(events(1)))->next_offset, Offset{14});
  EXPECT_EQ(one_round(), (std::vector<std::size_t>{10, 10, 10, 10}));
  EXPECT_EQ(must(stored.checkpoint(events(1)))->next_offset, Offset{24});
  drain();
  EXPECT_EQ(differences(), "");
}

TEST_F(ProjectorRoundTest, WhereAllWereMovedNothingIsLeftToApply) {
  one_round();
  stored.freeze(true);
  model.rounds.clear();
  EXPECT_EQ(one_round(), (std::vector<std::size_t>{0, 0, 0, 0}));
  EXPECT_EQ(model.rounds, (std::vector<std::size_t>{4}));
  for (Projector& projector : projectors) {
    EXPECT_EQ(must(round.fold(projector)).kind, Kind::frozen);
  }
  EXPECT_TRUE(round.empty());
  stored.freeze(false);
  drain();
  EXPECT_EQ(differences(), "");
}

// A deadlock cost each partition its last 8,192 records, read anew.
TEST_F(ProjectorRoundTest, AfterAFailureTheSameIsOfferedAgain) {
  one_round();
  const int before = model.loads;
  for (const FailureKind kind : {FailureKind::transient, FailureKind::unknown}) {
    model.fails = {kind, "the store is away"};
    for (Projector& projector : projectors) must(round.fold(projector));
    EXPECT_EQ(round.commit().error().kind, kind);
    EXPECT_EQ(applied(), (std::vector<std::size_t>{0, 0, 0, 0}));
    EXPECT_TRUE(round.empty());
  }
  EXPECT_EQ(must(stored.checkpoint(events(0)))->next_offset, Offset{10});
  EXPECT_EQ(one_round(), (std::vector<std::size_t>{10, 10, 10, 10}));
  EXPECT_EQ(model.loads, before);
  drain();
  EXPECT_EQ(differences(), "");
}

TEST_F(ProjectorRoundTest, ARoundThatLastedThoughItsAnswerWasLostIsAppliedOnce) {
  one_round();
  model.fails = {FailureKind::unknown, "the answer was lost"};
  model.lasts = true;
  for (Projector& projector : projectors) must(round.fold(projector));
  EXPECT_FALSE(round.commit());
  EXPECT_EQ(must(stored.checkpoint(events(0)))->next_offset, Offset{20});
  EXPECT_EQ(one_round(), (std::vector<std::size_t>{0, 0, 0, 0}));
  drain();
  EXPECT_EQ(differences(), "");
}

TEST_F(ProjectorRoundTest, WhatWasFoldedAndNeverAppliedIsOfferedAgain) {
  must(projectors[0].fold());
  EXPECT_EQ(must(projectors[0].fold()).records, 10U);
  EXPECT_EQ(one_round(), (std::vector<std::size_t>{10, 10, 10, 10}));
  drain();
  EXPECT_EQ(differences(), "");
}

TEST_F(ProjectorRoundTest, APartitionThatMustStopIsNotInTheRoundOfTheOthers) {
  drain();
  (void)stream.next_record(1);  // a gap
  stream.append(1, stream.next_record(1));
  stream.write(30);
  model.rounds.clear();
  for (std::size_t i = 0; i < projectors.size(); ++i) {
    const auto folded = round.fold(projectors[i]);
    if (i == 1)
      EXPECT_EQ(folded.error().kind, FailureKind::fatal);
    else
      EXPECT_EQ(must(folded).kind, Kind::progress);
  }
  must(round.commit());
  EXPECT_EQ(model.rounds, (std::vector<std::size_t>{3}));
  EXPECT_EQ(applied()[1], 0U);
}

// They were left out, up to a whole batch of them.
TEST_F(ProjectorRoundTest, WhatStandsBeforeARecordThatStopsItIsApplied) {
  drain();
  const auto before = must(stored.checkpoint(events(1)))->next_offset;
  for (int i = 0; i < 3; ++i) stream.append(1, stream.next_record(1));
  (void)stream.next_record(1);  // a gap
  stream.append(1, stream.next_record(1));
  EXPECT_EQ(must(round.fold(projectors[1])).records, 3U);
  must(round.commit());
  EXPECT_EQ(must(stored.checkpoint(events(1)))->next_offset.value, before.value + 3);
  EXPECT_EQ(round.fold(projectors[1]).error().kind, FailureKind::fatal);
}

}  // namespace
}  // namespace pesan
