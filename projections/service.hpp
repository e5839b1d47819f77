// The fold of `service`: a row a service, as it was last defined or changed. Pure; any thread.
#pragma once

#include "events/events.hpp"
#include "projections/stamp.hpp"

namespace pesan {

void fold_service(const ResourceEvent& event, const Stamp& at, RowChanges& changes);

}  // namespace pesan
