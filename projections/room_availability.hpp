// The fold of `room_availability`: a row a room type, what is held of it and by how many bookings.
// Pure; any thread.
#pragma once

#include "events/events.hpp"
#include "projections/stamp.hpp"

namespace pesan {

void fold_room_availability(const ResourceEvent& event, const Stamp& at, RowChanges& changes);

}  // namespace pesan
