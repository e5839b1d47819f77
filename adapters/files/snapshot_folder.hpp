// The SnapshotStore port on a folder: one file a snapshot, below a folder for each log,
// `<log_id>/<partition>-<serial>-<results>.image`. A file is written beside its place, synced and
// renamed, so that what has the name is whole. The folder may be this machine's own or one that
// machines share. Any thread; any number of processes.
#pragma once

#include <filesystem>
#include <string>

#include "engine/snapshot_store.hpp"

namespace pesan {

class SnapshotFolder final : public SnapshotStore {
 public:
  /// Nothing is made before the first `put`. The log's id is one name: no path, not `..`.
  SnapshotFolder(const std::string& folder, const std::string& log_id);

  Fallible<std::vector<SnapshotName>> list(Partition partition) override;
  Fallible<std::string> fetch(const SnapshotName& name) override;
  Fallible<void> put(const SnapshotName& name, std::string_view image) override;
  Fallible<void> prune(Partition partition, std::size_t keep) override;

 private:
  std::string path_of(const SnapshotName& name) const;

  std::filesystem::path folder_;
};

}  // namespace pesan
