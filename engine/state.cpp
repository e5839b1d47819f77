#include "engine/state.hpp"

#include <algorithm>
#include <cstring>

#include "events/assert.hpp"

namespace pesan {

std::string_view TextArena::add(std::string_view text) {
  if (text.empty()) return {};
  PESAN_ASSERT(text.size() <= chunk_size, "a suffix has at most 40 characters");
  if (used_ + text.size() > chunk_size) {
    chunks_.push_back(std::make_unique<char[]>(chunk_size));
    used_ = 0;
  }
  char* place = chunks_.back().get() + used_;
  std::memcpy(place, text.data(), text.size());
  used_ += text.size();
  return {place, text.size()};
}

State::State() : booking_by_id_(0, BookingHash{this}, BookingEqual{this}), timers_(*this) {}

std::size_t State::BookingHash::operator()(
    const std::pair<std::uint32_t, std::string_view>& key) const {
  return static_cast<std::size_t>(short_digest_of(key.second) + key.first * 0x9e3779b97f4a7c15ULL);
}

std::size_t State::BookingHash::operator()(std::uint32_t booking) const {
  const Booking& b = state->bookings_[booking];
  return (*this)(std::pair{b.resource, b.suffix()});
}

bool State::BookingEqual::operator()(const std::pair<std::uint32_t, std::string_view>& key,
                                     std::uint32_t b) const {
  const Booking& booking = state->bookings_[b];
  return booking.resource == key.first && booking.suffix() == key.second;
}

bool State::BookingEqual::operator()(std::uint32_t b,
                                     const std::pair<std::uint32_t, std::string_view>& key) const {
  return (*this)(key, b);
}

const Resource* State::find(ResourceId id) const {
  const auto found = resource_by_id_.find(id.text);
  return found == resource_by_id_.end() ? nullptr : &resources_[found->second];
}

std::optional<std::uint32_t> State::number_of(const Resource& resource, BookingId id) const {
  const auto found = booking_by_id_.find(std::pair{resource.index, id.suffix()});
  return found == booking_by_id_.end() ? std::nullopt : std::optional(*found);
}

const Booking* State::find_ever(const Resource& resource, BookingId id) const {
  const auto number = number_of(resource, id);
  return number ? &bookings_[*number] : nullptr;
}

const Booking* State::find(const Resource& resource, BookingId id) const {
  const Booking* booking = find_ever(resource, id);
  return booking == nullptr || booking->deleted ? nullptr : booking;
}

std::optional<Held> State::held_by(const Booking& booking) const {
  if (booking.held_units == 0) return std::nullopt;
  const Resource& resource = resource_of(booking);
  Buckets buckets{.inventory = resource.definition.inventory, .first = {}, .end = {}, .slot = {}};
  if (resource.is_room()) {
    buckets.first = {booking.held_first};
    buckets.end = {booking.held_end};
  } else {
    buckets.slot = ScheduleId{std::string_view(resource.schedules[booking.held_slot].id)};
  }
  return Held{.buckets = buckets, .units = booking.held_units};
}

std::optional<Buckets> State::buckets_of(const Booking& booking) const {
  const Resource& resource = resource_of(booking);
  Buckets buckets{.inventory = resource.definition.inventory, .first = {}, .end = {}, .slot = {}};
  switch (buckets.inventory) {
    case Inventory::counter: break;
    case Inventory::nightly:
      buckets.first = booking.check_in().value_or(Date{});
      buckets.end = booking.check_out().value_or(Date{});
      break;
    case Inventory::slots:
      buckets.slot = ScheduleId{std::string_view(resource.schedules[booking.slot].id)};
      break;
  }
  return buckets;
}

/// Bookings of a resource whose timers follow its no_show_minutes: a hold's does not.
std::vector<std::uint32_t> State::confirmed_of(const Resource& resource) const {
  std::vector<std::uint32_t> numbers;
  for (std::uint32_t number = 0; number < bookings_.size(); ++number) {
    const Booking& booking = bookings_[number];
    const bool is_one = booking.resource == resource.index && !booking.deleted &&
                        booking.status == Status::confirmed && !booking.checked_in_at();
    if (is_one) numbers.push_back(number);
  }
  return numbers;
}

void State::set_no_show_minutes(Resource& resource, Undo& undo, std::int64_t minutes, Instant at) {
  if (minutes == resource.definition.no_show_minutes) return;
  undo.retimed = confirmed_of(resource);
  undo.no_shows_after = resource.no_shows_after;
  retime(undo.retimed, [&] {
    resource.definition.no_show_minutes = minutes;
    resource.no_shows_after = at;
  });
}

/// Makes a change on which the timers of these bookings depend.
template <class Change>
void State::retime(const std::vector<std::uint32_t>& numbers, Change change) {
  for (const std::uint32_t number : numbers) timers_.erase(number);
  change();
  for (const std::uint32_t number : numbers) timers_.add(number);
}

void State::index_timers() {
  timers_.clear();
  for (std::uint32_t number = 0; number < bookings_.size(); ++number) timers_.add(number);
}

void State::switch_clock(Instant at) {
  for (Resource& resource : resources_) {
    resource.no_shows_after = std::max(resource.no_shows_after, at);
  }
  index_timers();
}

void State::mend_clock(Instant to) {
  for (Resource& resource : resources_) {
    resource.no_shows_after = std::min(resource.no_shows_after, to);
  }
  for (Booking& booking : bookings_) {
    if (booking.confirmed_and_touched_at() > to) booking.waits_ms.set(std::optional(to.ms));
  }
  index_timers();
}

void State::rollback() {
  std::for_each(undo_.rbegin(), undo_.rend(), [&](Undo& undo) { take_back(undo); });
  undo_.clear();
}

void State::take_back(Undo& undo) {
  Resource& resource = resources_[undo.resource];
  if (undo.defined) {
    resource_by_id_.erase(resource.id);
    resources_.pop_back();
    return;
  }
  if (undo.created_booking || undo.booking) {
    Booking& booking = bookings_[undo.booking_index];
    const auto held = held_by(booking);
    name_slot(resource, booking, -1);
    timers_.erase(undo.booking_index);
    // The suffix stays in the arena: a few bytes, against a second kind of memory.
    if (undo.created_booking) {
      resource.move(held, std::nullopt);
      booking_by_id_.erase(undo.booking_index);
      bookings_.pop_back();
    } else {
      booking = *undo.booking;
      resource.move(held, held_by(booking));
      name_slot(resource, booking, +1);
      timers_.add(undo.booking_index);
    }
  }
  if (undo.added_schedule) {
    resource.schedule_by_id.erase(resource.schedules.back().id);
    resource.schedules.pop_back();
  }
  if (undo.schedule) {
    // Copied, not moved: schedule_by_id's key is a view of the id where it stands.
    resource.schedules[undo.schedule_index] = *undo.schedule;
  }
  if (undo.definition) {
    retime(undo.retimed, [&] {
      resource.definition = std::move(*undo.definition);
      if (undo.no_shows_after) resource.no_shows_after = *undo.no_shows_after;
    });
  }
  resource.last_suffix = undo.last_suffix;
  --resource.version.value;
}

}  // namespace pesan
