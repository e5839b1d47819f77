// One run of `apply`: command lines go to the desk, results come out in the order of the lines,
// each once its command is decided and its rows are written. Who decides is the roles' business, in
// this process or another. One thread; the desk's answer it on theirs.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/runtime/desk.hpp"
#include "events/command_desk.hpp"
#include "events/command_reader.hpp"
#include "events/time.hpp"

namespace pesan::runtime {

struct ApplyTally {
  std::int64_t accepted = 0;
  std::int64_t rejected = 0;
  std::int64_t duplicates = 0;
  std::int64_t malformed = 0;
  std::map<std::string, std::int64_t> by_code;
  std::int64_t total() const { return accepted + rejected; }
  std::int64_t first_malformed = 0;  // line, from 1; 0: none is
  void count(const ResultBrief& brief, std::int64_t line);
};

class ApplySession {
 public:
  using Print = std::function<void(std::string_view result)>;

  ApplySession(std::unique_ptr<Desk> desk, Print print)
      : print_(std::move(print)), desk_(std::move(desk)) {}
  Desk& desk() { return *desk_; }

  /// The lines as commands, in their order.
  Fallible<void> send(std::vector<std::string> lines);
  /// Prints what is ready, waiting at most `wait` for the next line; the number of lines that are
  /// done with.
  std::size_t receive(std::chrono::milliseconds wait);
  /// Lines sent and neither printed nor given up.
  std::size_t outstanding() const { return sent_ - printed_; }
  /// Lines that came to nothing; results that were printed before their rows were written.
  std::size_t unanswered() const { return unanswered_; }
  std::size_t without_rows() const { return without_rows_; }
  /// Why the first of either; nothing where there are none.
  const std::optional<Failure>& failure() const { return failure_; }
  /// The log took no more, and why.
  const std::optional<Failure>& refusal() const { return refusal_; }
  /// Whose work the lines that are sent and not printed wait for: a sentence.
  std::string waits_for() const;

  /// Every booking that was created here is linked to its customer, and the customer's rows are
  /// written; waits at most `wait`. Once all lines are printed.
  Fallible<bool> customers_done(std::chrono::milliseconds wait);

  const ApplyTally& tally() const { return tally_; }
  /// Of the times that the commands brought; nothing without any.
  std::optional<Instant> oldest_time() const { return oldest_time_; }

 private:
  Ticket ticket_of(std::string line);
  void print(TicketOutcome outcome);
  Fallible<void> ask_for_links();

  Print print_;
  CommandReader reader_;
  std::size_t sent_ = 0;
  std::size_t printed_ = 0;  // those given up among them
  std::size_t unanswered_ = 0;
  std::size_t without_rows_ = 0;
  std::optional<Failure> failure_;
  std::optional<Failure> refusal_;
  ApplyTally tally_;
  std::optional<Instant> oldest_time_;
  std::map<Partition, Sequence> created_;  // by partition, the last booking
  bool links_asked_for_ = false;

  std::mutex mutex_;  // guards what follows
  std::condition_variable answered_;
  std::size_t first_ = 0;                              // line of the first of these
  std::deque<std::optional<TicketOutcome>> outcomes_;  // of the lines that are not printed
  std::size_t links_awaited_ = 0;
  std::optional<Failure> link_failure_;

  std::unique_ptr<Desk> desk_;  // goes first: it answers everything
};

}  // namespace pesan::runtime
