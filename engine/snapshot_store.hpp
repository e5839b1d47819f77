// Where snapshots are kept: whole state images of one log's partitions, several of each, the newest
// last made. A store promises that what it lists was put whole; it does not promise that it is
// right, and nobody may take it for the log. Any thread may use one; several processes may use the
// same place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "events/failure.hpp"
#include "events/ids.hpp"

namespace pesan {

struct SnapshotName {
  Partition partition;
  std::int64_t serial = 0;  // one made later has a higher one, wherever it stands in the log
  Offset results;           // it is of the results before this offset
  bool operator==(const SnapshotName&) const = default;
};

class SnapshotStore {
 public:
  SnapshotStore() = default;
  SnapshotStore(const SnapshotStore&) = delete;
  SnapshotStore& operator=(const SnapshotStore&) = delete;
  virtual ~SnapshotStore() = default;

  /// The newest first; none where there is no place yet.
  virtual Fallible<std::vector<SnapshotName>> list(Partition partition) = 0;
  virtual Fallible<std::string> fetch(const SnapshotName& name) = 0;
  /// All of it or nothing, whatever is killed; what has the same name is replaced.
  virtual Fallible<void> put(const SnapshotName& name, std::string_view image) = 0;
  /// Removes all of a partition but the newest `keep`, and what killed writers left half done.
  virtual Fallible<void> prune(Partition partition, std::size_t keep) = 0;
};

}  // namespace pesan
