#include "tests/support/state_text.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "engine/holding.hpp"

namespace pesan {
namespace {

constexpr std::int64_t nothing = -1;

std::string text_of(const std::optional<Held>& held) {
  if (!held) return "nothing";
  std::string out;
  append_buckets(out, held->buckets);
  return fmt::format("{} x {}", out, held->units);
}

std::string text_of(const Definition& d) {
  return fmt::format(
      "{} {} {} units {} price {} {} party {} over {} nights {}-{} {}min {}-{} {} {}", d.name,
      name_of(d.inventory), name_of(d.occupancy), d.units, d.price_minor.value_or(nothing),
      d.currency, d.max_party.value_or(nothing), d.overbook_limit, d.min_nights.value_or(nothing),
      d.max_nights.value_or(nothing), d.duration_minutes, d.hold_minutes, d.no_show_minutes,
      d.timezone, d.active);
}

std::string text_of(const State& state, const Booking& b) {
  const Resource& resource = state.resource_of(b);
  const auto ms = [](const auto& time) { return time ? time->ms : nothing; };
  const auto days = [](const auto& date) { return date ? date->days : nothing; };
  return fmt::format(
      "{}.{} v{} {}{} {} units {} party {} days {}-{} slot {} at {} price {} in {} out {} hold {} "
      "{} holds {} "
      "by {} ref {} rest {} {} {} {}",
      resource.id, b.suffix(), b.version.value, b.deleted ? "deleted " : "", name_of(b.status),
      name_of(b.payment), b.units, b.party_size().value_or(nothing), days(b.check_in()),
      days(b.check_out()), resource.is_room() ? "" : resource.schedules[b.slot].id,
      ms(b.appointment_at()), b.price_minor().value_or(nothing), ms(b.checked_in_at()),
      ms(b.checked_out_at()), ms(b.hold_until()), ms(b.confirmed_and_touched_at()),
      text_of(state.held_by(b)), to_hex(b.creator), to_hex(b.customer_ref), b.customer, b.subject,
      b.staff, b.notes);
}

bool is_held(const State& state, const Booking& booking) {
  return !booking.deleted && occupies(state.resource_of(booking).definition.occupancy,
                                      {.status = booking.status,
                                       .payment = booking.payment,
                                       .checked_out = booking.checked_out_at().has_value(),
                                       .on_hold = booking.hold_until().has_value()});
}

/// bucket -> units, of one resource.
using Counts = std::map<std::string, std::int64_t>;

void add(Counts& counts, const Held& held) {
  switch (held.buckets.inventory) {
    case Inventory::counter: counts["*"] += held.units; return;
    case Inventory::slots: counts[std::string(held.buckets.slot.text)] += held.units; return;
    case Inventory::nightly:
      for (Date night = held.buckets.first; night < held.buckets.end; ++night.days) {
        counts[to_string(night)] += held.units;
      }
  }
}

Counts counts_of(const Resource& resource) {
  Counts counts;
  if (resource.counter_held != 0) counts["*"] = resource.counter_held;
  for (const Schedule& slot : resource.schedules) {
    if (slot.held != 0) counts[slot.id] = slot.held;
  }
  resource.nights.for_each({}, [&](Date night, std::int64_t units) {
    counts[to_string(night)] = units;
    return true;
  });
  return counts;
}

std::int64_t limit_of(const Resource& resource, const std::string& bucket) {
  const Schedule* slot = resource.find(ScheduleId{std::string_view(bucket)});
  return (slot != nullptr ? slot->capacity : resource.definition.units) +
         resource.definition.overbook_limit;
}

}  // namespace

std::string text_of(const State& state) {
  std::vector<std::string> lines;
  for (const Resource& r : state.resources()) {
    lines.push_back(fmt::format(
        "{} v{} suffix {} counter {} zone {} {}", r.id, r.version.value, r.last_suffix,
        r.counter_held, r.zone.local(Instant{1'530'000'000'000}).ms, text_of(r.definition)));
    for (const auto& [id, index] : r.schedule_by_id) {
      const Schedule& s = r.schedules[index];
      lines.push_back(fmt::format("{} slot {} {} {}-{} capacity {} open {} held {} named {}", r.id,
                                  id, to_string(s.date), s.start.minutes, s.end.minutes, s.capacity,
                                  s.open, s.held, s.naming));
    }
    for (const auto& [bucket, units] : counts_of(r)) {
      lines.push_back(fmt::format("{} holds {} of {}", r.id, units, bucket));
    }
  }
  for (const Booking& b : state.bookings()) lines.push_back(text_of(state, b));
  for_each_due(state, {std::numeric_limits<std::int64_t>::max()},
               [&](std::uint32_t number, const BookingTimer& timer) {
                 const Booking& b = state.bookings()[number];
                 lines.push_back(fmt::format("{}.{} {} at {}", state.resource_of(b).id, b.suffix(),
                                             name_of(timer.timer), timer.due.ms));
                 return true;
               });
  std::sort(lines.begin(), lines.end());
  return fmt::format("{}", fmt::join(lines, "\n"));
}

std::string wrong_count_in(const State& state) {
  std::map<const Resource*, Counts> held;
  std::size_t timers = 0;
  std::map<const Resource*, std::map<std::uint32_t, std::int64_t>> naming;
  for (const Booking& booking : state.bookings()) {
    const Resource& resource = state.resource_of(booking);
    const auto holds = state.held_by(booking);
    if (timer_of(resource, booking)) ++timers;
    if (holds) add(held[&resource], *holds);
    if (holds && resource.definition.inventory == Inventory::counter && !is_held(state, booking)) {
      return text_of(state, booking) + " holds a counter and does not occupy";
    }
    if (is_held(state, booking) && !holds) {
      return text_of(state, booking) + " occupies and holds nothing";
    }
    if (!resource.is_room() && !booking.deleted && is_open(booking.status)) {
      ++naming[&resource][booking.slot];
    }
  }
  if (timers != state.timers().size()) return "the index of timers is not that of the bookings";
  for (const Resource& resource : state.resources()) {
    const Counts counts = counts_of(resource);
    if (counts != held[&resource]) return resource.id + ": counts are not the sum of what is held";
    for (const auto& [bucket, units] : counts) {
      if (resource.definition.inventory != Inventory::nightly &&
          units > limit_of(resource, bucket)) {
        return fmt::format("{}: {} of {} are held", resource.id, units, bucket);
      }
    }
    for (std::uint32_t i = 0; i < resource.schedules.size(); ++i) {
      if (resource.schedules[i].naming != naming[&resource][i]) {
        return resource.id + ": a slot's bookings are not those that name it";
      }
    }
  }
  return "";
}

}  // namespace pesan
