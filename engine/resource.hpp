// A resource as the engine holds it: what was defined, and how much of each bucket is held. Counts
// move only by the difference between what a booking held before and what it holds after, through
// `move`, so that drift cannot be represented (docs/domain.md#holding).
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "events/events.hpp"
#include "events/time_zone.hpp"

namespace pesan {

/// Units held per night. Nights without holders take no memory once their page is empty.
class NightCounts {
 public:
  std::int64_t at(Date night) const;
  void add(Date first, Date end, std::int64_t units);
  /// Nights from `from` on that are held, in order; stops when `visit` answers false.
  void for_each(Date from, const std::function<bool(Date, std::int64_t)>& visit) const;
  bool operator==(const NightCounts&) const = default;

 private:
  static constexpr std::int32_t page_size = 32;
  struct Page {
    std::array<std::int32_t, page_size> units{};
    std::int32_t held_nights = 0;
    bool operator==(const Page&) const = default;
  };
  static std::int32_t page_of(Date night) { return night.days / page_size; }

  std::map<std::int32_t, Page> pages_;
};

struct Schedule {
  std::string id;
  Date date;
  TimeOfDay start;
  TimeOfDay end;
  std::int64_t capacity = 0;
  bool open = true;
  std::int64_t held = 0;    // units
  std::int64_t naming = 0;  // pending, confirmed and in_progress bookings that name it

  LocalDateTime starts_at() const { return at(date, start); }
  bool operator==(const Schedule&) const = default;
};

/// What events of the resource itself say of it.
struct Definition {
  std::string name;
  Inventory inventory = Inventory::counter;
  Occupancy occupancy = Occupancy::on_confirm;
  std::int64_t units = 0;  // of a room
  std::optional<std::int64_t> price_minor;
  std::string currency;
  std::optional<std::int64_t> max_party;
  std::int64_t overbook_limit = 0;
  std::optional<std::int64_t> min_nights;
  std::optional<std::int64_t> max_nights;
  std::int64_t duration_minutes = 0;  // of a service
  std::int64_t hold_minutes = 0;      // 0: none, as no_show_minutes
  std::int64_t no_show_minutes = 0;
  std::string timezone;
  bool active = true;
  bool operator==(const Definition&) const = default;
};

struct Resource {
  std::string id;
  std::uint32_t index = 0;  // in the state
  Definition definition;
  TimeZone zone;
  Version version;                // of its last event
  Instant no_shows_after;         // due instants of no_show that are not after it do not count
  std::int64_t last_suffix = 0;   // of the bookings that brought no id of their own
  std::int64_t counter_held = 0;  // the bucket `*`
  NightCounts nights;
  std::deque<Schedule> schedules;                            // an index into it is stable
  std::map<std::string_view, std::uint32_t> schedule_by_id;  // keys live in `schedules`

  bool is_room() const { return definition.inventory != Inventory::slots; }
  const Schedule* find(ScheduleId id) const;
  std::uint32_t index_of(ScheduleId id) const;

  /// Moves the counts from what one booking held to what it holds now.
  void move(const std::optional<Held>& from, const std::optional<Held>& to);
  /// `sign` is +1 or −1.
  void count(const std::optional<Held>& held, std::int64_t sign);
};

}  // namespace pesan
