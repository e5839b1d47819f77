// Rooms, services and their schedules.

#include <algorithm>

#include "tests/support/auditor/fields.hpp"
#include "tests/support/auditor/rules.hpp"

namespace pesan::audit {
namespace {

namespace json = boost::json;

// Replaces what the command gives; true when that is another value.
bool replace(std::string& value, const std::optional<std::string>& given) {
  if (!given || *given == value) return false;
  value = *given;
  return true;
}

template <class Integer>  // std::int64_t or an optional one
bool replace(Integer& value, const std::optional<std::int64_t>& given) {
  if (!given || value == *given) return false;
  value = *given;
  return true;
}

bool replace(bool& value, const json::object& data) {
  const json::value* const given = data.if_contains("active");
  if (given == nullptr || given->get_bool() == value) return false;
  value = given->get_bool();
  return true;
}

Outcome defined(PartitionState& partition, const Command& command, Resource resource) {
  resource.touched = next_event(partition, resource, command);
  partition.resources.emplace(command.resource, std::move(resource));
  return {.code = "", .details = {}, .booking_id = {}, .event = true};
}

Resource common_definition(const Command& c) {
  Resource r;
  r.id = c.resource;
  r.name = *text_of(c.data, "name");
  r.currency = text_of(c.data, "currency").value_or("IDR");
  r.timezone = text_of(c.data, "timezone").value_or("Asia/Jakarta");
  r.overbook_limit = integer_of(c.data, "overbook_limit").value_or(0);
  r.hold_minutes = integer_of(c.data, "hold_minutes").value_or(0);
  r.no_show_minutes = integer_of(c.data, "no_show_minutes").value_or(0);
  r.no_show_set_ms = c.now_ms;
  replace(r.active, c.data);
  return r;
}

// Look-up and guard of the commands on a resource that must exist and be of one kind.
std::optional<Outcome> wrong_resource(const Resource* resource, bool service) {
  if (resource == nullptr) return refuse("resource_not_found");
  if (resource->is_service() != service) return refuse("wrong_resource_kind");
  return std::nullopt;
}

}  // namespace

Outcome define_room(PartitionState& p, const Command& c) {
  if (find_resource(p, c.resource) != nullptr) return refuse("resource_exists");
  if (c.by_user()) return refuse("forbidden_actor");
  Resource r = common_definition(c);
  r.units = *integer_of(c.data, "units");
  r.inventory = *text_of(c.data, "inventory");
  r.price = integer_of(c.data, "nightly_price_minor");
  r.occupancy = text_of(c.data, "occupancy").value_or("on_confirm");
  r.max_party = integer_of(c.data, "max_party");
  r.min_nights = integer_of(c.data, "min_nights");
  r.max_nights = integer_of(c.data, "max_nights");
  return defined(p, c, std::move(r));
}

Outcome define_service(PartitionState& p, const Command& c) {
  if (find_resource(p, c.resource) != nullptr) return refuse("resource_exists");
  if (c.by_user()) return refuse("forbidden_actor");
  Resource r = common_definition(c);
  r.inventory = "slots";
  r.price = integer_of(c.data, "price_minor");
  r.duration_minutes = *integer_of(c.data, "duration_minutes");
  r.occupancy = text_of(c.data, "occupancy").value_or("on_create");
  return defined(p, c, std::move(r));
}

Outcome change_room(PartitionState& p, const Command& c) {
  Resource* const r = find_resource(p, c.resource);
  if (auto refusal = wrong_resource(r, false)) return *refusal;
  if (c.by_user()) return refuse("forbidden_actor");

  Definition after = *r;
  bool changes = replace(after.name, text_of(c.data, "name"));
  changes |= replace(after.units, integer_of(c.data, "units"));
  changes |= replace(after.price, integer_of(c.data, "nightly_price_minor"));
  changes |= replace(after.max_party, integer_of(c.data, "max_party"));
  changes |= replace(after.overbook_limit, integer_of(c.data, "overbook_limit"));
  changes |= replace(after.min_nights, integer_of(c.data, "min_nights"));
  changes |= replace(after.max_nights, integer_of(c.data, "max_nights"));
  changes |= replace(after.active, c.data);
  changes |= replace(after.hold_minutes, integer_of(c.data, "hold_minutes"));
  changes |= replace(after.no_show_minutes, integer_of(c.data, "no_show_minutes"));
  if (after.min_nights && after.max_nights && *after.max_nights < *after.min_nights) {
    return refuse("invalid_range");
  }
  const std::string today = local_now(*r, c).substr(0, 10);
  for (const auto& [bucket, units] : r->counts) {
    if (r->inventory == "nightly" && bucket < today) continue;
    if (units > after.units + after.overbook_limit) return refuse("capacity_below_allocated");
  }
  if (!changes) return nothing_changes();
  if (after.no_show_minutes != r->no_show_minutes) r->no_show_set_ms = c.now_ms;
  static_cast<Definition&>(*r) = std::move(after);
  r->touched = next_event(p, *r, c);
  return {.code = "", .details = {}, .booking_id = {}, .event = true};
}

Outcome change_service(PartitionState& p, const Command& c) {
  Resource* const r = find_resource(p, c.resource);
  if (auto refusal = wrong_resource(r, true)) return *refusal;
  if (c.by_user()) return refuse("forbidden_actor");

  Definition after = *r;
  bool changes = replace(after.name, text_of(c.data, "name"));
  changes |= replace(after.price, integer_of(c.data, "price_minor"));
  changes |= replace(after.duration_minutes, integer_of(c.data, "duration_minutes"));
  changes |= replace(after.overbook_limit, integer_of(c.data, "overbook_limit"));
  changes |= replace(after.active, c.data);
  changes |= replace(after.hold_minutes, integer_of(c.data, "hold_minutes"));
  changes |= replace(after.no_show_minutes, integer_of(c.data, "no_show_minutes"));
  for (const auto& [bucket, units] : r->counts) {
    if (units > r->schedules.at(bucket).capacity + after.overbook_limit) {
      return refuse("capacity_below_allocated");
    }
  }
  if (!changes) return nothing_changes();
  if (after.no_show_minutes != r->no_show_minutes) r->no_show_set_ms = c.now_ms;
  static_cast<Definition&>(*r) = std::move(after);
  r->touched = next_event(p, *r, c);
  return {.code = "", .details = {}, .booking_id = {}, .event = true};
}

Outcome add_schedule(PartitionState& p, const Command& c) {
  Resource* const r = find_resource(p, c.resource);
  if (auto refusal = wrong_resource(r, true)) return *refusal;
  const std::string id = *text_of(c.data, "schedule_id");
  if (r->schedules.contains(id)) return refuse("schedule_exists");
  if (c.by_user()) return refuse("forbidden_actor");
  r->schedules[id] = {.date = *text_of(c.data, "date"),
                      .start = *text_of(c.data, "start"),
                      .end = *text_of(c.data, "end"),
                      .capacity = *integer_of(c.data, "capacity"),
                      .open = true,
                      .touched = next_event(p, *r, c)};
  return {.code = "", .details = {}, .booking_id = {}, .event = true};
}

Outcome change_schedule(PartitionState& p, const Command& c) {
  Resource* const r = find_resource(p, c.resource);
  if (auto refusal = wrong_resource(r, true)) return *refusal;
  const std::string id = *text_of(c.data, "schedule_id");
  const auto found = r->schedules.find(id);
  if (found == r->schedules.end()) return refuse("schedule_not_found");

  Schedule after = found->second;
  bool moves = replace(after.date, text_of(c.data, "date"));
  moves |= replace(after.start, text_of(c.data, "start"));
  moves |= replace(after.end, text_of(c.data, "end"));
  const bool resizes = replace(after.capacity, integer_of(c.data, "capacity"));
  if (moves) {
    for (const auto& [booking_id, b] : r->bookings) {
      const bool under_way =
          b.status == "pending" || b.status == "confirmed" || b.status == "in_progress";
      if (b.held.contains(id) || (under_way && b.schedule_id == id)) {
        return refuse("schedule_in_use");
      }
    }
  }
  if (c.by_user()) return refuse("forbidden_actor");
  if (after.end <= after.start) return refuse("invalid_range");
  const auto held = r->counts.find(id);
  if (held != r->counts.end() && held->second > after.capacity + r->overbook_limit) {
    return refuse("capacity_below_allocated");
  }
  if (!moves && !resizes) return nothing_changes();
  after.touched = next_event(p, *r, c);
  found->second = after;
  return {.code = "", .details = {}, .booking_id = {}, .event = true};
}

Outcome open_or_close_schedule(PartitionState& p, const Command& c) {
  Resource* const r = find_resource(p, c.resource);
  if (auto refusal = wrong_resource(r, true)) return *refusal;
  const auto found = r->schedules.find(*text_of(c.data, "schedule_id"));
  if (found == r->schedules.end()) return refuse("schedule_not_found");
  if (c.by_user()) return refuse("forbidden_actor");
  const bool open = c.type == "OpenSchedule";
  if (found->second.open == open) return nothing_changes();
  found->second.open = open;
  found->second.touched = next_event(p, *r, c);
  return {.code = "", .details = {}, .booking_id = {}, .event = true};
}

}  // namespace pesan::audit
