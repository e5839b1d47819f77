// What ends by itself (docs/holds.md#timers): which timer a booking has, and an index of all timers
// of a state in the order in which they are due. The index is a fold like the state: it is kept by
// evolve, taken back with it, and is never asked for what a booking cannot say itself. Pure; one
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include <absl/container/btree_set.h>

#include "engine/booking.hpp"
#include "engine/resource.hpp"
#include "events/time.hpp"
#include "events/vocabulary.hpp"

namespace pesan {

class State;

/// A booking has one at most: it is pending and on hold, or it is confirmed and waits for a guest.
struct BookingTimer {
  Timer timer = Timer::expiry;
  Instant due;
  bool operator==(const BookingTimer&) const = default;
};

std::optional<BookingTimer> timer_of(const Resource& resource, const Booking& booking);

class TimerIndex {
 public:
  explicit TimerIndex(const State& state) : timers_(Order{&state}) {}
  TimerIndex(const TimerIndex&) = delete;
  TimerIndex& operator=(const TimerIndex&) = delete;

  void add(std::uint32_t booking);
  /// Before the booking, or what its resource says of timers, changes.
  void erase(std::uint32_t booking);
  void clear() { timers_.clear(); }
  std::size_t size() const { return timers_.size(); }

 private:
  friend void for_each_due(const State& state, Instant now,
                           const std::function<bool(std::uint32_t, const BookingTimer&)>& visit);

  struct Entry {
    Instant due;
    std::uint32_t booking = 0;
  };
  /// By the instant, then by the bytes of the booking's id.
  struct Order {
    const State* state;
    bool operator()(const Entry& a, const Entry& b) const;
  };

  std::optional<Entry> entry_of(std::uint32_t booking) const;

  absl::btree_set<Entry, Order> timers_;
};

/// Calls `visit` with every booking whose timer is due at `now`, by its place in the state, in the
/// order of the instants and then of the bookings' ids; stops when it answers false.
void for_each_due(const State& state, Instant now,
                  const std::function<bool(std::uint32_t, const BookingTimer&)>& visit);

}  // namespace pesan
