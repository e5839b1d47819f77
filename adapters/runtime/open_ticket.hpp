// A ticket of the desk on its way, and how many there are: whoever has one finishes it, once. The
// count is for any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

#include "events/command_desk.hpp"

namespace pesan::runtime {

using DeskTime = std::chrono::steady_clock::time_point;

/// An answer that is owed. It is given once: by whoever finishes the ticket, or at the latest when
/// nobody has it any more, as where memory ran out.
class Promise {
 public:
  Promise(Answer answer = nullptr) : answer_(std::move(answer)) {}  // NOLINT: it is one
  Promise(Promise&& other) noexcept : answer_(std::exchange(other.answer_, nullptr)) {}
  Promise& operator=(Promise&& other) noexcept {
    std::swap(answer_, other.answer_);
    return *this;
  }
  ~Promise() {
    if (!answer_) return;
    keep({.failure = Failure{FailureKind::unknown, "this process lost track of the command"}});
  }

  explicit operator bool() const { return static_cast<bool>(answer_); }
  void keep(TicketOutcome&& outcome) { std::exchange(answer_, nullptr)(std::move(outcome)); }

 private:
  Answer answer_;
};

struct OpenTicket {
  Milestone until = Milestone::rows;
  DeskTime deadline = DeskTime::max();
  Promise answer;
  std::size_t bytes = 0;
  TicketOutcome outcome{};
  /// Nobody followed the results there before it was appended: they begin here.
  std::optional<Offset> results_from{};
};

class UnderWay {
 public:
  void take(std::size_t tickets, std::size_t bytes) {
    tickets_ += tickets;
    bytes_ += bytes;
  }
  std::size_t tickets() const { return tickets_; }
  std::size_t bytes() const { return bytes_; }
  bool any() const { return tickets_ > 0; }

  /// Answers it. Its place is free before: the answer may submit again. No lock may be held.
  void finish(OpenTicket&& ticket) {
    tickets_ -= 1;
    bytes_ -= ticket.bytes;
    ticket.answer.keep(std::move(ticket.outcome));
  }
  void finish(OpenTicket&& ticket, Failure failure) {
    ticket.outcome.failure = std::move(failure);
    finish(std::move(ticket));
  }

 private:
  std::atomic<std::size_t> tickets_ = 0;
  std::atomic<std::size_t> bytes_ = 0;
};

}  // namespace pesan::runtime
