// The table of docs/domain.md#status as data.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "events/vocabulary.hpp"

namespace pesan {

enum class Cell : char {
  same = '=',       // accepted, no event
  admin = 'A',      // admin or system
  user = 'U',       // a user too
  system = 'S',     // system only
  forbidden = '-',  // for nobody: invalid_transition
};

constexpr Cell cell(Status from, Status to) {
  constexpr std::array<std::string_view, 7> table{
      // to: pending confirmed in_progress completed cancelled no_show expired
      "=AAAU-S",  // from pending
      "A=AAUA-",  // from confirmed
      "AA=AA--",  // from in_progress
      "AA-=A--",  // from completed
      "AA-A=--",  // from cancelled
      "-AA-A=-",  // from no_show
      "-A--A-=",  // from expired
  };
  return static_cast<Cell>(table[static_cast<std::size_t>(from)][static_cast<std::size_t>(to)]);
}

/// Whether the cell is the actor's; `same` and `forbidden` answer everyone alike.
constexpr bool may_ask(Cell asked, ActorType actor) {
  switch (asked) {
    case Cell::same:
    case Cell::forbidden:
    case Cell::user: return true;
    case Cell::admin: return actor != ActorType::user;
    case Cell::system: return actor == ActorType::system;
  }
  return false;
}

/// Both check-in times clear (docs/domain.md#episodes).
constexpr bool starts_episode(Status from, Status to) {
  if (from == to) return false;
  const bool was_over = from == Status::completed || from == Status::cancelled ||
                        from == Status::no_show || from == Status::expired;
  return to == Status::pending ||
         (was_over && (to == Status::confirmed || to == Status::in_progress));
}

}  // namespace pesan
