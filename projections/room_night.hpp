// The fold of `room_night`: how many units of a nightly room are held in each night. It moves only
// by the difference between what a booking held before and holds after, night by night. Pure; any
// thread.
#pragma once

#include "events/events.hpp"
#include "projections/stamp.hpp"

namespace pesan {

void fold_room_night(const ResourceEvent& event, const Stamp& at, RowChanges& changes);

}  // namespace pesan
