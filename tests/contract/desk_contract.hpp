// What the desk promises, over whatever log and store. A test that includes this names the
// installations to try, as `using DeskHarnesses = testing::Types<...>` in namespace pesan, before
// the include. A harness has
//   Log& log();                              with two partitions, and LogOpened in both
//   std::unique_ptr<ReadModel> open_store(); of the same rows each time
//   static constexpr std::chrono::milliseconds wait;  a written record takes so long to be seen
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/runtime/desk.hpp"
#include "tests/support/command_lines.hpp"
#include "tests/support/must.hpp"
#include "tests/support/read_or_wait.hpp"
#include "tests/support/stepped_roles.hpp"

namespace pesan {

template <class Harness>
class DeskContract : public ::testing::Test {
 protected:
  using Outcomes = std::vector<TicketOutcome>;

  Log& log() { return harness.log(); }
  std::unique_ptr<runtime::Desk> open_desk() {
    return must(runtime::Desk::open(log(), harness.open_store(),
                                    {.log_id = "log", .now = [this] { return now; }}));
  }
  static Ticket ticket(const std::string& resource, std::string line, Milestone until,
                       Outcomes& into) {
    return {.record = record_of(resource, std::move(line)),
            .until = until,
            .answer = [&into](TicketOutcome&& outcome) { into.push_back(std::move(outcome)); }};
  }
  void submit(Ticket ticket) { must(desk->submit(std::span(&ticket, 1))); }
  void submit(const std::string& line, Milestone until, Outcomes& into) {
    submit(ticket(villa, line, until, into));
  }
  /// Everybody works until it is so. The bound is for what never comes.
  template <class So>
  void work_until(const So& so) {
    const auto bound = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    while (!so() && std::chrono::steady_clock::now() < bound) {
      const auto since = log().changes(everything);
      step_desk();
      roles.work();
      must(log().wait_for_change(everything, since, Harness::wait));
    }
    ASSERT_TRUE(so());
  }
  void step_desk() {
    desk->send();
    desk->follow();
  }
  void work_until_answered(const Outcomes& answers, std::size_t count) {
    work_until([&] { return answers.size() >= count; });
    EXPECT_EQ(answers.size(), count);
  }
  Sequence folded(Partition partition) {
    const auto checkpoint = must(store->checkpoint({Topic::events, partition}));
    return checkpoint ? checkpoint->sequence : Sequence{-1};
  }
  static std::string id_in(const TicketOutcome& outcome) {
    ResultDecoder decoder;
    return std::string(decoder.decode(outcome.result).value().id.value_or("(none)"));
  }

  Harness harness;
  runtime::DeskTime now{std::chrono::hours{1}};
  std::unique_ptr<ReadModel> store = harness.open_store();
  SteppedRoles roles{harness.log(), *store};
  std::unique_ptr<runtime::Desk> desk = open_desk();
  const std::vector<TopicPartition> everything{{Topic::commands, {0}}, {Topic::commands, {1}},
                                               {Topic::events, {0}},   {Topic::events, {1}},
                                               {Topic::results, {0}},  {Topic::results, {1}}};
  const std::string villa = resource_in({0}, 2);
  const std::string barn = resource_in({1}, 2);
  Outcomes outcomes;
};

TYPED_TEST_SUITE(DeskContract, DeskHarnesses);

TYPED_TEST(DeskContract, AnAppendedCommandIsSaidThoughNobodyDecides) {
  this->submit(room_line(this->villa, "1"), Milestone::appended, this->outcomes);
  this->desk->send();
  ASSERT_EQ(this->outcomes.size(), 1U);
  const TicketOutcome& outcome = this->outcomes.front();
  EXPECT_EQ(outcome.reached, Milestone::appended);
  EXPECT_FALSE(outcome.failure);
  EXPECT_EQ(outcome.partition, Partition{0});
  std::vector<Record> records;
  must(read_or_wait(this->log(), {Topic::commands, {0}}, outcome.offset, {},
                    this->harness.wait * 100, records));
  ASSERT_FALSE(records.empty());
  EXPECT_EQ(records.front().payload.value, room_line(this->villa, "1"));
}

TYPED_TEST(DeskContract, ADecidedCommandBringsItsResult) {
  this->submit(room_line(this->villa, "1"), Milestone::decided, this->outcomes);
  this->submit(room_line(this->villa, "2"), Milestone::decided, this->outcomes);
  this->work_until_answered(this->outcomes, 2);
  EXPECT_EQ(this->outcomes[0].reached, Milestone::decided);
  EXPECT_EQ(this->outcomes[0].brief.kind, Result::Kind::accepted);
  EXPECT_EQ(this->outcomes[0].brief.version, Version{1});
  EXPECT_EQ(this->id_in(this->outcomes[0]), "1");
  EXPECT_EQ(this->outcomes[1].brief.code, Code::resource_exists);
  EXPECT_EQ(this->id_in(this->outcomes[1]), "2");
}

TYPED_TEST(DeskContract, RowsAreThereWhenTheyWereWaitedFor) {
  Sequence seen{-1};
  Sequence told{-1};
  Ticket ticket =
      this->ticket(this->villa, room_line(this->villa, "1"), Milestone::rows, this->outcomes);
  ticket.answer = [&](TicketOutcome&& outcome) {
    seen = this->folded({0});
    told = outcome.brief.sequence;
    this->outcomes.push_back(std::move(outcome));
  };
  this->submit(std::move(ticket));
  this->work_until_answered(this->outcomes, 1);
  EXPECT_EQ(this->outcomes.front().reached, Milestone::rows);
  EXPECT_EQ(told, Sequence{1});
  EXPECT_GE(seen, told);
}

TYPED_TEST(DeskContract, RowsOfCustomersAreThereWhenLinksWereWaitedFor) {
  this->submit(room_line(this->villa, "1"), Milestone::links, this->outcomes);
  Offset customers;
  Ticket booking =
      this->ticket(this->villa, booking_line(this->villa, "2"), Milestone::links, this->outcomes);
  booking.answer = [&](TicketOutcome&& outcome) {
    const auto checkpoint = must(this->store->checkpoint({Topic::customers, {0}}));
    if (checkpoint) customers = checkpoint->next_offset;
    this->outcomes.push_back(std::move(outcome));
  };
  this->submit(std::move(booking));
  this->work_until_answered(this->outcomes, 2);
  EXPECT_EQ(this->outcomes[0].reached, Milestone::links) << "nobody is linked to a room";
  EXPECT_EQ(this->outcomes[1].reached, Milestone::links);
  EXPECT_GT(customers, Offset{0});
}

TYPED_TEST(DeskContract, ABookingAskedForAgainWasLinkedBefore) {
  this->submit(room_line(this->villa, "1"), Milestone::links, this->outcomes);
  this->submit(booking_line(this->villa, "2"), Milestone::links, this->outcomes);
  this->work_until_answered(this->outcomes, 2);
  this->desk = this->open_desk();
  typename TestFixture::Outcomes again;
  this->submit(booking_line(this->villa, "2"), Milestone::links, again);
  this->work_until_answered(again, 1);
  EXPECT_EQ(again.front().reached, Milestone::links);
  EXPECT_TRUE(again.front().brief.duplicate);
}

TYPED_TEST(DeskContract, AnEventOfOthersCanBeWaitedForToo) {
  must(this->log().append(
      {{.to = {Topic::commands, {0}},
        .payload = record_of(this->villa, room_line(this->villa, "another client's"))}}));
  must(this->desk->follow_event(
      {.partition = {0}, .sequence = {1}}, Milestone::rows, without_end,
      [&](TicketOutcome&& outcome) { this->outcomes.push_back(std::move(outcome)); }));
  this->work_until_answered(this->outcomes, 1);
  EXPECT_EQ(this->outcomes.front().reached, Milestone::rows);
  EXPECT_GE(this->folded({0}), Sequence{1});
}

TYPED_TEST(DeskContract, TheSameCommandTwiceInFlightIsDecidedOnce) {
  this->submit(room_line(this->villa, "1"), Milestone::decided, this->outcomes);
  this->submit(booking_line(this->villa, "2"), Milestone::decided, this->outcomes);
  this->submit(booking_line(this->villa, "2"), Milestone::decided, this->outcomes);
  this->work_until_answered(this->outcomes, 3);
  EXPECT_FALSE(this->outcomes[1].brief.duplicate);
  EXPECT_TRUE(this->outcomes[2].brief.duplicate);
  EXPECT_EQ(this->outcomes[1].brief.sequence, this->outcomes[2].brief.sequence);
}

TYPED_TEST(DeskContract, EachOfManyCallersGetsItsOwnAnswer) {
  constexpr std::size_t each = 40;
  std::vector<typename TestFixture::Outcomes> answers(4);
  {
    std::vector<std::jthread> callers;
    for (std::size_t caller = 0; caller < answers.size(); ++caller) {
      callers.emplace_back([&, caller] {
        for (std::size_t i = 0; i < each; ++i) {
          this->submit(this->ticket(
              i % 2 == 0 ? this->villa : this->barn,
              room_line(i % 2 == 0 ? this->villa : this->barn, fmt::format("{}-{}", caller, i)),
              Milestone::rows, answers[caller]));
        }
      });
    }
  }
  const auto all = [&] {
    return std::ranges::all_of(answers, [](const auto& a) { return a.size() == each; });
  };
  this->work_until(all);
  for (std::size_t caller = 0; caller < answers.size(); ++caller) {
    std::vector<std::string> ids;
    std::vector<std::string> expected;
    for (const TicketOutcome& outcome : answers[caller]) ids.push_back(this->id_in(outcome));
    for (std::size_t i = 0; i < each; ++i) expected.push_back(fmt::format("{}-{}", caller, i));
    EXPECT_THAT(ids, testing::UnorderedElementsAreArray(expected));
  }
}

TYPED_TEST(DeskContract, ResultsOfOtherClientsAreNobodysHere) {
  must(this->log().append({{.to = {Topic::commands, {0}},
                            .payload = record_of(this->villa, room_line(this->villa, "before"))}}));
  this->submit(room_line(this->villa, "mine"), Milestone::decided, this->outcomes);
  this->desk->send();
  must(this->log().append({{.to = {Topic::commands, {0}},
                            .payload = record_of(this->villa, room_line(this->villa, "after"))}}));
  this->submit(room_line(this->villa, "mine too"), Milestone::decided, this->outcomes);
  this->work_until_answered(this->outcomes, 2);
  EXPECT_EQ(this->id_in(this->outcomes[0]), "mine");
  EXPECT_EQ(this->id_in(this->outcomes[1]), "mine too");
}

TYPED_TEST(DeskContract, WhatIsNoCommandIsAnsweredMalformed) {
  Ticket ticket = this->ticket("", "no JSON at all", Milestone::rows, this->outcomes);
  ticket.record.key.reset();
  this->submit(std::move(ticket));
  this->work_until_answered(this->outcomes, 1);
  EXPECT_EQ(this->outcomes.front().brief.code, Code::malformed);
}

TYPED_TEST(DeskContract, WhoIsNotDecidedInTimeGetsThePlaceOfTheCommandAndNoSecondAnswer) {
  Ticket ticket =
      this->ticket(this->villa, room_line(this->villa, "1"), Milestone::rows, this->outcomes);
  ticket.patience = std::chrono::seconds{10};
  this->submit(std::move(ticket));
  this->step_desk();
  this->now += std::chrono::seconds{9};
  this->step_desk();
  EXPECT_TRUE(this->outcomes.empty());
  this->now += std::chrono::seconds{1};
  this->step_desk();
  ASSERT_EQ(this->outcomes.size(), 1U);
  const TicketOutcome& late = this->outcomes.front();
  EXPECT_EQ(late.reached, Milestone::appended);
  EXPECT_EQ(late.failure->kind, FailureKind::transient);
  EXPECT_THAT(late.failure->what, testing::HasSubstr("`pesan engine` (or `serve`) must run"));
  typename TestFixture::Outcomes next;
  this->submit(room_line(this->villa, "2"), Milestone::rows, next);
  this->work_until_answered(next, 1);
  EXPECT_EQ(this->id_in(next.front()), "2");
  EXPECT_EQ(this->outcomes.size(), 1U);
  EXPECT_GT(next.front().offset, late.offset);
}

TYPED_TEST(DeskContract, APartitionThatNobodyDecidesDelaysNoOther) {
  typename TestFixture::Outcomes waiting;
  this->submit(this->ticket(this->villa, room_line(this->villa, "1"), Milestone::rows, waiting));
  this->submit(
      this->ticket(this->barn, room_line(this->barn, "2"), Milestone::rows, this->outcomes));
  const auto bound = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  while (this->outcomes.empty() && std::chrono::steady_clock::now() < bound) {
    this->step_desk();
    this->roles.decide({1});
    this->roles.project({Topic::events, {1}});
  }
  EXPECT_EQ(this->outcomes.size(), 1U);
  EXPECT_TRUE(waiting.empty());
  EXPECT_EQ(this->desk->standing().undecided, (std::vector<std::size_t>{1, 0}));
  this->desk->give_up(Milestone::decided, {0}, {FailureKind::fatal, "the engine stopped"});
  this->step_desk();
  ASSERT_EQ(waiting.size(), 1U);
  EXPECT_EQ(waiting.front().reached, Milestone::appended);
  EXPECT_EQ(waiting.front().failure->what, "the engine stopped");
}

}  // namespace pesan
