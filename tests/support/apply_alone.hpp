// A round of one source, for tests of what a read model makes of it. Any thread.
#pragma once

#include <optional>
#include <span>

#include "projections/read_model.hpp"

namespace pesan {

inline Fallible<void> apply_alone(ReadModel& model, const RowChanges& changes,
                                  const std::optional<Checkpoint>& expected,
                                  const Checkpoint& next) {
  SourceChanges one{.changes = &changes, .expected = expected, .next = next};
  return model.apply(std::span(&one, 1));
}

}  // namespace pesan
