// The fold of `schedule_capacity`: a row a slot of a service, its times and what is held of it.
// Pure; any thread.
#pragma once

#include "events/events.hpp"
#include "projections/stamp.hpp"

namespace pesan {

void fold_schedule_capacity(const ResourceEvent& event, const Stamp& at, RowChanges& changes);

}  // namespace pesan
