#include "engine/resource.hpp"

#include "events/assert.hpp"

namespace pesan {

std::int64_t NightCounts::at(Date night) const {
  const auto page = pages_.find(page_of(night));
  if (page == pages_.end()) return 0;
  return page->second.units[static_cast<std::size_t>(night.days % page_size)];
}

void NightCounts::add(Date first, Date end, std::int64_t units) {
  for (Date night = first; night < end;) {
    const auto page = pages_.try_emplace(page_of(night)).first;
    const Date page_end{(page->first + 1) * page_size};
    for (; night < end && night < page_end; ++night.days) {
      auto& held = page->second.units[static_cast<std::size_t>(night.days % page_size)];
      const bool was_held = held != 0;
      held += static_cast<std::int32_t>(units);
      PESAN_ASSERT(held >= 0, "a night cannot be held less than not at all");
      page->second.held_nights += static_cast<int>(held != 0) - static_cast<int>(was_held);
    }
    if (page->second.held_nights == 0) pages_.erase(page);
  }
}

void NightCounts::for_each(Date from, const std::function<bool(Date, std::int64_t)>& visit) const {
  for (auto page = pages_.lower_bound(page_of(from)); page != pages_.end(); ++page) {
    for (std::int32_t i = 0; i < page_size; ++i) {
      const Date night{page->first * page_size + i};
      const auto units = page->second.units[static_cast<std::size_t>(i)];
      if (units != 0 && night >= from && !visit(night, units)) return;
    }
  }
}

const Schedule* Resource::find(ScheduleId schedule) const {
  const auto found = schedule_by_id.find(schedule.text);
  return found == schedule_by_id.end() ? nullptr : &schedules[found->second];
}

std::uint32_t Resource::index_of(ScheduleId schedule) const {
  const auto found = schedule_by_id.find(schedule.text);
  PESAN_ASSERT(found != schedule_by_id.end(), "an event names a schedule that was never added");
  return found->second;
}

void Resource::move(const std::optional<Held>& from, const std::optional<Held>& to) {
  if (from == to) return;
  count(to, +1);  // first, so that no count passes through less than nothing
  count(from, -1);
}

void Resource::count(const std::optional<Held>& held, std::int64_t sign) {
  if (!held) return;
  const std::int64_t units = sign * held->units;
  switch (held->buckets.inventory) {
    case Inventory::counter: counter_held += units; return;
    case Inventory::nightly: nights.add(held->buckets.first, held->buckets.end, units); return;
    case Inventory::slots: schedules[index_of(held->buckets.slot)].held += units; return;
  }
}

}  // namespace pesan
