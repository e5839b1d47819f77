// The whole fold: one event of a topic into changes of every table of that topic. Pure, and dumb:
// no rule, no clock, no time zone. Any thread.
#pragma once

#include <cstdint>

#include "events/events.hpp"
#include "projections/row_change.hpp"

namespace pesan {

/// Raised whenever the same events would give other rows; a read model made by another fold has to
/// be rebuilt, never continued.
inline constexpr std::int64_t fold_version = 2;

void fold_event(const LoggedEvent& event, RowChanges& changes);
void fold_event(const LoggedCustomerEvent& event, RowChanges& changes);

}  // namespace pesan
