// The places for snapshots that this build has, each put through the contract.
#include <gtest/gtest.h>

#include "adapters/files/snapshot_folder.hpp"
#include "adapters/mysql/migration.hpp"
#include "adapters/mysql/snapshot_table.hpp"
#include "tests/support/memory_snapshots.hpp"
#include "tests/support/must.hpp"
#include "tests/support/mysql_server.hpp"
#include "tests/support/temp_folder.hpp"

namespace pesan {
namespace {

struct MemoryHarness {
  SnapshotStore& store() { return memory; }
  SnapshotStore& other() { return memory; }
  SnapshotStore& elsewhere() { return another; }

  MemorySnapshots memory;
  MemorySnapshots another;
};

struct FolderHarness {
  SnapshotStore& store() { return first; }
  SnapshotStore& other() { return second; }
  SnapshotStore& elsewhere() { return another; }

  TempFolder folder;
  SnapshotFolder first{folder / "deep/snapshots", "log"};
  SnapshotFolder second{folder / "deep/snapshots", "log"};
  SnapshotFolder another{folder / "deep/snapshots", "other"};
};

/// On the MariaDB (or MySQL) of tests/support/mysql_server.hpp.
struct TableHarness {
  TableHarness() { must(mysql::migrate(credentials)); }
  SnapshotStore& store() { return first; }
  SnapshotStore& other() { return second; }
  SnapshotStore& elsewhere() { return another; }

  TestDatabase database;
  mysql::Credentials credentials{.address = must(mysql::parse_address(database.url())),
                                 .password = {}};
  SnapshotTable first{credentials, "log"};
  SnapshotTable second{credentials, "log"};
  SnapshotTable another{credentials, "other"};
};

using SnapshotHarnesses = ::testing::Types<MemoryHarness, FolderHarness, TableHarness>;

}  // namespace
}  // namespace pesan

#include "tests/contract/snapshot_contract.hpp"
