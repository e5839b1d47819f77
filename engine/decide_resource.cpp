// Rooms, services and their schedules.
#include "engine/deciders.hpp"
#include "engine/decision.hpp"

namespace pesan {
namespace {

constexpr std::string_view default_currency = "IDR";

/// As events say it: nothing for none.
std::optional<std::int64_t> minutes_or_none(std::int64_t minutes) {
  return minutes == 0 ? std::nullopt : std::optional(minutes);
}

struct LookedUp {
  const Resource* resource = nullptr;
  std::optional<Rejection> refusal;
};

LookedUp look_up(const Question& q, bool room) {
  const Resource* resource = q.state.find(q.command.resource);
  if (resource == nullptr) return {nullptr, Rejection{Code::resource_not_found, {}}};
  if (resource->is_room() != room) return {resource, Rejection{Code::wrong_resource_kind, {}}};
  return {resource, std::nullopt};
}

std::unexpected<Rejection> below_allocated(std::string bucket, std::int64_t held,
                                           std::int64_t limit) {
  return reject(Code::capacity_below_allocated,
                {{"bucket", std::move(bucket)}, {"held", held}, {"limit", limit}});
}

/// The first bucket of a room that holds more than `limit`; nights before today do not count.
std::optional<std::pair<std::string, std::int64_t>> over(const Resource& room, std::int64_t limit,
                                                         Date today) {
  if (room.counter_held > limit) return std::pair{std::string("*"), room.counter_held};
  std::optional<std::pair<std::string, std::int64_t>> first;
  room.nights.for_each(today, [&](Date night, std::int64_t held) {
    if (held > limit) first.emplace(to_string(night), held);
    return !first;
  });
  return first;
}

}  // namespace

Decision decide(const Question& q, const DefineRoom& c) {
  if (q.state.find(q.command.resource) != nullptr) return reject(Code::resource_exists);
  if (q.by_user()) return reject(Code::forbidden_actor);
  return accept(q, RoomDefined{.name = c.name,
                               .units = c.units,
                               .inventory = c.inventory,
                               .nightly_price_minor = c.nightly_price_minor,
                               .currency = c.currency.value_or(default_currency),
                               .max_party = c.max_party,
                               .occupancy = c.occupancy.value_or(Occupancy::on_confirm),
                               .overbook_limit = c.overbook_limit.value_or(0),
                               .min_nights = c.min_nights,
                               .max_nights = c.max_nights,
                               .hold_minutes = minutes_or_none(c.hold_minutes.value_or(0)),
                               .no_show_minutes = minutes_or_none(c.no_show_minutes.value_or(0)),
                               .timezone = c.timezone.value_or(default_timezone),
                               .active = c.active.value_or(true)});
}

Decision decide(const Question& q, const ChangeRoom& c) {
  const auto [room, refusal] = look_up(q, true);
  if (refusal) return reject(*refusal);
  if (q.by_user()) return reject(Code::forbidden_actor);

  const Definition& now = room->definition;
  const RoomChanged before{.name = now.name,
                           .units = now.units,
                           .nightly_price_minor = now.price_minor,
                           .max_party = now.max_party,
                           .overbook_limit = now.overbook_limit,
                           .min_nights = now.min_nights,
                           .max_nights = now.max_nights,
                           .hold_minutes = minutes_or_none(now.hold_minutes),
                           .no_show_minutes = minutes_or_none(now.no_show_minutes),
                           .active = now.active};
  RoomChanged after = before;
  after.name = c.name.value_or(after.name);
  after.units = c.units.value_or(after.units);
  after.overbook_limit = c.overbook_limit.value_or(after.overbook_limit);
  after.active = c.active.value_or(after.active);
  if (c.nightly_price_minor) after.nightly_price_minor = c.nightly_price_minor;
  if (c.max_party) after.max_party = c.max_party;
  if (c.min_nights) after.min_nights = c.min_nights;
  if (c.max_nights) after.max_nights = c.max_nights;
  if (c.hold_minutes) after.hold_minutes = minutes_or_none(*c.hold_minutes);
  if (c.no_show_minutes) after.no_show_minutes = minutes_or_none(*c.no_show_minutes);

  if (after.min_nights && after.max_nights && *after.max_nights < *after.min_nights) {
    return reject_field(Code::invalid_range, c.max_nights ? "max_nights" : "min_nights");
  }
  if (c.units || c.overbook_limit) {
    const std::int64_t limit = after.units + after.overbook_limit;
    const Date today = date_of(room->zone.local(q.moment.now));
    if (auto bucket = over(*room, limit, today)) {
      return below_allocated(std::move(bucket->first), bucket->second, limit);
    }
  }
  if (after == before) return nothing_to_change();
  return accept(q, after);
}

Decision decide(const Question& q, const DefineService& c) {
  if (q.state.find(q.command.resource) != nullptr) return reject(Code::resource_exists);
  if (q.by_user()) return reject(Code::forbidden_actor);
  return accept(q, ServiceDefined{.name = c.name,
                                  .price_minor = c.price_minor,
                                  .currency = c.currency.value_or(default_currency),
                                  .duration_minutes = c.duration_minutes,
                                  .occupancy = c.occupancy.value_or(Occupancy::on_create),
                                  .overbook_limit = c.overbook_limit.value_or(0),
                                  .hold_minutes = minutes_or_none(c.hold_minutes.value_or(0)),
                                  .no_show_minutes = minutes_or_none(c.no_show_minutes.value_or(0)),
                                  .timezone = c.timezone.value_or(default_timezone),
                                  .active = c.active.value_or(true)});
}

Decision decide(const Question& q, const ChangeService& c) {
  const auto [service, refusal] = look_up(q, false);
  if (refusal) return reject(*refusal);
  if (q.by_user()) return reject(Code::forbidden_actor);

  const Definition& now = service->definition;
  const ServiceChanged before{.name = now.name,
                              .price_minor = now.price_minor.value_or(0),
                              .duration_minutes = now.duration_minutes,
                              .overbook_limit = now.overbook_limit,
                              .hold_minutes = minutes_or_none(now.hold_minutes),
                              .no_show_minutes = minutes_or_none(now.no_show_minutes),
                              .active = now.active};
  ServiceChanged after = before;
  after.name = c.name.value_or(after.name);
  after.price_minor = c.price_minor.value_or(after.price_minor);
  after.duration_minutes = c.duration_minutes.value_or(after.duration_minutes);
  after.overbook_limit = c.overbook_limit.value_or(after.overbook_limit);
  after.active = c.active.value_or(after.active);
  if (c.hold_minutes) after.hold_minutes = minutes_or_none(*c.hold_minutes);
  if (c.no_show_minutes) after.no_show_minutes = minutes_or_none(*c.no_show_minutes);

  if (c.overbook_limit) {
    for (const auto& [id, index] : service->schedule_by_id) {
      const Schedule& slot = service->schedules[index];
      const std::int64_t limit = slot.capacity + after.overbook_limit;
      if (slot.held > limit) return below_allocated(slot.id, slot.held, limit);
    }
  }
  if (after == before) return nothing_to_change();
  return accept(q, after);
}

Decision decide(const Question& q, const AddSchedule& c) {
  const auto [service, refusal] = look_up(q, false);
  if (refusal) return reject(*refusal);
  if (service->find(c.schedule_id) != nullptr) return reject(Code::schedule_exists);
  if (q.by_user()) return reject(Code::forbidden_actor);
  return accept(q, ScheduleAdded{.schedule_id = c.schedule_id,
                                 .date = c.date,
                                 .start = c.start,
                                 .end = c.end,
                                 .capacity = c.capacity});
}

Decision decide(const Question& q, const ChangeSchedule& c) {
  const auto [service, refusal] = look_up(q, false);
  if (refusal) return reject(*refusal);
  const Schedule* slot = service->find(c.schedule_id);
  if (slot == nullptr) return reject(Code::schedule_not_found);
  const ScheduleChanged before{.schedule_id = c.schedule_id,
                               .date = slot->date,
                               .start = slot->start,
                               .end = slot->end,
                               .capacity = slot->capacity};
  const ScheduleChanged after{.schedule_id = c.schedule_id,
                              .date = c.date.value_or(before.date),
                              .start = c.start.value_or(before.start),
                              .end = c.end.value_or(before.end),
                              .capacity = c.capacity.value_or(before.capacity)};
  const bool moves =
      after.date != before.date || after.start != before.start || after.end != before.end;
  if (moves && (slot->held > 0 || slot->naming > 0)) return reject(Code::schedule_in_use);
  if (q.by_user()) return reject(Code::forbidden_actor);

  if (after.end <= after.start) return reject_field(Code::invalid_range, c.end ? "end" : "start");
  const std::int64_t limit = after.capacity + service->definition.overbook_limit;
  if (c.capacity && slot->held > limit) return below_allocated(slot->id, slot->held, limit);
  if (after == before) return nothing_to_change();
  return accept(q, after);
}

Decision decide_open(const Question& q, ScheduleId id, bool open) {
  const auto [service, refusal] = look_up(q, false);
  if (refusal) return reject(*refusal);
  const Schedule* slot = service->find(id);
  if (slot == nullptr) return reject(Code::schedule_not_found);
  if (q.by_user()) return reject(Code::forbidden_actor);
  if (slot->open == open) return nothing_to_change();
  if (open) return accept(q, ScheduleOpened{id});
  return accept(q, ScheduleClosed{id});
}

Decision decide(const Question& q, const CloseSchedule& c) {
  return decide_open(q, c.schedule_id, false);
}

Decision decide(const Question& q, const OpenSchedule& c) {
  return decide_open(q, c.schedule_id, true);
}

}  // namespace pesan
