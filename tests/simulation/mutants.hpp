// Canaries: ways in which pesan could be wrong, one at a time, to prove that the harness would say
// so. None of them leaves a trace in the production code. Some are ports that break a promise
// (nature.hpp asks for them); the others replace one function at link time: the linker sends calls
// of the functions in mutants.wrap to mutants.cpp, which passes them on unless a mutant is active.
// That is cleaner than mutants compiled from copies: what is tested is the very code that ships,
// and a function that changes its name or leaves its file no longer links, so no mutant grows stale
// in silence. Set by one thread before its run; the runs of a program follow one another.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "events/vocabulary.hpp"

namespace pesan::simulation {

enum class Mutant : std::uint8_t {
  none,
  no_capacity_check,
  capacity_off_by_one,
  outcomes_not_restored,      // recovery knows the position, and no outcome
  repeat_decided_again,       // the memory is there and nobody asks it
  compare_and_set_removed,    // of the read model's checkpoint
  gap_check_removed,          // a reader of events goes on behind a gap
  forwarded_command_dropped,  // answered as forwarded, and not in the transaction
  used_nights_given_back,
  position_from_offset_alone,  // the engine's, whatever results say
  registry_from_offset_alone,  // the registry's, whatever its own log says
  fencing_removed,             // a replaced writer's commit goes through
  round_kept_after_abort,      // the state is not rolled back; position and memory are
  hold_without_a_place,        // a booking on hold does not occupy
  expiry_whatever_is_paid,
  timers_remembered_over_restarts,  // as sent, though the round may have been lost
};

/// What calls of the replaced functions are to do.
void activate(Mutant mutant);

}  // namespace pesan::simulation

template <>
struct pesan::EnumNames<pesan::simulation::Mutant> {
  static constexpr std::array<std::string_view, 16> names{"none",
                                                          "no_capacity_check",
                                                          "capacity_off_by_one",
                                                          "outcomes_not_restored",
                                                          "repeat_decided_again",
                                                          "compare_and_set_removed",
                                                          "gap_check_removed",
                                                          "forwarded_command_dropped",
                                                          "used_nights_given_back",
                                                          "position_from_offset_alone",
                                                          "registry_from_offset_alone",
                                                          "fencing_removed",
                                                          "round_kept_after_abort",
                                                          "hold_without_a_place",
                                                          "expiry_whatever_is_paid",
                                                          "timers_remembered_over_restarts"};
};
