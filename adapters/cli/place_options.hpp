// The options that say where things are: `--log`, `--store`, `--snapshots` and what goes with them.
#pragma once

#include <cstdint>
#include <optional>

#include <CLI/App.hpp>

#include "adapters/runtime/installation.hpp"

namespace pesan::cli {

void add_log_option(CLI::App& command, runtime::Places& places);
void add_store_option(CLI::App& command, runtime::Places& places);
void add_snapshot_option(CLI::App& command, runtime::Places& places);

/// `--partitions` of subcommands that make a log where there is none.
void add_partitions_option(CLI::App& command, std::optional<std::int32_t>& partitions);
/// Wrong usage where a log has other than were asked for: the number is fixed when a log is made.
Fallible<void> check_partitions(std::int32_t of_the_log, std::optional<std::int32_t> asked);

}  // namespace pesan::cli
