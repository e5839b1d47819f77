// The state of one partition: its resources and bookings, as the fold of their events. `evolve`
// changes it in place and keeps what is needed to undo, so that a batch of decisions can be rolled
// back when the log refuses its transaction. One thread; pure but for its own memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include "engine/booking.hpp"
#include "engine/resource.hpp"
#include "engine/timers.hpp"
#include "events/events.hpp"

namespace pesan {

/// Texts that live as long as the state; never moved.
class TextArena {
 public:
  std::string_view add(std::string_view text);

 private:
  static constexpr std::size_t chunk_size = std::size_t{64} << 10;
  std::vector<std::unique_ptr<char[]>> chunks_;
  std::size_t used_ = chunk_size;
};

class State {
 public:
  State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  const Resource* find(ResourceId id) const;
  const Resource& resource_of(const Booking& booking) const { return resources_[booking.resource]; }
  /// Deleted ones too: their ids stay taken.
  const Booking* find_ever(const Resource& resource, BookingId id) const;
  const Booking* find(const Resource& resource, BookingId id) const;
  /// Its place among `bookings`, which it keeps.
  std::optional<std::uint32_t> number_of(const Resource& resource, BookingId id) const;
  /// What the booking holds; the slot's id borrows from the resource.
  std::optional<Held> held_by(const Booking& booking) const;
  std::optional<Buckets> buckets_of(const Booking& booking) const;

  /// Folds one event, decided at `at`. Its version must be the next of its resource.
  void evolve(const ResourceEvent& event, Instant at);
  /// A backfill ended at that instant: whoever was late until then stays as they are.
  void switch_clock(Instant at);
  /// The clock was set back to that instant: what was looked at later was looked at then.
  void mend_clock(Instant to);

  /// What was folded since the last of the two stays, or goes.
  void commit() { undo_.clear(); }
  void rollback();

  const std::deque<Resource>& resources() const { return resources_; }
  const std::deque<Booking>& bookings() const { return bookings_; }
  const TimerIndex& timers() const { return timers_; }

 private:
  friend class StateImage;

  struct BookingHash {
    using is_transparent = void;
    const State* state;
    std::size_t operator()(std::uint32_t booking) const;
    std::size_t operator()(const std::pair<std::uint32_t, std::string_view>& key) const;
  };
  struct BookingEqual {
    using is_transparent = void;
    const State* state;
    bool operator()(std::uint32_t a, std::uint32_t b) const { return a == b; }
    bool operator()(const std::pair<std::uint32_t, std::string_view>& key, std::uint32_t b) const;
    bool operator()(std::uint32_t b, const std::pair<std::uint32_t, std::string_view>& key) const;
  };
  /// How to take one event back.
  struct Undo {
    std::uint32_t resource = 0;
    std::int64_t last_suffix = 0;
    bool defined = false;                    // the event made the resource
    bool added_schedule = false;             // … or a schedule, the resource's newest
    bool created_booking = false;            // … or a booking, the state's newest
    std::unique_ptr<Definition> definition;  // before it
    std::unique_ptr<Schedule> schedule;      // before it; index below
    std::uint32_t schedule_index = 0;
    std::optional<Booking> booking;  // before it; index below
    std::uint32_t booking_index = 0;
    /// Where no_show_minutes changed: the bookings whose timers depend on them, and what the
    /// resource had.
    std::vector<std::uint32_t> retimed;
    std::optional<Instant> no_shows_after;
  };

  void take_back(Undo& undo);
  void define(ResourceId id, Definition definition, Instant at);
  void fold(Resource& resource, Undo& undo, const Event& event, Instant at);
  Schedule& schedule_before(Resource& resource, Undo& undo, ScheduleId id);
  Booking& booking_before(Resource& resource, Undo& undo, BookingId id);
  Booking& create(Resource& resource, Undo& undo, const Actor& by, const BookingCreated& event);
  void settle(Resource& resource, Booking& booking, const BookingFacet& facet, Instant at);
  void name_slot(Resource& resource, const Booking& booking, std::int64_t sign);
  std::vector<std::uint32_t> confirmed_of(const Resource& resource) const;
  template <class Change>
  void retime(const std::vector<std::uint32_t>& numbers, Change change);
  void index_timers();
  void set_no_show_minutes(Resource& resource, Undo& undo, std::int64_t minutes, Instant at);

  std::deque<Resource> resources_;
  boost::unordered_flat_map<std::string_view, std::uint32_t> resource_by_id_;
  std::deque<Booking> bookings_;
  boost::unordered_flat_set<std::uint32_t, BookingHash, BookingEqual> booking_by_id_;
  TextArena suffixes_;
  TimerIndex timers_;
  std::vector<Undo> undo_;
};

}  // namespace pesan
