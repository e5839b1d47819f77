// The desk on its threads, beside the real roles on files: many callers, and what ends it.
#include "adapters/runtime/desk_threads.hpp"

#include <atomic>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/runtime/installation.hpp"
#include "adapters/runtime/roles.hpp"
#include "tests/integration/desk_fixture.hpp"
#include "tests/support/temp_folder.hpp"

namespace pesan::runtime {
namespace {

TicketOutcome ask(Desk& desk, const std::string& resource, std::string line, Milestone until) {
  std::promise<TicketOutcome> answer;
  Ticket ticket{.record = record_of(resource, std::move(line)),
                .until = until,
                .answer = [&](TicketOutcome&& outcome) { answer.set_value(std::move(outcome)); }};
  must(desk.submit(std::span(&ticket, 1)));
  return answer.get_future().get();
}

class DeskThreadsTest : public ::testing::Test {
 protected:
  TempFolder folder;
  Installation installation = must(Installation::at(
      {.log = "sqlite:" + (folder / "log.db"), .store = "sqlite:" + (folder / "read.db")}));
  OpenedLog log = must(installation.open_or_create_log({.partitions = 2}));
  std::unique_ptr<Desk> desk =
      must(Desk::open(*log, must(installation.open_store()), {.log_id = log.info().log_id}));
};

TEST_F(DeskThreadsTest, ManyCallersAreEachAnsweredWithTheirOwnRowsWritten) {
  Roles roles(*log, [this] { return installation.open_store(); }, {});
  roles.start();
  for (const std::string round : {"first", "second"}) {
    const DeskThreads threads(*desk);
    std::atomic<int> right = 0;
    {
      std::vector<std::jthread> callers;
      for (int caller = 0; caller < 8; ++caller) {
        callers.emplace_back([&, caller] {
          const auto store = must(installation.open_store());
          for (int i = 0; i < 10; ++i) {
            const auto name = fmt::format("{}-{}-{}", round, caller, i);
            const auto until = static_cast<Milestone>(i % 4);  // in any order
            const auto outcome = ask(*desk, name, room_line(name, name), until);
            if (outcome.reached != until || outcome.failure) continue;
            const auto rows = must(store->checkpoint({Topic::events, outcome.partition}));
            right += until < Milestone::rows || (rows && rows->sequence >= outcome.brief.sequence &&
                                                 outcome.brief.version == Version{1});
          }
        });
      }
    }
    EXPECT_EQ(right, 80);
    const auto name = round + "-booked";
    EXPECT_EQ(ask(*desk, name, room_line(name, "1"), Milestone::links).reached, Milestone::links);
    EXPECT_EQ(ask(*desk, name, booking_line(name, "2"), Milestone::links).reached,
              Milestone::links);
  }
}

TEST_F(DeskThreadsTest, TheirEndAndTheDesksAnswerWhoStillWaits) {
  std::promise<TicketOutcome> answer;
  {
    const DeskThreads threads(*desk);
    ask(*desk, "villa", room_line("villa", "1"), Milestone::appended);
    Ticket ticket{.record = record_of("villa", room_line("villa", "2")),
                  .until = Milestone::rows,
                  .answer = [&](TicketOutcome&& o) { answer.set_value(std::move(o)); }};
    must(desk->submit(std::span(&ticket, 1)));
  }
  desk.reset();
  EXPECT_EQ(answer.get_future().get().failure->kind, FailureKind::transient);
}

TEST_F(DeskTest, AThreadThatBreaksOffAnswersAllAndEndsTheDesk) {
  const DeskThreads threads(*desk);
  log.next = [](const ScriptedLog::Records&) -> ScriptedLog::Offsets {
    throw std::runtime_error("no memory");
  };
  const auto outcome = ask(*desk, villa, room_line(villa, "1"), Milestone::appended);
  EXPECT_EQ(outcome.failure->kind, FailureKind::unknown);
  EXPECT_THAT(outcome.failure->what, testing::HasSubstr("no memory"));
  Ticket later = ticket(room_line(villa, "2"), Milestone::appended);
  EXPECT_FALSE(desk->submit(std::span(&later, 1)));
}

}  // namespace
}  // namespace pesan::runtime
