// What the tests of the desk share: a log in memory whose appends and reads go as the test says,
// the roles as far as it lets them, and a desk that is stepped. One thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/runtime/desk.hpp"
#include "engine/forwarded_log.hpp"
#include "tests/support/command_lines.hpp"
#include "tests/support/lent_read_model.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/memory_read_model.hpp"
#include "tests/support/must.hpp"
#include "tests/support/opened.hpp"
#include "tests/support/stepped_roles.hpp"

namespace pesan::runtime {

/// Appends go as they are told to; reading fails while it is to.
class ScriptedLog final : public ForwardedLog {
 public:
  using Offsets = Fallible<std::vector<Offset>>;
  using Records = std::vector<OutgoingRecord>;

  using ForwardedLog::ForwardedLog;
  Fallible<void> read(TopicPartition source, Offset from, const ReadLimit& limit,
                      std::vector<Record>& into) override {
    if (read_failure) return std::unexpected(*read_failure);
    return log().read(source, from, limit, into);
  }
  Offsets append(const Records& records) override {
    appends.push_back(records.size());
    if (!next) return log().append(records);
    const auto script = std::exchange(next, {});
    return script(records);
  }

  /// The next append, and no later one.
  std::function<Offsets(const Records&)> next;
  std::optional<Failure> read_failure;
  std::vector<std::size_t> appends;  // records of each
};

class DeskTest : public ::testing::Test {
 protected:
  using Outcomes = std::vector<TicketOutcome>;

  explicit DeskTest(Desk::Options options = {}) {
    for (std::int32_t p = 0; p < 2; ++p) {
      must(memory.append(
          {{.to = {Topic::events, {p}},
            .payload = {.key = {}, .value = opened("log", 2, Clock::append, p), .headers = {}}}}));
    }
    options.log_id = "log";
    options.now = [this] { return now; };
    desk = must(Desk::open(log, std::make_unique<LentReadModel>(rows, &store_failure), options));
  }

  Ticket ticket(std::string line, Milestone until,
                std::chrono::milliseconds patience = without_end) {
    return {.record = record_of(villa, std::move(line)),
            .until = until,
            .patience = patience,
            .answer = [this](TicketOutcome&& outcome) { answers.push_back(std::move(outcome)); }};
  }
  void submit(Ticket ticket) { must(desk->submit(std::span(&ticket, 1))); }
  void submit(std::string line, Milestone until = Milestone::decided) {
    submit(ticket(std::move(line), until));
  }
  void step() {
    desk->send();
    desk->follow();
  }
  /// An append that fails in this way after having written the first of its records.
  void lose_append_after(std::size_t written, FailureKind kind = FailureKind::unknown) {
    log.next = [this, written, kind](const ScriptedLog::Records& records) -> ScriptedLog::Offsets {
      const auto end = records.begin() + static_cast<std::ptrdiff_t>(written);
      must(memory.append({records.begin(), end}));
      return fail(kind, "the connection broke");
    };
  }
  std::size_t commands() const { return memory.records({Topic::commands, {0}}).size(); }

  MemoryLog memory{{.partitions = 2, .clock = [] { return Instant{0}; }}};
  ScriptedLog log{memory};
  MemoryReadModel rows;
  std::optional<Failure> store_failure;
  SteppedRoles roles{memory, rows};
  DeskTime now{std::chrono::hours{1}};
  const std::string villa = resource_in({0}, 2);
  const std::string barn = resource_in({1}, 2);
  Outcomes answers;
  std::unique_ptr<Desk> desk;  // goes first: it answers
};

}  // namespace pesan::runtime
