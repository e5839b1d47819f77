// The options that all subcommands with roles share: memory of outcomes, batch size, parked
// commands, snapshots.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <CLI/App.hpp>

#include "adapters/runtime/roles.hpp"

namespace pesan::cli {

struct RoleFlags {
  std::size_t remember = 1'000'000;
  std::size_t batch = 2000;
  std::vector<std::string> parked{};  // PARTITION-OFFSET
  bool clear_phone = false;
  std::string timers = "on";
  runtime::RoleSettings settings{};
};

/// Those of the roles that a command runs.
void add_role_flags(CLI::App& command, RoleFlags& flags, runtime::Places& places,
                    const std::set<runtime::RoleKind>& roles);

/// A failure where a parked command is not `PARTITION-OFFSET`.
Fallible<runtime::RoleOptions> role_options(const RoleFlags& flags);

}  // namespace pesan::cli
