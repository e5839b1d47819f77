// Which buckets a booking holds (docs/domain.md#holding), and the one step that every booking
// command ends in.
#pragma once

#include "tests/support/auditor/rules.hpp"

namespace pesan::audit {

// The one predicate.
bool occupies(const Resource& resource, const Booking& booking);

// What the booking holds after a command, from what it held before it: rules 2 to 4. What a
// booking holds that did not occupy is what it used, and stays.
Holding holding_after(const Resource& resource, const Booking* before, const Booking& after,
                      const std::string& local_now);

// Units that `others` do not leave free, in the first short bucket that is newly needed.
std::optional<Outcome> capacity_exceeded(const Resource& resource, const Holding& before,
                                         const Holding& after);

// The last stage and the event. `before` is null for a new booking, `after` for a deleted one.
Outcome settle(PartitionState& partition, Resource& resource, const Command& command,
               const std::string& event_type, const Booking* before, const Booking* after);

}  // namespace pesan::audit
