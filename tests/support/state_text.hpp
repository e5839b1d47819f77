// What is visible of a partition's state, as text: two states are equal to every rule when their
// texts are. And a naive recount of what is held, to compare the counts with. Pure.
#pragma once

#include <string>

#include "engine/state.hpp"

namespace pesan {

std::string text_of(const State& state);

/// "" when every count is the sum of what bookings hold, a counter's that of the bookings that
/// occupy, and no bucket is over its limit but where a limit of `over_allowed` says so; else the
/// first that is not.
std::string wrong_count_in(const State& state);

}  // namespace pesan
