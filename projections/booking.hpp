// The fold of `booking`: a row a booking that was not deleted, as it stands. Pure; any thread.
#pragma once

#include "events/events.hpp"
#include "projections/stamp.hpp"

namespace pesan {

void fold_booking(const ResourceEvent& event, const Stamp& at, RowChanges& changes);

}  // namespace pesan
