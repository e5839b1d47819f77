#include "engine/holding.hpp"

#include <algorithm>

namespace pesan {
namespace {

std::int64_t units_on(const std::optional<Held>& held, Date night) {
  if (!held || night < held->buckets.first || night >= held->buckets.end) return 0;
  return held->units;
}

std::optional<Shortage> short_night(const Resource& resource, const std::optional<Held>& before,
                                    const Held& after) {
  const std::int64_t limit = resource.definition.units + resource.definition.overbook_limit;
  for (Date night = after.buckets.first; night < after.buckets.end; ++night.days) {
    const std::int64_t own = units_on(before, night);
    if (own >= after.units) continue;
    const std::int64_t left = limit - (resource.nights.at(night) - own);
    if (left < after.units) return Shortage{to_string(night), after.units, left};
  }
  return std::nullopt;
}

/// A resource whose booking holds one bucket: the counter, or a slot.
std::optional<Shortage> short_bucket(std::string_view bucket, std::int64_t limit, std::int64_t held,
                                     std::int64_t own, std::int64_t units) {
  if (own >= units) return std::nullopt;
  const std::int64_t left = limit - (held - own);
  if (left >= units) return std::nullopt;
  return Shortage{std::string(bucket), units, left};
}

}  // namespace

std::optional<Held> used_of(const std::optional<Held>& held, const Resource& resource,
                            LocalDateTime local_now) {
  if (!held) return std::nullopt;
  switch (held->buckets.inventory) {
    case Inventory::counter: return std::nullopt;
    case Inventory::nightly: {
      Held used = *held;
      used.buckets.end = std::min(used.buckets.end, date_of(local_now));
      return used.buckets.first < used.buckets.end ? std::optional(used) : std::nullopt;
    }
    case Inventory::slots:
      return resource.find(held->buckets.slot)->starts_at() <= local_now ? held : std::nullopt;
  }
  return std::nullopt;
}

std::optional<Shortage> shortage(const Resource& resource, const std::optional<Held>& before,
                                 const std::optional<Held>& after) {
  if (!after) return std::nullopt;
  const std::int64_t own = before ? before->units : 0;
  switch (after->buckets.inventory) {
    case Inventory::counter:
      return short_bucket("*", resource.definition.units + resource.definition.overbook_limit,
                          resource.counter_held, own, after->units);
    case Inventory::nightly: return short_night(resource, before, *after);
    case Inventory::slots: {
      const Schedule& slot = *resource.find(after->buckets.slot);
      const bool same = before && before->buckets.slot == after->buckets.slot;
      return short_bucket(slot.id, slot.capacity + resource.definition.overbook_limit, slot.held,
                          same ? own : 0, after->units);
    }
  }
  return std::nullopt;
}

}  // namespace pesan
