// The fold of `payment`: a row for every PaymentRecorded, kept when its booking is deleted. Pure;
// any thread.
#pragma once

#include "events/events.hpp"
#include "projections/stamp.hpp"

namespace pesan {

void fold_payment(const ResourceEvent& event, const Stamp& at, RowChanges& changes);

}  // namespace pesan
