// The SnapshotStore port on the table engine_snapshot of the read models' database: where a log is
// on Kafka, this is what its machines share already. A snapshot is as many rows as it has chunks,
// put and removed in one transaction. Each call opens a connection of its own: they are rare. Any
// thread; any number of processes.
#pragma once

#include <string>

#include "adapters/mysql/address.hpp"
#include "engine/snapshot_store.hpp"

namespace pesan {

class SnapshotTable final : public SnapshotStore {
 public:
  /// The table is made by `migrate`.
  SnapshotTable(mysql::Credentials credentials, std::string log_id);

  Fallible<std::vector<SnapshotName>> list(Partition partition) override;
  Fallible<std::string> fetch(const SnapshotName& name) override;
  Fallible<void> put(const SnapshotName& name, std::string_view image) override;
  Fallible<void> prune(Partition partition, std::size_t keep) override;

 private:
  /// The condition of the rows of a partition, or of one snapshot.
  std::string of(Partition partition) const;
  std::string of(const SnapshotName& name) const;

  mysql::Credentials credentials_;
  std::string log_id_;
};

}  // namespace pesan
