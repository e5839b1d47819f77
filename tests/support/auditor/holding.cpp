#include "tests/support/auditor/holding.hpp"

#include "tests/support/auditor/calendar.hpp"

namespace pesan::audit {
namespace {

std::int64_t units_in(const Holding& holding, const std::string& bucket) {
  const auto found = holding.find(bucket);
  return found == holding.end() ? 0 : found->second;
}

Holding all_buckets(const Resource& resource, const Booking& booking) {
  if (resource.inventory == "counter") return {{"*", booking.units}};
  if (resource.inventory == "slots") return {{*booking.schedule_id, booking.units}};
  Holding nights;
  const int end = *day_number(*booking.check_out);
  for (int night = *day_number(*booking.check_in); night < end; ++night) {
    nights.emplace_hint(nights.end(), day_text(night), booking.units);
  }
  return nights;
}

Holding used_of(const Resource& resource, const Holding& before, const std::string& now) {
  Holding used;
  for (const auto& [bucket, units] : before) {
    bool is_used = false;  // a counter has no date
    if (resource.inventory == "nightly") is_used = bucket < now.substr(0, 10);
    if (resource.inventory == "slots") {
      const Schedule& slot = resource.schedules.at(bucket);
      is_used = slot.date + "T" + slot.start + ":00.000" <= now;
    }
    if (is_used) used[bucket] = units;
  }
  return used;
}

// Counts move by the difference between held before and held after, and by nothing else.
void move_counts(Resource& resource, const Holding& before, const Holding& after, Touch touch) {
  Holding difference = after;
  for (const auto& [bucket, units] : before) difference[bucket] -= units;
  for (const auto& [bucket, units] : difference) {
    if (units == 0) continue;
    resource.counts[bucket] += units;
    if (resource.inventory == "counter") resource.touched = touch;
    if (resource.inventory == "nightly") resource.night_touched[bucket] = touch;
    if (resource.inventory == "slots") resource.schedules.at(bucket).touched = touch;
  }
}

}  // namespace

bool occupies(const Resource& resource, const Booking& b) {
  if (b.status == "pending" && b.hold_until_ms) return true;
  if (resource.occupancy == "on_create") return b.status != "cancelled" && b.status != "expired";
  const bool under_way = b.status == "confirmed" || b.status == "in_progress";
  if (resource.occupancy == "on_confirm") return under_way && !b.checked_out_ms;
  return (under_way || b.status == "pending") && (b.payment == "partial" || b.payment == "paid");
}

Holding holding_after(const Resource& resource, const Booking* before, const Booking& after,
                      const std::string& local_now) {
  if (occupies(resource, after)) return all_buckets(resource, after);
  const bool keeps_what_it_used = after.status == "completed" || after.checked_in_ms;
  if (before == nullptr || !keeps_what_it_used) return {};
  if (!occupies(resource, *before)) return before->held;
  return used_of(resource, before->held, local_now);
}

std::optional<Outcome> capacity_exceeded(const Resource& resource, const Holding& before,
                                         const Holding& after) {
  for (const auto& [bucket, units] : after) {
    const std::int64_t own = units_in(before, bucket);
    if (units <= own) continue;  // not newly needed
    const std::int64_t capacity =
        resource.is_service() ? resource.schedules.at(bucket).capacity : resource.units;
    const std::int64_t others = units_in(resource.counts, bucket) - own;
    const std::int64_t left = capacity + resource.overbook_limit - others;
    if (units > left) {
      return refuse("capacity_exceeded", {{"bucket", bucket}, {"asked", units}, {"left", left}});
    }
  }
  return std::nullopt;
}

Outcome settle(PartitionState& partition, Resource& resource, const Command& command,
               const std::string& event_type, const Booking* before, const Booking* after) {
  const Holding held_before = before != nullptr ? before->held : Holding{};
  const Holding held_after =
      after != nullptr ? holding_after(resource, before, *after, local_now(resource, command))
                       : Holding{};
  if (auto refusal = capacity_exceeded(resource, held_before, held_after)) return *refusal;

  // From here on the command succeeds.
  const Touch touch = next_event(partition, resource, command);
  const bool occupied_before = before != nullptr && occupies(resource, *before);
  const bool occupies_after = after != nullptr && occupies(resource, *after);
  if (!resource.is_service() && occupied_before != occupies_after) resource.touched = touch;
  move_counts(resource, held_before, held_after, touch);

  const std::string id = before != nullptr ? before->id : after->id;
  HistoryRow row{.booking_id = id,
                 .event_type = event_type,
                 .actor_type = command.actor_type,
                 .actor_id = command.actor_id,
                 .version = resource.version,
                 .old_status = {},
                 .new_status = {},
                 .old_payment = {},
                 .new_payment = {},
                 .reason = command.reason,
                 .touched = touch};
  if (before != nullptr) {
    row.old_status = before->status;
    row.old_payment = before->payment;
  }
  if (after != nullptr) {
    row.new_status = after->status;
    row.new_payment = after->payment;
  }
  partition.history.push_back(std::move(row));

  if (after == nullptr) {
    resource.bookings.erase(id);
  } else {
    Booking stored = *after;
    stored.held = held_after;
    if (stored.status != "pending") stored.hold_until_ms.reset();
    if (stored.status != "cancelled") {
      stored.cancelled_ms.reset();
    } else if (before != nullptr && before->status != "cancelled") {
      stored.cancelled_ms = command.now_ms;
    }
    stored.version = resource.version;
    stored.touched = touch;
    resource.bookings[id] = std::move(stored);
  }
  return {.code = "", .details = {}, .booking_id = id, .event = true};
}

}  // namespace pesan::audit
