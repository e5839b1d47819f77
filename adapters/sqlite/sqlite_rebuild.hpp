// The RebuildStore port on a SQLite file: a second set of tables named rebuild_…, swapped for the
// live ones in one transaction, since SQLite's renames commit with everything else. So a kill
// either leaves the live side as it was, and the next start undoes the rest, or the new one. An
// flock on
// `<file>-rebuild.lock` tells a killed rebuild from a living one. One thread.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "adapters/sqlite/database.hpp"
#include "adapters/sqlite/server_lock.hpp"
#include "adapters/sqlite/sqlite_read_model.hpp"
#include "projections/rebuild.hpp"

namespace pesan {

class SqliteRebuild final : public RebuildStore {
 public:
  /// Of the read model at `options.path`, which must be there.
  static Fallible<std::unique_ptr<SqliteRebuild>> open(const ReadModelOptions& options);

  Fallible<void> begin(Topic topic) override;
  Fallible<void> load(Table table, std::span<const RowChange* const> rows) override;
  ReadModel& shadow() override { return *shadow_; }
  Fallible<void> freeze() override;
  Fallible<void> swap() override;
  Fallible<void> undo() override;

 private:
  SqliteRebuild(ReadModelOptions options, sqlite::Database database)
      : options_(std::move(options)), database_(std::move(database)) {}

  ReadModelOptions options_;
  sqlite::Database database_;
  std::optional<sqlite::ServerLock> lock_;  // held from begin to swap or undo
  std::unique_ptr<SqliteReadModel> shadow_;
  Topic topic_ = Topic::events;
};

namespace sqlite {

/// Undoes a rebuild that began and whose process is gone.
Fallible<void> settle_rebuild(Database& database, const std::string& path);

}  // namespace sqlite
}  // namespace pesan
