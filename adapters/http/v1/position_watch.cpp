#include "adapters/http/v1/position_watch.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <fmt/format.h>

namespace pesan::http::v1 {
namespace {

constexpr std::chrono::milliseconds between_looks{10};

bool are_reached(const std::vector<Position>& wanted, const std::vector<Checkpoint>& positions) {
  return std::ranges::all_of(wanted, [&](const Position& one) {
    return std::ranges::any_of(positions, [&](const Checkpoint& checkpoint) {
      return checkpoint.topic == Topic::events && checkpoint.partition == one.partition &&
             checkpoint.sequence >= one.sequence;
    });
  });
}

/// A look that fails in whatever way ends no thread.
Fallible<std::vector<Checkpoint>> positions_of(RowReader& rows) {
  try {
    return rows.positions();
  } catch (const std::exception& failed) {
    return fail(FailureKind::fatal, fmt::format("cannot read positions: {}", failed.what()));
  }
}

}  // namespace

PositionWatch::PositionWatch(RowReader& rows)
    : rows_(rows),
      looks_([this](const std::stop_token& stop) { look(stop); }),
      expires_([this](const std::stop_token& stop) { expire(stop); }) {}

void PositionWatch::wait(std::vector<Position> wanted, Time deadline, Told told) {
  std::unique_lock lock(mutex_);
  if (ended_) {
    lock.unlock();
    return told(false);
  }
  waiters_.push_back({.wanted = std::move(wanted), .deadline = deadline, .told = std::move(told)});
  came_.notify_all();
}

template <class Chosen>
std::list<PositionWatch::Waiter> PositionWatch::take_out(Chosen chosen) {
  std::list<Waiter> taken;
  for (auto at = waiters_.begin(); at != waiters_.end();) {
    const auto one = at++;
    if (chosen(*one)) taken.splice(taken.end(), waiters_, one);
  }
  return taken;
}

void PositionWatch::look(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (came_.wait(lock, stop, [this] { return !waiters_.empty(); })) {
    if (stop.stop_requested()) return;
    lock.unlock();
    const auto positions = positions_of(rows_);
    lock.lock();
    auto done = take_out(
        [&](const Waiter& one) { return !positions || are_reached(one.wanted, *positions); });
    lock.unlock();
    for (const Waiter& one : done) {
      one.told(positions ? Fallible<bool>(true) : std::unexpected(positions.error()));
    }
    done.clear();
    lock.lock();
    came_.wait_for(lock, stop, between_looks, [] { return false; });
  }
}

PositionWatch::Time PositionWatch::next_deadline() const {
  const auto first = std::ranges::min_element(waiters_, {}, &Waiter::deadline);
  return first == waiters_.end() ? Time::max() : first->deadline;
}

void PositionWatch::expire(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (came_.wait(lock, stop, [this] { return !waiters_.empty(); })) {
    const Time next = next_deadline();
    came_.wait_until(lock, stop, next, [&] { return next_deadline() != next; });
    if (stop.stop_requested()) return;
    const Time now = std::chrono::steady_clock::now();
    auto over = take_out([&](const Waiter& one) { return one.deadline <= now; });
    lock.unlock();
    for (const Waiter& one : over) one.told(false);
    over.clear();
    lock.lock();
  }
}

void PositionWatch::end() {
  {
    const std::scoped_lock lock(mutex_);
    ended_ = true;
  }
  looks_ = {};
  expires_ = {};
  for (const Waiter& one : std::exchange(waiters_, {})) one.told(false);
}

}  // namespace pesan::http::v1
