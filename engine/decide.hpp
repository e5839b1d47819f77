// decide(state, command, now): every rule of docs/domain.md in its stage - look up, guard,
// fit, transition, capacity - and the first that applies is the outcome. Pure: no I/O, no clock, no
// memory of its own. The decider of each command is one function that reads from top to bottom like
// the rule; resources stand in decide_resource.cpp, bookings in decide_booking.cpp and
// decide_change.cpp.
#pragma once

#include <expected>
#include <optional>

#include "engine/state.hpp"
#include "events/commands.hpp"
#include "events/events.hpp"
#include "events/rejection.hpp"

namespace pesan {

/// Where the event would stand, and when.
struct Moment {
  Instant now;
  Sequence next_sequence;
  Partition partition;
};

/// One event, or nothing to change, or the reason why not. Borrows from command, state and scratch.
using Decision = std::expected<std::optional<Event>, Rejection>;

/// Texts that a decision makes and its event borrows (an assigned booking id).
using Scratch = std::string;

Decision decide(const State& state, const Command& command, const Moment& moment, Scratch& scratch);

}  // namespace pesan
