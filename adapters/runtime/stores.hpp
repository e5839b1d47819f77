// Where the read models are: `--store` as a URL, and opening what it names. `sqlite:PATH` is a file
// beside the program, `mysql://user@host:port/database` a server; nobody else asks which it is.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/App.hpp>

#include "adapters/runtime/places.hpp"
#include "engine/snapshot_store.hpp"
#include "projections/read_model.hpp"
#include "projections/rebuild.hpp"

namespace pesan::cli {

enum class StoreAccess : std::uint8_t {
  read,    // show, verify: it must be there and is not changed
  write,   // rebuild: it must be there
  create,  // projectors: a file is made where there is none; a server's tables are made by migrate
};

/// Whether `--store` is on a database server: other machines reach it too, and several processes
/// write to it at a time.
bool is_server(const std::string& url);

void add_store_option(CLI::App& command, Places& places);

Fallible<std::unique_ptr<ReadModel>> open_store(const Places& places,
                                                StoreAccess access = StoreAccess::create);

Fallible<std::unique_ptr<RebuildStore>> open_rebuild(const Places& places);

/// Snapshots of the engines beside the read models; only a server has a place for them.
Fallible<std::unique_ptr<SnapshotStore>> open_snapshots(const Places& places,
                                                        const std::string& log_id);

struct StoreMigration {
  std::optional<std::int64_t> before;  // schema version; nothing: there was no read model
  std::int64_t now = 0;
  std::vector<std::string> said{};  // what was amiss and is mended, a sentence each
};
/// Brings the schema to this program's version, makes it where there is none, and looks at what is
/// there.
Fallible<StoreMigration> migrate_store(const Places& places);

}  // namespace pesan::cli
