// Snapshots in recovery: the newest state image that fits the log, and the tail after it, instead
// of the whole log. A snapshot is never trusted over the log: one that is damaged, of another log,
// partition or format, of a past that the log does not have, or that the tail does not fit, is
// passed over with a sentence; after the last one the whole log is replayed. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string_view>

#include "engine/log_writer.hpp"
#include "engine/replay.hpp"
#include "engine/snapshot_store.hpp"

namespace pesan {

struct RecoveryOptions {
  Partition partition;
  std::size_t remember = 1'000'000;
  std::set<Offset> parked;             // commands to set aside
  SnapshotStore* snapshots = nullptr;  // none: the whole log is replayed
  std::function<void(std::string_view)> say = [](std::string_view) {};     // warns the operator
  std::function<void(std::string_view)> inform = [](std::string_view) {};  // of what was done
  std::function<void(std::int64_t)> replayed = [](std::int64_t) {};  // so many events, at the end
  CatchUp reading;
};

struct Replayed {
  Replay replay;
  std::optional<SnapshotName> from;  // where it began; nothing: at the log's beginning
  std::int64_t events = 0;           // that were replayed
};

/// All that is committed now. `fatal` where the log itself does not fit.
Fallible<Replayed> replay_log(LogReader& log, const RecoveryOptions& options);

struct SnapshotPolicy {
  std::int64_t every = 100'000;  // commands since the newest one
  std::size_t keep = 3;
};

/// Makes a snapshot of all that is committed, where enough came since the newest one; nothing
/// otherwise. It starts from the newest one that is good, so each is proven readable by the next.
Fallible<std::optional<SnapshotName>> make_snapshot(LogReader& log, const RecoveryOptions& options,
                                                    const SnapshotPolicy& policy);

}  // namespace pesan
