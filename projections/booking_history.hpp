// The fold of `booking_history`: a row for every event of every booking, for ever. `details` is a
// short JSON of what the event says beyond the columns; guest data is not repeated in it, only
// which of it was given. Pure; any thread.
#pragma once

#include "events/events.hpp"
#include "projections/stamp.hpp"

namespace pesan {

void fold_booking_history(const ResourceEvent& event, const Stamp& at, RowChanges& changes);

}  // namespace pesan
