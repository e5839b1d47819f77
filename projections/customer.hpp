// The fold of `customer` and `customer_booking`, from the registry's events. Pure; any thread.
#pragma once

#include "events/events.hpp"
#include "projections/stamp.hpp"

namespace pesan {

void fold_customer(const CustomerEventBody& event, const Stamp& at, RowChanges& changes);

}  // namespace pesan
