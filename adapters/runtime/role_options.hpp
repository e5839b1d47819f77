// The options that all subcommands with roles share: memory of outcomes, batch size, parked
// commands.
#pragma once

#include <string>
#include <vector>

#include <CLI/App.hpp>

#include "adapters/runtime/places.hpp"
#include "adapters/runtime/roles.hpp"
#include "adapters/runtime/snapshot_places.hpp"

namespace pesan::cli {

struct RoleFlags {
  std::size_t remember = 1'000'000;
  std::size_t batch = 2000;
  std::vector<std::string> parked;  // PARTITION-OFFSET
  bool clear_phone = false;
  std::string instance;  // of this process, in its consumer groups
  SnapshotFlags snapshots;
};

/// Roles that a command runs, whose options it has.
struct RolesRun {
  bool engine = true;
  bool registry = true;
};
void add_role_flags(CLI::App& command, RoleFlags& flags, RolesRun run);

/// A failure where a parked command is not `PARTITION-OFFSET`.
Fallible<RoleOptions> role_options(const RoleFlags& flags);

/// Where the roles run: what embedded files settle by locks and by one look for all, and on Kafka
/// by consumer groups and with a thread for each engine; and where their snapshots are. A failure
/// is wrong usage.
Fallible<void> place_roles(RoleOptions& options, const RoleFlags& flags, const Places& places,
                           const OpenedLog& log);

/// Parked commands as they stand in the log now. A failure where one names no command that is
/// there: it would set aside whatever comes to that place. Warns of those that have no effect: they
/// are decided already, as after a restart, or this process runs no engine.
Fallible<void> check_parked(const RoleOptions& options, LogReader& log, bool runs_engine);

}  // namespace pesan::cli
