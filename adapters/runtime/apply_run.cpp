#include "adapters/runtime/apply_run.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <utility>

#include <fmt/format.h>

#include "adapters/runtime/partition_role.hpp"
#include "adapters/runtime/signals.hpp"
#include "adapters/runtime/waiting.hpp"

namespace pesan::runtime {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_outstanding = 20'000;  // lines in flight
constexpr std::size_t most_outstanding_bytes = std::size_t{64} << 20;

/// Lines in flight, which end in the order in which they began, and their bytes.
class InFlight {
 public:
  void add(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) {
      sizes_.push_back(line.size());
      bytes_ += line.size();
    }
  }
  void drop(std::size_t lines) {
    for (; lines > 0; --lines) {
      bytes_ -= sizes_.front();
      sizes_.pop_front();
    }
  }
  bool full() const {
    return sizes_.size() >= most_outstanding || bytes_ >= most_outstanding_bytes;
  }

 private:
  std::deque<std::size_t> sizes_;
  std::size_t bytes_ = 0;
};

/// Tells the desk where it would wait in vain.
void tell_what_stopped(const Roles& roles, Log& log, Desk& desk) {
  const auto why = roles.failure();
  if (!why) return;
  for (std::int32_t p = 0; p < log.partitions(); ++p) {
    if (roles.stopped(RoleKind::engine, {Topic::commands, {p}})) {
      desk.give_up(Milestone::decided, {p}, *why);
    }
    if (roles.stopped(RoleKind::projector, {Topic::events, {p}})) {
      desk.give_up(Milestone::rows, {p}, *why);
    }
  }
  if (roles.stopped(RoleKind::registry, customers_topic) ||
      roles.stopped(RoleKind::projector, customers_topic)) {
    desk.give_up(Milestone::links, {}, *why);
  }
}

/// Everything that was asked for is there, or this says what is not, and why.
Fallible<void> judge(const ApplySession& session) {
  if (session.unanswered() == 0 && session.without_rows() == 0) return {};
  return fail(FailureKind::fatal,
              fmt::format("{} commands have no result yet, and {} results no rows: {}",
                          session.unanswered(), session.without_rows(), session.failure()->what));
}

Fallible<void> link_customers(ApplySession& session, Log& log, const Roles& roles) {
  Waiting waiting;
  while (interruption() == 0) {
    tell_what_stopped(roles, log, session.desk());
    const auto linked = session.customers_done(20ms);
    if (!linked) return std::unexpected(linked.error());
    if (*linked) return {};
    waiting.look([] {
      return "customers wait to be linked: `pesan registry` and `pesan projector` (or `serve`) "
             "must run on this log and these read models";
    });
  }
  return {};
}

}  // namespace

Fallible<void> run_lines(ApplyEnds& ends, Log& log, ApplySession& session, const Roles& roles) {
  InFlight in_flight;
  Fallible<void> log_takes_more;
  Waiting waiting;
  const auto sending = [&] { return !ends.at_end() && log_takes_more && !roles.over(); };
  while (interruption() == 0 && (sending() || session.outstanding() > 0)) {
    tell_what_stopped(roles, log, session.desk());
    std::size_t sent = 0;
    if (sending() && !in_flight.full()) {
      auto batch = ends.next(session.outstanding() == 0 ? 50ms : 0ms);
      if (!batch) return std::unexpected(batch.error());
      sent = batch->size();
      if (sent > 0) {
        in_flight.add(*batch);
        log_takes_more = session.send(*std::move(batch));
      }
    }
    const bool rests = sent == 0 && session.outstanding() > 0;
    const auto printed = session.receive(rests ? 20ms : 0ms);
    in_flight.drop(printed);
    if (log_takes_more && session.refusal()) log_takes_more = std::unexpected(*session.refusal());
    if (printed > 0 || sent > 0 || session.outstanding() == 0) waiting.went_on();
    waiting.look([&] { return session.waits_for(); });
    // With nothing under way the next line may be long in coming: a client that waits gets the
    // answer now.
    if (printed == 0 || ends.full() || session.outstanding() == 0) {
      if (auto flushed = ends.flush(); !flushed) return flushed;
    }
    ends.went_on(session.tally().total());
  }
  if (auto flushed = ends.flush(); !flushed) return flushed;
  if (interruption() != 0) return {};
  if (!log_takes_more) return log_takes_more;
  if (!ends.at_end()) return std::unexpected(*roles.failure());
  if (auto whole = judge(session); !whole) return whole;
  return link_customers(session, log, roles);
}

}  // namespace pesan::runtime
