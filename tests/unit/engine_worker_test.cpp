// A worker with several partitions: what one of them does, or suffers, is no other's.
#include "engine/engine_worker.hpp"

#include <map>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/forwarded_log.hpp"
#include "engine/log_clock.hpp"
#include "events/partitioner.hpp"
#include "tests/support/given_when_then.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/must.hpp"
#include "tests/support/opened.hpp"
#include "tests/support/taken.hpp"

namespace pesan {
namespace {

constexpr Partition zero{0};
constexpr Partition one{1};

TopicPartition commands_of(Partition partition) { return {Topic::commands, partition}; }
TopicPartition events_of(Partition partition) { return {Topic::events, partition}; }
TopicPartition results_of(Partition partition) { return {Topic::results, partition}; }

/// Counts commits, and refuses the next one.
class CountedLog final : public ForwardedLog {
 public:
  using ForwardedLog::ForwardedLog;
  Fallible<std::unique_ptr<LogWriter>> open_writer(std::string_view role) override {
    return std::make_unique<Writer>(*this, must(ForwardedLog::open_writer(role)));
  }
  int commits = 0;
  std::optional<FailureKind> refuses;
  bool throws = false;

 private:
  class Writer final : public LogWriter {
   public:
    Writer(CountedLog& log, std::unique_ptr<LogWriter> inner)
        : log_(log), inner_(std::move(inner)) {}
    Fallible<void> take(const Taking& taking) override { return inner_->take(taking); }
    Fallible<std::optional<Offset>> committed(TopicPartition source) override {
      return inner_->committed(source);
    }
    Fallible<void> commit(const Transaction& transaction) override {
      ++log_.commits;
      if (std::exchange(log_.throws, false)) throw std::bad_alloc();
      if (const auto kind = std::exchange(log_.refuses, std::nullopt))
        return fail(*kind, "told to");
      return inner_->commit(transaction);
    }
    Fallible<void> begin_at(const Transaction& where) override { return inner_->begin_at(where); }

   private:
    CountedLog& log_;
    std::unique_ptr<LogWriter> inner_;
  };
};

class EngineWorkerTest : public ::testing::Test {
 protected:
  EngineWorkerTest() {
    for (const Partition partition : {zero, one}) {
      write(events_of(partition), opened("log", 2, Clock::append, partition.value));
    }
  }
  void write(TopicPartition to, std::string value) {
    must(memory.append({{to, {.key = {}, .value = std::move(value), .headers = {}}}}));
  }
  /// A room of that partition.
  void define_room(Partition partition, std::string_view id) {
    std::string resource;
    for (int i = 0;; ++i) {
      resource = fmt::format("room-{}", i);
      if (partition_of(resource, 2) == partition) break;
    }
    write(commands_of(partition),
          fmt::format(R"({{"specversion":"1.0","id":"{}","source":"/t","type":"DefineRoom","data":)"
                      R"({{"resource":"{}","actor":{{"type":"admin","id":"a"}},"name":"V",)"
                      R"("units":1,"inventory":"counter"}}}})",
                      id, resource));
  }
  EngineOptions options(Partition partition) {
    return {.recovery = {.partition = partition,
                         .say = [this](std::string_view what) { said.emplace_back(what); },
                         .replayed = [this](auto) { ++recoveries; }},
            .wall_clock = [] { return noon; }};
  }
  Fallible<std::size_t> decide(Partition partition, const ClaimProof& proof = {}) {
    const auto entered =
        worker.enter(partition, proof, [this](Partition p, const auto&) { return options(p); });
    if (!entered) return std::unexpected(entered.error());
    return worker.decide(partition);
  }

  Instant log_time = noon;
  MemoryLog memory{{.partitions = 2, .clock = [this] { return log_time; }}};
  CountedLog log{memory};
  int recoveries = 0;
  std::vector<std::string> said;
  EngineWorker worker{log, std::launch::deferred};
};

TEST_F(EngineWorkerTest, WhatAllPartitionsDecidedIsOneCommit) {
  define_room(zero, "a");
  define_room(one, "b");
  EXPECT_EQ(must(decide(zero)), 1U);
  EXPECT_EQ(must(decide(one)), 1U);
  must(worker.commit());
  EXPECT_EQ(log.commits, 1);
  EXPECT_EQ(memory.records(results_of(zero)).size(), 1U);
  EXPECT_EQ(memory.records(results_of(one)).size(), 1U);
}

TEST_F(EngineWorkerTest, ARoundInWhichNothingWasDecidedIsNotCommitted) {
  EXPECT_EQ(must(decide(zero)), 0U);
  must(worker.commit());
  EXPECT_EQ(log.commits, 0);
}

TEST_F(EngineWorkerTest, AFailureInPassingUndoesTheRoundOfAllAndTheNextOneIsTheSame) {
  define_room(zero, "a");
  define_room(one, "b");
  must(decide(zero));
  must(decide(one));
  log.refuses = FailureKind::transient;
  EXPECT_EQ(worker.commit().error().kind, FailureKind::transient);
  EXPECT_EQ(memory.records(results_of(zero)).size(), 0U);
  EXPECT_EQ(worker.engine(one)->processor().position().next_command, Offset{0});
  EXPECT_EQ(must(decide(zero)), 1U);
  EXPECT_EQ(must(decide(one)), 1U);
  must(worker.commit());
  EXPECT_EQ(memory.records(results_of(one)).size(), 1U);
  EXPECT_EQ(recoveries, 2);
}

// What it had decided was written once more, beside what was decided anew.
TEST_F(EngineWorkerTest, ARoundWhoseCommitThrowsIsUndone) {
  define_room(zero, "a");
  must(decide(zero));
  log.throws = true;
  EXPECT_THROW(static_cast<void>(worker.commit()), std::bad_alloc);
  EXPECT_EQ(must(decide(zero)), 1U);
  must(worker.commit());
  EXPECT_EQ(memory.records(results_of(zero)).size(), 1U);
}

TEST_F(EngineWorkerTest, APartitionThatCannotDecideLeavesTheRoundOfTheOthers) {
  define_room(zero, "a");
  must(decide(zero));
  // A stamp from the future stops its partition at that command.
  define_room(one, "b");
  worker.leave(one);
  auto strict = options(one);
  strict.wall_clock = [] { return Instant{noon.ms - 3'600'000}; };
  must(worker.enter(one, {}, [&](auto, const auto&) { return strict; }));
  EXPECT_EQ(worker.decide(one).error().kind, FailureKind::fatal);
  must(worker.commit());
  EXPECT_EQ(memory.records(results_of(zero)).size(), 1U);
  EXPECT_EQ(memory.records(results_of(one)).size(), 0U);
}

// A bug may have left its state half changed, and what is before the command was decided on it.
TEST_F(EngineWorkerTest, AnEngineThatMustStopAndWhoseRoundFailedIsRecoveredBeforeItDecidesAgain) {
  define_room(one, "a");
  log_time = Instant{noon.ms + 3'600'000};
  define_room(one, "from the future");
  EXPECT_EQ(must(decide(one)), 1U);
  log.refuses = FailureKind::transient;
  EXPECT_FALSE(worker.commit());
  EXPECT_EQ(must(decide(one)), 1U);
  EXPECT_EQ(recoveries, 2);
  must(worker.commit());
  EXPECT_EQ(decide(one).error().kind, FailureKind::fatal);
  EXPECT_EQ(memory.records(results_of(one)).size(), 1U);
}

TEST_F(EngineWorkerTest, APartitionThatComesBackUnchangedGoesOnWithTheStateThatItHas) {
  define_room(zero, "a");
  must(decide(zero, "generation 1"));
  must(worker.commit());
  define_room(zero, "b");
  EXPECT_EQ(must(decide(zero, "generation 2")), 1U);
  EXPECT_EQ(recoveries, 1);
}

TEST_F(EngineWorkerTest, APartitionThatAnotherDecidedOnMeanwhileIsRecovered) {
  define_room(zero, "a");
  must(decide(zero, "generation 1"));
  must(worker.commit());
  define_room(zero, "b");
  EngineWorker other(memory, std::launch::deferred);
  must(other.enter(zero, {}, [this](Partition p, const auto&) { return options(p); }));
  must(other.decide(zero));
  must(other.commit());
  recoveries = 0;
  EXPECT_EQ(must(decide(zero, "generation 3")), 0U);
  EXPECT_EQ(recoveries, 1);
  EXPECT_EQ(worker.engine(zero)->processor().position().next_command, Offset{2});
}

// It consumes nothing, so the offset does not tell.
TEST_F(EngineWorkerTest, APartitionWhoseClockWasChangedMeanwhileIsRecovered) {
  define_room(zero, "a");
  must(decide(zero, "generation 1"));
  must(worker.commit());
  std::string switched;
  append_event(switched, {.log_id = "log",
                          .sequence = {2},
                          .time = noon,
                          .what = ClockSwitched{.partition = 0, .clock = Clock::append}});
  must(open_taken(memory, "engine")
           ->commit({.records = {{events_of(zero), {.key = {}, .value = switched}}},
                     .consumed = {},
                     .places = {commands_of(zero)}}));
  define_room(zero, "b");
  EXPECT_EQ(must(decide(zero, "generation 3")), 1U);
  EXPECT_EQ(recoveries, 2);
  EXPECT_EQ(worker.engine(zero)->processor().position().sequence, Sequence{2});
}

TEST_F(EngineWorkerTest, AfterAnAnswerThatWasLostTheLogSaysWhetherTheRoundStands) {
  define_room(zero, "a");
  must(decide(zero));
  log.refuses = FailureKind::unknown;  // and it was not written
  EXPECT_EQ(worker.commit().error().kind, FailureKind::unknown);
  EXPECT_EQ(must(decide(zero)), 1U);
  must(worker.commit());
  EXPECT_EQ(memory.records(results_of(zero)).size(), 1U);
}

TEST_F(EngineWorkerTest, WhereOnePartitionWasLostTheRoundIsUndoneAndTheOtherGoesOn) {
  define_room(zero, "a");
  define_room(one, "b");
  must(decide(zero));
  must(decide(one));
  const auto rival = open_taken(memory, "engine", one);
  EXPECT_EQ(worker.commit().error().kind, FailureKind::conflict);
  EXPECT_EQ(memory.records(results_of(zero)).size(), 0U);
  worker.leave(one);
  EXPECT_EQ(must(decide(zero)), 1U);
  must(worker.commit());
  EXPECT_EQ(memory.records(results_of(zero)).size(), 1U);
}

TEST_F(EngineWorkerTest, APartitionThatIsLeftInTheMiddleOfARoundOfOthersIsGoneAndTheyAreCommitted) {
  define_room(zero, "a");
  must(decide(zero));
  must(decide(one));
  worker.leave(one);
  EXPECT_EQ(worker.engine(one), nullptr);
  must(worker.commit());
  EXPECT_EQ(memory.records(results_of(zero)).size(), 1U);
}

// ---- inlets ----

class WithInlets : public EngineWorkerTest {
 protected:
  WithInlets() {
    for (const Partition partition : {zero, one}) {
      for (const Record& record : memory.records(events_of(partition))) {
        must(widened.append({{events_of(partition), record.payload}}));
      }
    }
  }
  /// A room of that partition, sent to another one.
  void send_to(Partition inlet, Partition home, std::string_view id) {
    define_room(home, id);
    must(widened.append({{commands_of(inlet), memory.records(commands_of(home)).back().payload}}));
  }
  Fallible<std::size_t> round() {
    std::size_t all = 0;
    for (const Partition partition : {zero, one}) {
      must(wide.enter(partition, {}, [this](Partition p, const auto&) { return options(p); }));
      all += must(wide.decide(partition));
    }
    if (auto done = wide.commit(); !done) return std::unexpected(done.error());
    return all;
  }

  MemoryLog widened{{.partitions = 2, .clock = [] { return noon; }, .inlets = 3}};
  CountedLog counted{widened};
  EngineWorker wide{counted, std::launch::deferred};
};

TEST_F(WithInlets, WhatLandsInAPartitionThatWasAddedIsMovedHomeAndAnsweredThere) {
  send_to({2}, one, "a");
  send_to({3}, zero, "b");
  send_to({4}, zero, "c");
  EXPECT_EQ(must(round()), 3U);  // moved
  EXPECT_EQ(widened.records(commands_of(one)).size(), 1U);
  EXPECT_EQ(widened.records(commands_of(zero)).size(), 2U);
  EXPECT_EQ(must(round()), 3U);  // decided
  EXPECT_EQ(must(round()), 0U);
  EXPECT_EQ(widened.records(results_of(zero)).size(), 2U);
  EXPECT_EQ(widened.records(results_of(one)).size(), 1U);
}

TEST_F(WithInlets, AMoveIsUndoneWithItsRoundAndMadeOnce) {
  send_to({2}, one, "a");
  counted.refuses = FailureKind::transient;
  EXPECT_FALSE(round());
  EXPECT_EQ(widened.records(commands_of(one)).size(), 0U);
  must(round());
  EXPECT_EQ(widened.records(commands_of(one)).size(), 1U);
}

TEST_F(WithInlets, AfterARestartNothingIsMovedTwice) {
  send_to({2}, one, "a");
  must(round());
  wide.leave(zero);
  wide.leave(one);
  must(round());
  must(round());
  EXPECT_EQ(widened.records(commands_of(one)).size(), 1U);
  EXPECT_EQ(widened.records(results_of(one)).size(), 1U);
}

TEST_F(WithInlets, WhatIsNoCommandIsAnsweredInTheFirstPartition) {
  must(widened.append({{commands_of({3}), {.key = {}, .value = "no JSON", .headers = {}}}}));
  must(round());
  must(round());
  EXPECT_EQ(widened.records(results_of(zero)).size(), 1U);
  EXPECT_EQ(widened.records({Topic::dead_letters, {}}).size(), 1U);
}

// A resource as long as its command made a key of it, and a record larger than its topic takes.
TEST_F(WithInlets, ALongResourceIsNoKeyAndWhatIsLargeWithItsKeyIsSetAside) {
  const std::string long_id(100'000, 'r');
  const std::string value =
      fmt::format(R"({{"specversion":"1.0","id":"a","source":"/t","type":"DefineRoom","data":)"
                  R"({{"resource":"{}"}}}})",
                  long_id);
  must(widened.append(
      {{commands_of({2}), {.key = {}, .value = value}},
       {commands_of({2}), {.key = std::string(std::size_t{2} << 20, 'k'), .value = "no JSON"}}}));
  must(round());
  must(round());  // of one record a round, as it is large
  const Partition home = partition_of(long_id, 2);
  ASSERT_EQ(widened.records(commands_of(home)).size(), 1U);
  EXPECT_EQ(widened.records(commands_of(home))[0].payload.key, std::nullopt);
  EXPECT_FALSE(widened.records({Topic::dead_letters, {}}).empty());
}

TEST_F(WithInlets, OneThatCannotBeReadIsSaidAndHarmsNoPartition) {
  send_to({2}, one, "a");
  must(round());
  must(widened.append({{commands_of(zero), memory.records(commands_of(one)).back().payload}}));
  widened.drop_before(commands_of({2}), Offset{5});  // beyond its end: cut, and made anew
  EXPECT_GE(must(round()), 1U);
  must(round());
  EXPECT_EQ(said.size(), 1U);
}

TEST_F(WithInlets, WhatIsTooLargeToBeMovedIsSetAside) {
  must(widened.append(
      {{commands_of({2}), {.key = {}, .value = std::string((std::size_t{2} << 20) + 1, 'x')}}}));
  must(round());
  EXPECT_EQ(widened.records(commands_of(zero)).size(), 0U);
  EXPECT_EQ(widened.records({Topic::dead_letters, {}}).size(), 1U);
}

}  // namespace
}  // namespace pesan
