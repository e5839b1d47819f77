// How many commands of a partition wait for their answer, measured from outside: by the end of the
// last result and how far commands are written, whichever process decides them, and also where a
// transaction that somebody left open hides them from the engine. One thread.
#pragma once

#include <cstdint>
#include <optional>

#include "events/log.hpp"

namespace pesan::metrics {

struct Waiting {
  Partition partition;
  std::int64_t commands = 0;  // at most: marks of transactions count among them
  double seconds = 0;         // since the first of them; 0 without one
};

class WaitingMeasure {
 public:
  explicit WaitingMeasure(Partition partition) : partition_(partition) {}

  Fallible<void> look(LogReader& log, Instant now);
  /// As of the last look that succeeded; nothing before.
  std::optional<Waiting> at(Instant now) const;

 private:
  Fallible<void> find_last_answer(LogReader& log);

  Partition partition_;
  std::optional<Offset> results_end_;  // as of `next_`
  std::optional<Offset> next_;         // the command after the last answered one
  std::int64_t commands_ = 0;
  std::optional<Offset> hidden_from_;  // where an open transaction was first seen …
  Instant hidden_since_;               // … and when
  std::optional<Instant> since_;
  bool measured_ = false;
};

}  // namespace pesan::metrics
