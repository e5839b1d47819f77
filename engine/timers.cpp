#include "engine/timers.hpp"

#include <algorithm>
#include <string_view>

#include "engine/state.hpp"

namespace pesan {
namespace {

/// When the booking's guest is expected, local; nothing without dates or a slot.
std::optional<LocalDateTime> expected_at(const Resource& resource, const Booking& booking) {
  if (resource.is_room()) {
    const auto check_in = booking.check_in();
    return check_in ? std::optional(midnight(*check_in)) : std::nullopt;
  }
  const auto appointment = booking.appointment_at();
  return appointment ? appointment : resource.schedules[booking.slot].starts_at();
}

/// Of a booking that waits for its guest: the first instant at which the wall clock there shows
/// that the guest is late.
std::optional<Instant> late_at(const Resource& resource, const Booking& booking) {
  const auto minutes = resource.definition.no_show_minutes;
  const bool waits = minutes != 0 && !booking.deleted && booking.status == Status::confirmed &&
                     !booking.checked_in_at();
  const auto expected = waits ? expected_at(resource, booking) : std::nullopt;
  if (!expected) return std::nullopt;
  return resource.zone.first_showing({expected->ms + minutes * ms_per_minute});
}

/// Of the ids `<resource>.<suffix>`, which are never put together for that.
bool id_less(const State& state, const Booking& a, const Booking& b) {
  const std::string_view of_a = state.resource_of(a).id;
  const std::string_view of_b = state.resource_of(b).id;
  if (a.resource == b.resource) return a.suffix() < b.suffix();
  const auto [at_a, at_b] = std::ranges::mismatch(of_a, of_b);
  const auto next = [](auto at, std::string_view id) -> unsigned char {
    return static_cast<unsigned char>(at == id.end() ? '.' : *at);  // no resource has a dot
  };
  return next(at_a, of_a) < next(at_b, of_b);
}

}  // namespace

std::optional<BookingTimer> timer_of(const Resource& resource, const Booking& booking) {
  const bool unpaid = booking.payment == Payment::unpaid || booking.payment == Payment::refunded;
  if (const auto hold_until = booking.hold_until(); hold_until && unpaid) {
    return BookingTimer{Timer::expiry, *hold_until};
  }
  // Whoever touches a booking late has looked at it: it waits for its guest no longer.
  const auto late = late_at(resource, booking);
  const bool counts =
      late && *late > resource.no_shows_after && late > booking.confirmed_and_touched_at();
  return counts ? std::optional(BookingTimer{Timer::no_show, *late}) : std::nullopt;
}

bool TimerIndex::Order::operator()(const Entry& a, const Entry& b) const {
  if (a.due != b.due) return a.due < b.due;
  const auto& bookings = state->bookings();
  return a.booking != b.booking && id_less(*state, bookings[a.booking], bookings[b.booking]);
}

std::optional<TimerIndex::Entry> TimerIndex::entry_of(std::uint32_t number) const {
  const State& state = *timers_.key_comp().state;
  const Booking& booking = state.bookings()[number];
  const auto timer = timer_of(state.resource_of(booking), booking);
  return timer ? std::optional(Entry{timer->due, number}) : std::nullopt;
}

void TimerIndex::add(std::uint32_t booking) {
  if (const auto entry = entry_of(booking)) timers_.insert(*entry);
}

void TimerIndex::erase(std::uint32_t booking) {
  if (const auto entry = entry_of(booking)) timers_.erase(*entry);
}

void for_each_due(const State& state, Instant now,
                  const std::function<bool(std::uint32_t, const BookingTimer&)>& visit) {
  for (const auto& [due, booking] : state.timers().timers_) {
    if (due > now) return;
    const Booking& of = state.bookings()[booking];
    if (!visit(booking, *timer_of(state.resource_of(of), of))) return;
  }
}

}  // namespace pesan
