// The threads of the gateway that wait for the store and the log: they take turns between clients,
// and all who wait for a position share one look.
#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/http/v1/position_watch.hpp"
#include "adapters/http/v1/turns.hpp"
#include "tests/support/must.hpp"

namespace pesan::http::v1 {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

const auto late = Clock::time_point::max();

TEST(GatewayTurns, AGreedyClientLeavesAThreadToTheOthers) {
  Turns turns({.threads = 2, .of_a_client = 1});
  std::promise<void> held;
  const std::shared_future<void> goes = held.get_future().share();
  for (int i = 0; i < 5; ++i) turns.add("greedy", late, [goes](bool) { goes.wait(); });
  std::promise<bool> other;
  turns.add("other", late, [&](bool in_time) { other.set_value(in_time); });
  EXPECT_TRUE(other.get_future().get()) << "while the greedy one's first is still at work";
  held.set_value();
}

TEST(GatewayTurns, EachClientsNextTurnComesAfterThoseOfTheOthers) {
  Turns turns({.threads = 1, .of_a_client = 1});
  std::promise<void> held;
  std::promise<void> begun;
  turns.add("first", late, [&](bool) {
    begun.set_value();
    held.get_future().wait();
  });
  begun.get_future().wait();
  std::vector<std::string> order;
  std::promise<void> done;
  for (const auto* client : {"a", "a", "a", "b"}) {
    turns.add(client, late, [&, client](bool) {
      order.emplace_back(client);
      if (order.size() == 4) done.set_value();
    });
  }
  held.set_value();
  done.get_future().wait();
  EXPECT_THAT(order, ::testing::ElementsAre("a", "b", "a", "a"));
}

TEST(GatewayTurns, WhoseTurnComesTooLateIsToldSo) {
  Turns turns({.threads = 1, .of_a_client = 1});
  std::promise<bool> told;
  turns.add("web", Clock::time_point::min(), [&](bool in_time) { told.set_value(in_time); });
  EXPECT_FALSE(told.get_future().get());
}

TEST(GatewayTurns, TheEndTellsAllWhoseTurnNeverCame) {
  Turns turns({.threads = 1, .of_a_client = 1});
  std::promise<void> begun;
  std::promise<void> held;
  turns.add("web", late, [&](bool) {
    begun.set_value();
    held.get_future().wait();
  });
  begun.get_future().wait();
  int asked = 0;
  std::atomic<int> told = 0;
  std::atomic<bool> over = false;
  std::jthread end([&] { turns.end(); });  // waits for the one that is at work
  while (!over) {
    ++asked;
    turns.add("web", late, [&](bool in_time) {
      ++told;
      if (!in_time) over = true;
    });
    std::this_thread::yield();
  }
  held.set_value();
  end.join();
  EXPECT_EQ(told, asked);
}

// --- positions -----------------------------------------------------------------------------------

/// Rows of which nothing is known but how far they are.
class Positions final : public RowReader {
 public:
  Fallible<std::optional<OwnedRow>> find(Table, const RowKey&) override { return std::nullopt; }
  Fallible<Page> page(const PageQuestion&) override { return Page{}; }
  Fallible<std::vector<Checkpoint>> positions() override {
    ++looks;
    if (silent.valid()) silent.wait();
    if (away) return fail(FailureKind::transient, "the store is away");
    return std::vector<Checkpoint>{
        {.topic = Topic::events, .partition = {0}, .sequence = Sequence{sequence.load()}}};
  }

  std::atomic<int> looks = 0;
  std::atomic<std::int64_t> sequence = 0;
  std::atomic<bool> away = false;
  std::shared_future<void> silent;
};

const std::vector<Position> seventh{{.partition = {0}, .sequence = {7}}};

TEST(GatewayPositions, ThoseWhoWaitAreToldWhenTheRowsAreThere) {
  Positions rows;
  PositionWatch watch(rows);
  std::promise<bool> told;
  watch.wait(seventh, late, [&](const Fallible<bool>& there) { told.set_value(must(there)); });
  rows.sequence = 7;
  EXPECT_TRUE(told.get_future().get());
}

TEST(GatewayPositions, HoweverManyWaitTheyShareOneLook) {
  Positions rows;
  std::promise<void> speaks;
  rows.silent = speaks.get_future().share();
  rows.sequence = 7;
  PositionWatch watch(rows);
  constexpr int many = 500;
  std::atomic<int> there = 0;
  std::promise<void> all;
  for (int i = 0; i < many; ++i) {
    watch.wait(seventh, late, [&](const Fallible<bool>&) {
      if (++there == many) all.set_value();
    });
  }
  speaks.set_value();
  all.get_future().wait();
  EXPECT_LE(rows.looks, 2) << "one, and another where it began before the last of them came";
}

TEST(GatewayPositions, AStoreThatSaysNothingHoldsUpNoDeadline) {
  Positions rows;
  std::promise<void> speaks;
  rows.silent = speaks.get_future().share();
  PositionWatch watch(rows);
  std::promise<bool> told;
  watch.wait(seventh, Clock::now() + 1ms,
             [&](const Fallible<bool>& there) { told.set_value(must(there)); });
  EXPECT_FALSE(told.get_future().get());
  speaks.set_value();
}

TEST(GatewayPositions, AStoreThatIsAwayIsSaidAtOnce) {
  Positions rows;
  rows.away = true;
  PositionWatch watch(rows);
  std::promise<std::string> told;
  watch.wait(seventh, late,
             [&](const Fallible<bool>& there) { told.set_value(there.error().what); });
  EXPECT_EQ(told.get_future().get(), "the store is away");
}

TEST(GatewayPositions, WithNobodyThereNothingIsLookedAt) {
  Positions rows;
  {
    const PositionWatch watch(rows);
  }
  EXPECT_EQ(rows.looks, 0);
}

}  // namespace
}  // namespace pesan::http::v1
