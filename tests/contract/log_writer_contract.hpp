// What every Log must do, the half that writers see: commits, and who is fenced. Included by
// log_contract.hpp, whose harnesses it tries.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/contract/log_contract.hpp"

namespace pesan {

// --- commits
// --------------------------------------------------------------------------------------

TYPED_TEST(LogContract, ACommitShowsItsRecordsInAllTopicsAndWhatWasConsumed) {
  auto writer = this->engine();
  EXPECT_EQ(must(writer->committed(this->commands)), std::nullopt);
  const auto command = this->append(this->commands, "command");
  must(writer->commit(this->transaction(
      {this->record(this->events, "event 1"), this->record(this->results, "result"),
       this->record(this->events, "event 2"), this->record({Topic::commands, {1}}, "forwarded")},
      command.next())));
  EXPECT_EQ(this->values(this->events), (std::vector<std::string>{"event 1", "event 2"}));
  EXPECT_EQ(this->values(this->results), std::vector<std::string>{"result"});
  EXPECT_EQ(this->values({Topic::commands, {1}}), std::vector<std::string>{"forwarded"});
  EXPECT_EQ(must(writer->committed(this->commands)), command.next());
}

TYPED_TEST(LogContract, ACommitThatIsRefusedShowsNothingOfItself) {
  auto writer = this->engine();
  const auto refused = writer->commit(this->transaction(
      {this->record(this->events, "event"), this->record({Topic::results, {99}}, "x")}, {1}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(this->values(this->events), std::vector<std::string>{});
  EXPECT_EQ(must(writer->committed(this->commands)), std::nullopt);
  // It harmed nothing: the writer goes on.
  this->append(this->commands, "command");
  must(writer->commit(this->transaction({this->record(this->events, "event")}, {1})));
  EXPECT_EQ(this->values(this->events), std::vector<std::string>{"event"});
}

TYPED_TEST(LogContract, ACommitWithoutRecordsMovesWhatWasConsumed) {
  auto writer = this->engine();
  this->append(this->commands, "a");
  must(writer->commit(this->transaction({}, {1})));
  EXPECT_EQ(must(writer->committed(this->commands)), Offset{1});
}

TYPED_TEST(LogContract, ACommitWithoutAnOffsetLeavesWhatWasConsumed) {
  auto writer = this->engine();
  this->append(this->commands, "a");
  must(writer->commit(this->transaction({}, {1})));
  must(writer->commit({.records = {this->record(this->events, "event")},
                       .consumed = {},
                       .places = {this->commands}}));
  EXPECT_EQ(must(writer->committed(this->commands)), Offset{1});
  EXPECT_EQ(this->values(this->events), std::vector<std::string>{"event"});
}

TYPED_TEST(LogContract, ACommitOfNothingOnlyAsksWhetherTheWriterIsStillTheOne) {
  auto older = this->engine();
  must(older->commit({.records = {}, .consumed = {}, .places = {this->commands}}));
  auto newer = this->engine();
  const auto refused = older->commit({.records = {}, .consumed = {}, .places = {this->commands}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::conflict);
  must(newer->commit({.records = {}, .consumed = {}, .places = {this->commands}}));
  EXPECT_EQ(must(newer->committed(this->commands)), std::nullopt);
}

TYPED_TEST(LogContract, WhatWasConsumedIsKeptByRoleTopicAndPartition) {
  for (int i = 0; i < 3; ++i) this->append({Topic::events, {0}}, "e");
  for (int i = 0; i < 3; ++i) this->append({Topic::events, {1}}, "e");
  auto engine = this->engine();
  auto registry = open_taken(this->log(), "registry", {}, this->harness.claim("registry"));
  must(registry->commit(
      {.records = {},
       .consumed = {{{Topic::events, {0}}, Offset{3}}, {{Topic::events, {1}}, Offset{2}}},
       .places = {this->customers}}));
  EXPECT_EQ(must(registry->committed({Topic::events, {0}})), Offset{3});
  EXPECT_EQ(must(registry->committed({Topic::events, {1}})), Offset{2});
  EXPECT_EQ(must(registry->committed({Topic::events, {2}})), std::nullopt);
  EXPECT_EQ(must(registry->committed({Topic::commands, {0}})), std::nullopt);
  EXPECT_EQ(must(engine->committed({Topic::events, {0}})), std::nullopt);
}

// --- fencing
// --------------------------------------------------------------------------------------

TYPED_TEST(LogContract, AnOlderWriterOfThePlaceIsRefusedAndWritesNothing) {
  this->append(this->commands, "a");
  auto older = this->engine();
  must(older->commit(this->transaction({this->record(this->events, "by the older")}, {1})));
  auto newer = this->engine();
  const auto refused =
      older->commit(this->transaction({this->record(this->events, "too late")}, {1}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::conflict);
  EXPECT_EQ(older->commit(this->transaction({}, {0})).error().kind, FailureKind::conflict);
  const Transaction nothing{.records = {}, .consumed = {}, .places = {this->commands}};
  EXPECT_EQ(older->commit(nothing).error().kind, FailureKind::conflict);
  must(newer->commit(nothing));
  EXPECT_EQ(this->values(this->events), std::vector<std::string>{"by the older"});

  // The newer one sees what the older committed, and goes on from there.
  EXPECT_EQ(must(newer->committed(this->commands)), Offset{1});
  must(newer->commit(this->transaction({this->record(this->events, "by the newer")}, {1})));
  EXPECT_EQ(this->values(this->events), (std::vector<std::string>{"by the older", "by the newer"}));
}

TYPED_TEST(LogContract, AWriterOfAnotherProcessTakesThePlaceAsWell) {
  auto older = this->engine();
  auto newer = open_taken(this->harness.other(), "engine", {}, this->harness.claim("engine"));
  EXPECT_EQ(older->commit(this->transaction({this->record(this->events, "x")}, {0})).error().kind,
            FailureKind::conflict);
  must(newer->commit(this->transaction({this->record(this->events, "y")}, {0})));
  EXPECT_EQ(this->values(this->harness.other(), this->events), std::vector<std::string>{"y"});
}

TYPED_TEST(LogContract, WritersOfOtherPartitionsAndRolesAreNotFenced) {
  const ClaimProof engines = this->harness.claim("engine");
  auto engine_0 = open_taken(this->log(), "engine", {0}, engines);
  auto engine_1 = open_taken(this->log(), "engine", {1}, engines);
  auto registry = open_taken(this->log(), "registry", {}, this->harness.claim("registry"));
  must(engine_0->commit(this->transaction({this->record(this->events, "by engine 0")}, {0})));
  must(engine_1->commit({.records = {this->record({Topic::events, {1}}, "by engine 1")},
                         .consumed = {{{Topic::commands, {1}}, Offset{0}}},
                         .places = {{Topic::commands, {1}}}}));
  must(registry->commit({.records = {this->record({Topic::customers, {0}}, "by the registry")},
                         .consumed = {{{Topic::events, {0}}, Offset{0}}},
                         .places = {this->customers}}));
}

TYPED_TEST(LogContract, ARoundOverSeveralPlacesIsOneCommit) {
  const TopicPartition commands_1{Topic::commands, {1}};
  const TopicPartition events_1{Topic::events, {1}};
  const ClaimProof claim = this->harness.claim("engine");
  auto worker = open_taken(this->log(), "engine", {0}, claim);
  must(worker->take(place_of(this->log(), "engine", {1}, claim)));
  must(worker->commit(
      {.records = {this->record(this->events, "of 0"), this->record(events_1, "of 1")},
       .consumed = {{this->commands, Offset{0}}, {commands_1, Offset{0}}},
       .places = {this->commands, commands_1}}));
  EXPECT_EQ(this->values(this->events), std::vector<std::string>{"of 0"});
  EXPECT_EQ(this->values(events_1), std::vector<std::string>{"of 1"});
  EXPECT_EQ(must(worker->committed(this->commands)), Offset{0});
  EXPECT_EQ(must(worker->committed(commands_1)), Offset{0});
}

TYPED_TEST(LogContract, ARoundInWhichOnePlaceWasLostIsRefusedWhole) {
  const TopicPartition commands_1{Topic::commands, {1}};
  const TopicPartition events_1{Topic::events, {1}};
  const ClaimProof first = this->harness.claim("engine");
  auto worker = open_taken(this->log(), "engine", {0}, first);
  must(worker->take(place_of(this->log(), "engine", {1}, first)));
  const ClaimProof second = this->harness.claim("engine");
  const auto newer = open_taken(this->harness.other(), "engine", {1}, second);
  const auto refused = worker->commit(
      {.records = {this->record(this->events, "of 0"), this->record(events_1, "of 1")},
       .consumed = {},
       .places = {this->commands, commands_1}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::conflict);
  EXPECT_EQ(this->values(this->events), std::vector<std::string>{});
  EXPECT_EQ(this->values(events_1), std::vector<std::string>{});
  // The place that is still its own goes on once it is taken again.
  must(worker->take(place_of(this->log(), "engine", {0}, second)));
  must(worker->commit(this->transaction({this->record(this->events, "of 0")}, {0})));
  EXPECT_EQ(this->values(this->events), std::vector<std::string>{"of 0"});
  must(newer->commit({.records = {this->record(events_1, "of the newer")},
                      .consumed = {},
                      .places = {commands_1}}));
}

TYPED_TEST(LogContract, APlaceThatWasNotTakenIsRefused) {
  const auto writer = must(this->log().open_writer("engine"));
  EXPECT_EQ(writer->commit(this->transaction({}, {0})).error().kind, FailureKind::conflict);
}

}  // namespace pesan
