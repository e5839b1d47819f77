// A partition's events and results folded up to some place, and where that place is. State comes
// from events; position, clock and memory of outcomes come from results: two halves that do not
// touch, so that they may end at different moments, as they do in a snapshot that was made beside a
// running engine. One thread uses a Replay; `catch_up` may read with one more.
#pragma once

#include <future>
#include <memory>
#include <optional>
#include <stop_token>

#include "engine/command_processor.hpp"

namespace pesan {

/// The last record of a topic that was folded, by which its place is recognised again.
struct ReadMark {
  Offset offset;
  Digest digest;
  bool operator==(const ReadMark&) const = default;
};

struct ReplayMarks {
  std::optional<ReadMark> event;   // LogOpened at least, once something was read
  std::optional<ReadMark> result;  // nothing: there is none yet
  Sequence needed;                 // of the last event that a command made, and so has a result
  Sequence answered;               // of the last result that is no repeat
  bool operator==(const ReplayMarks&) const = default;
};

struct Replay {
  std::unique_ptr<CommandProcessor> processor;
  ReplayMarks marks;
};

struct CatchUp {
  /// Events and results are read side by side; `deferred`: one after the other, by the caller.
  std::launch threads = std::launch::async;
  std::stop_token stop;  // asked between two reads; then `transient`
};

/// Folds what is committed after the marks. A record that does not fit is `fatal`.
Fallible<void> catch_up(LogReader& log, Replay& replay, const CatchUp& how);

}  // namespace pesan
