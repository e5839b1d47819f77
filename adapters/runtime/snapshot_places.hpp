// Where snapshots are, and how often one is made. `--snapshots` is `file:FOLDER`, `store` (a table
// in the database of the read models) or `none`. Where nothing is said: beside an embedded log, and
// for a log on Kafka the database of a mysql:// store, which all its machines reach.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <CLI/App.hpp>

#include "adapters/runtime/places.hpp"
#include "adapters/runtime/snapshotter.hpp"

namespace pesan::cli {

struct SnapshotFlags {
  std::string place;  // empty: as fits the log
  std::int64_t every = 100'000;
};

void add_snapshot_flags(CLI::App& command, SnapshotFlags& flags);

/// A failure where `--snapshots` names no place that these read models have: wrong usage.
Fallible<SnapshotOptions> snapshot_options(const SnapshotFlags& flags, const Places& places,
                                           const OpenedLog& log);

/// Those that stand in a folder, to be read; nullptr where they are elsewhere, or nowhere.
std::unique_ptr<SnapshotStore> snapshots_in_a_folder(const SnapshotFlags& flags,
                                                     const Places& places, const OpenedLog& log);

}  // namespace pesan::cli
