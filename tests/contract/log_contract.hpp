// What every Log must do, whatever it is made of. A test that includes this names the logs to try,
// as `using LogHarnesses = testing::Types<...>` in namespace pesan, before the include. A harness
// has
//   Log& log();          the log under test: empty, three partitions
//   Log& other();        the same log as another process has it
//   ClaimProof claim(std::string_view role);   of all places of a role, by a process that was not
//                        there before: whoever claimed them earlier has lost them
//   void reopen();       lets go of everything and opens it again
//   void set_now(Instant);          the clock of the log, where `owns_clock`
//   static constexpr bool waits;    a read with a wait really sleeps
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "engine/log_writer.hpp"
#include "tests/support/must.hpp"
#include "tests/support/taken.hpp"

namespace pesan {

template <class Harness>
class LogContract : public ::testing::Test {
 protected:
  static constexpr TopicPartition commands{Topic::commands, {0}};
  static constexpr TopicPartition events{Topic::events, {0}};
  static constexpr TopicPartition results{Topic::results, {0}};
  static constexpr TopicPartition customers{Topic::customers, {0}};

  Log& log() { return harness.log(); }

  static OutgoingRecord record(TopicPartition to, std::string value) {
    return {.to = to, .payload = {.key = "villa", .value = std::move(value), .headers = {}}};
  }
  Offset append(TopicPartition to, std::string value) {
    return must(log().append({record(to, std::move(value))})).front();
  }
  std::unique_ptr<LogWriter> engine() {
    return open_taken(log(), "engine", {}, harness.claim("engine"));
  }
  static Transaction transaction(std::vector<OutgoingRecord> records, Offset consumed) {
    return {
        .records = std::move(records), .consumed = {{commands, consumed}}, .places = {commands}};
  }

  std::vector<Record> read(LogReader& from, TopicPartition source, ReadLimit limit = {}) {
    std::vector<Record> records;
    must(from.read(source, must(from.range(source)).begin, limit, records));
    return records;
  }
  std::vector<std::string> values(LogReader& from, TopicPartition source) {
    std::vector<std::string> found;
    for (const auto& record : read(from, source)) found.push_back(record.payload.value);
    return found;
  }
  std::vector<std::string> values(TopicPartition source) { return values(log(), source); }

  Harness harness;
};

TYPED_TEST_SUITE(LogContract, LogHarnesses);

// --- order and offsets --------------------------------------------------------------------------

TYPED_TEST(LogContract, RecordsAreReadInTheOrderInWhichTheyWereAppended) {
  const auto offsets =
      must(this->log().append({this->record(this->commands, "a"), this->record(this->commands, "b"),
                               this->record(this->commands, "c")}));
  const auto records = this->read(this->log(), this->commands);
  ASSERT_EQ(records.size(), 3U);
  ASSERT_EQ(offsets.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(records[i].offset, offsets[i]);
  EXPECT_LT(offsets[0], offsets[1]);
  EXPECT_LT(offsets[1], offsets[2]);
  EXPECT_EQ(this->values(this->commands), (std::vector<std::string>{"a", "b", "c"}));
}

TYPED_TEST(LogContract, ANewPartitionIsEmptyFromOffset0) {
  const auto range = must(this->log().range({Topic::events, {2}}));
  EXPECT_EQ(range.begin, Offset{0});
  EXPECT_EQ(range.end, Offset{0});
  std::vector<Record> records(3);
  must(this->log().read({Topic::events, {2}}, {0}, {}, records));
  EXPECT_TRUE(records.empty());
}

TYPED_TEST(LogContract, TheRangeEndsAfterTheLastRecord) {
  this->append(this->commands, "a");
  const auto last = this->append(this->commands, "b");
  const auto range = must(this->log().range(this->commands));
  EXPECT_EQ(range.begin, Offset{0});
  EXPECT_EQ(range.end, last.next());
}

TYPED_TEST(LogContract, ReadingFromTheMiddleStartsWithThatRecord) {
  this->append(this->commands, "a");
  const auto second = this->append(this->commands, "b");
  this->append(this->commands, "c");
  std::vector<Record> records;
  must(this->log().read(this->commands, second, {}, records));
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].payload.value, "b");
  EXPECT_EQ(records[0].offset, second);
  EXPECT_EQ(records[1].payload.value, "c");
}

TYPED_TEST(LogContract, ReadingOnFromTheOffsetAfterTheLastOneNeitherSkipsNorRepeats) {
  auto writer = this->engine();
  for (int i = 0; i < 5; ++i) {  // each commit may leave a gap in the offsets
    must(writer->commit({.records = {this->record(this->events, std::to_string(2 * i)),
                                     this->record(this->events, std::to_string(2 * i + 1))},
                         .consumed = {},
                         .places = {this->commands}}));
  }
  std::vector<std::string> found;
  std::vector<Record> records;
  for (Offset next{0};; next = records.back().offset.next()) {
    must(this->log().read(this->events, next, {.records = 1}, records));
    if (records.empty()) break;
    ASSERT_EQ(records.size(), 1U);
    EXPECT_GE(records.front().offset, next);
    found.push_back(records.front().payload.value);
  }
  EXPECT_EQ(found, (std::vector<std::string>{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}));
}

TYPED_TEST(LogContract, ReadingFromAnyRecordOfATransactionStartsWithThatRecord) {
  std::vector<OutgoingRecord> records;
  for (int i = 0; i < 400; ++i) {  // more than go together into one frame of a file
    records.push_back(this->record(i % 3 == 0 ? this->events : this->commands,
                                   std::to_string(i) + std::string(300, 'x')));
    records.back().payload.headers = {{.name = "number", .value = std::to_string(i)}};
  }
  const auto offsets = must(this->log().append(records));
  for (const std::size_t i : {0U, 1U, 2U, 151U, 152U, 298U, 397U, 398U, 399U}) {
    const auto& [to, payload] = records[i];
    std::vector<Record> found;
    must(this->log().read(to, offsets[i], {.records = 1}, found));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].offset, offsets[i]);
    EXPECT_EQ(found[0].payload, payload);
  }
  EXPECT_EQ(this->read(this->log(), this->events).size(), 134U);
  EXPECT_EQ(this->read(this->log(), this->commands).size(), 266U);
}

TYPED_TEST(LogContract, ThePartitionsOfATopicAreIndependent) {
  must(this->log().append({this->record({Topic::events, {0}}, "zero"),
                           this->record({Topic::events, {2}}, "two"),
                           this->record({Topic::events, {0}}, "zero again")}));
  EXPECT_EQ(this->values({Topic::events, {0}}), (std::vector<std::string>{"zero", "zero again"}));
  EXPECT_EQ(this->values({Topic::events, {1}}), std::vector<std::string>{});
  EXPECT_EQ(this->values({Topic::events, {2}}), std::vector<std::string>{"two"});
  EXPECT_EQ(must(this->log().range({Topic::events, {2}})).end, Offset{1});
}

TYPED_TEST(LogContract, EveryTopicHoldsItsOwnRecords) {
  for (const auto topic :
       {Topic::commands, Topic::events, Topic::results, Topic::customers, Topic::dead_letters}) {
    this->append({topic, {0}}, std::string(name_of(topic)));
  }
  for (const auto topic :
       {Topic::commands, Topic::events, Topic::results, Topic::customers, Topic::dead_letters}) {
    EXPECT_EQ(this->values({topic, {0}}), std::vector<std::string>{std::string(name_of(topic))});
  }
}

TYPED_TEST(LogContract, APartitionThatIsNotThereIsRefused) {
  const TopicPartition nowhere{Topic::events, {3}};
  std::vector<Record> records;
  EXPECT_EQ(this->log().read(nowhere, {0}, {}, records).error().kind, FailureKind::fatal);
  EXPECT_EQ(this->log().range(nowhere).error().kind, FailureKind::fatal);
  EXPECT_EQ(this->log().append({this->record(nowhere, "x")}).error().kind, FailureKind::fatal);
  EXPECT_EQ(this->log().partitions(), 3);
}

TYPED_TEST(LogContract, AnOffsetAfterTheEndIsRefusedForTheLogWasRestoredBehindIt) {
  const auto last = this->append(this->commands, "a");
  std::vector<Record> records;
  must(this->log().read(this->commands, last.next(), {}, records));
  EXPECT_TRUE(records.empty());
  const auto refused = this->log().read(this->commands, last.next().next(), {}, records);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::fatal);
}

// --- what is read
// ---------------------------------------------------------------------------------

TYPED_TEST(LogContract, KeyValueAndHeadersAreKeptByteForByte) {
  const std::string bytes("\0\xff\xc3\x28 \"\n", 7);
  const std::vector<Payload> payloads{
      {.key = "villa", .value = R"({"specversion":"1.0"})", .headers = {}},
      {.key = bytes, .value = bytes, .headers = {{"trace", bytes}}},
      {.key = std::nullopt, .value = "no key", .headers = {}},
      {.key = "", .value = "an empty key is not no key", .headers = {}},
      {.key = "empty value", .value = "", .headers = {}},
      {.key = "k", .value = "v", .headers = {{"b", "1"}, {"a", "2"}, {"b", ""}, {"", "x"}}},
      {.key = "k", .value = "v", .headers = {{"null", "", true}, {"empty", ""}}},
      {.key = "null", .value = "", .headers = {{"a", "b"}}, .null_value = true},
      {.key = "null alone", .value = "", .headers = {}, .null_value = true},
      {.key = "k", .value = "not a cloud event", .headers = {}, .cloud_event = false},
      {.key = "k",
       .value = "neither",
       .headers = {{"pesan-forwarded", "2-17"}},
       .cloud_event = false},
  };
  std::vector<OutgoingRecord> records;
  records.reserve(payloads.size());
  for (const auto& payload : payloads) records.push_back({this->commands, payload});
  must(this->log().append(records));

  const auto found = this->read(this->log(), this->commands);
  ASSERT_EQ(found.size(), payloads.size());
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    EXPECT_EQ(found[i].payload, payloads[i]) << "record " << i;
  }
}

TYPED_TEST(LogContract, NothingOfWhatWasReadBeforeIsLeftInTheRecords) {
  must(this->log().append(
      {{this->commands,
        {.key = "long key", .value = "long value", .headers = {{"a", "b"}}, .cloud_event = false}},
       {this->commands, {.key = {}, .value = "", .headers = {}}},
       {this->commands, {.key = {}, .value = "", .headers = {{"n", "", true}}, .null_value = true}},
       {this->commands, {.key = {}, .value = "", .headers = {}}}}));
  std::vector<Record> records;
  must(this->log().read(this->commands, {0}, {}, records));
  ASSERT_EQ(records.size(), 4U);
  const Offset last = records[3].offset;
  must(this->log().read(this->commands, records[2].offset, {.records = 1}, records));
  must(this->log().read(this->commands, last, {}, records));
  EXPECT_EQ(records.at(0).payload, (Payload{.key = {}, .value = "", .headers = {}}));
  must(this->log().read(this->commands, {0}, {}, records));
  must(this->log().read(this->commands, records[1].offset, {}, records));
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].payload, (Payload{.key = {}, .value = "", .headers = {}}));
}

TYPED_TEST(LogContract, ARecordOfMoreThan1MiBIsKeptWhole) {
  std::string large((std::size_t{3} << 20) / 2, 'x');
  for (std::size_t i = 0; i < large.size(); i += 1000) large[i] = static_cast<char>(i / 1000);
  this->append(this->commands, large);
  this->append(this->commands, "after it");
  const auto records = this->read(this->log(), this->commands);
  ASSERT_EQ(records.size(), 2U);
  EXPECT_TRUE(records[0].payload.value == large);
  EXPECT_EQ(records[1].payload.value, "after it");
}

TYPED_TEST(LogContract, AReadStopsAtTheLimitOfRecords) {
  for (const auto* value : {"a", "b", "c"}) this->append(this->commands, value);
  EXPECT_EQ(this->read(this->log(), this->commands, {.records = 2}).size(), 2U);
}

TYPED_TEST(LogContract, AReadStopsAfterTheRecordThatPassesTheLimitOfBytes) {
  for (int i = 0; i < 4; ++i) this->append(this->commands, std::string(1000, 'x'));
  EXPECT_EQ(this->read(this->log(), this->commands, {.bytes = 1}).size(), 1U);
  EXPECT_EQ(this->read(this->log(), this->commands, {.bytes = 1500}).size(), 2U);
}

// A clock that ran ahead must not be passed on to every record after it; the engine holds `now`.
TYPED_TEST(LogContract, TheTimestampIsTheTimeOfTheAppendAlsoAfterTheClockWasSetBack) {
  if constexpr (TypeParam::owns_clock) {
    this->harness.set_now({5000});
    this->append(this->commands, "a");
    this->harness.set_now({4000});
    this->append(this->commands, "the clock was set back");
    const auto records = this->read(this->log(), this->commands);
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(records[0].timestamp, Instant{5000});
    EXPECT_EQ(records[1].timestamp, Instant{4000});
  } else {
    this->append(this->commands, "a");
    this->append(this->commands, "b");
    const auto records = this->read(this->log(), this->commands);
    ASSERT_EQ(records.size(), 2U);
    EXPECT_LE(records[0].timestamp, records[1].timestamp);
  }
}

// --- several handles
// ------------------------------------------------------------------------------

TYPED_TEST(LogContract, EverythingIsThereAfterTheLogIsOpenedAgain) {
  this->append(this->commands, "command");
  must(this->engine()->commit(this->transaction({this->record(this->events, "event")}, {1})));
  this->harness.reopen();
  EXPECT_EQ(this->values(this->commands), std::vector<std::string>{"command"});
  EXPECT_EQ(this->values(this->events), std::vector<std::string>{"event"});
  EXPECT_EQ(must(this->engine()->committed(this->commands)), Offset{1});
  const auto next = must(this->log().range(this->commands)).end;
  EXPECT_EQ(this->append(this->commands, "on it goes"), next);
}

TYPED_TEST(LogContract, TwoReadersReadEachAtTheirOwnPace) {
  for (const auto* value : {"a", "b", "c"}) this->append(this->commands, value);
  std::vector<Record> slow;
  must(this->log().read(this->commands, {0}, {.records = 1}, slow));
  EXPECT_EQ(this->values(this->harness.other(), this->commands),
            (std::vector<std::string>{"a", "b", "c"}));
  must(this->log().read(this->commands, slow.back().offset.next(), {.records = 1}, slow));
  ASSERT_EQ(slow.size(), 1U);
  EXPECT_EQ(slow[0].payload.value, "b");
}

TYPED_TEST(LogContract, TwoProcessesAppendToOnePartitionWithoutSharingAnOffset) {
  std::vector<Offset> offsets;
  for (int i = 0; i < 5; ++i) {
    offsets.push_back(this->append(this->commands, "mine"));
    offsets.push_back(
        must(this->harness.other().append({this->record(this->commands, "theirs")})).front());
  }
  EXPECT_EQ(std::ranges::adjacent_find(offsets, std::ranges::greater_equal{}), offsets.end());
  EXPECT_EQ(this->values(this->commands).size(), 10U);
}

// --- changes -------------------------------------------------------------------------------------

TYPED_TEST(LogContract, WhatIsCommittedAfterACountOfChangesEndsTheWait) {
  // Who is not woken waits for so long that the time of the whole suite is over. Some rounds find
  // the waiting one waiting already, and some not yet.
  constexpr std::chrono::hours patient{1};
  const std::array places{this->commands, this->events};
  auto writer = this->engine();
  for (int round = 0; round < 10; ++round) {
    for (auto* appending : {&this->log(), &this->harness.other()}) {
      std::vector<Record> records;
      for (const auto place : places) {  // to its end
        must(this->log().read(place, must(this->log().range(place)).end, {}, records));
      }
      const auto since = this->log().changes(places);
      const auto from = must(this->log().range(this->commands)).end;
      std::optional<std::jthread> waiting;
      const auto wait = [&, since] {
        for (auto seen = since; records.empty();) {
          must(this->log().wait_for_change(places, seen, patient));
          seen = this->log().changes(places);
          must(this->log().read(this->commands, from, {}, records));
        }
      };
      if constexpr (TypeParam::waits) waiting.emplace(wait);
      must(appending->append({this->record(this->commands, "at last")}));
      waiting ? waiting->join() : wait();
      EXPECT_EQ(records.at(0).payload.value, "at last");
    }
    const auto end = must(this->log().range(this->events)).end;
    std::vector<Record> records;
    must(this->log().read(this->events, end, {}, records));
    auto seen = this->log().changes(places);
    must(writer->commit({.records = {this->record(this->events, "decided")},
                         .consumed = {},
                         .places = {this->commands}}));
    while (records.empty()) {
      must(this->log().wait_for_change(places, seen, patient));
      seen = this->log().changes(places);
      must(this->log().read(this->events, end, {}, records));
    }
    EXPECT_EQ(records.at(0).payload.value, "decided");
  }
}

TYPED_TEST(LogContract, AWaitForAChangeThatDoesNotComeIsOverInTime) {
  const std::array places{this->commands};
  std::vector<Record> records;
  must(this->log().read(this->commands, {0}, {}, records));
  const auto begin = std::chrono::steady_clock::now();
  // A partition's end may count as a change, once.
  auto seen = this->log().changes(places);
  while (must(this->log().wait_for_change(places, seen, std::chrono::milliseconds(30)))) {
    seen = this->log().changes(places);
    must(this->log().read(this->commands, {0}, {}, records));
  }
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(30));
  EXPECT_TRUE(records.empty());
}

}  // namespace pesan

#include "tests/contract/log_writer_contract.hpp"  // the other half
