// The ReadModel port on one SQLite file: the embedded default. WAL with synchronous=FULL, so that
// what apply answered is on the disk; any number of processes may read at the same time, each in a
// snapshot of its own. One object belongs to one thread; open one a thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "adapters/sqlite/database.hpp"
#include "adapters/sqlite/read_model_schema.hpp"
#include "adapters/sqlite/read_model_writer.hpp"
#include "projections/read_model.hpp"

namespace pesan {

struct ReadModelOptions {
  enum class Access : std::uint8_t {
    read,    // show, verify: the file must be there and is not changed
    write,   // projectors, rebuild: the file must be there
    create,  // made where it is not there, folder and all
  };
  std::string path;
  Access access = Access::write;
  std::chrono::milliseconds busy_timeout{5000};
};

class SqliteReadModel final : public ReadModel {
 public:
  /// A foreign, damaged or newer file is refused with a sentence and left as it is; an older one is
  /// brought up to date. With write access a rebuild that was killed is ended first.
  static Fallible<std::unique_ptr<SqliteReadModel>> open(const ReadModelOptions& options,
                                                         Side side = Side::live);

  /// Whether there is a read model at the path. A foreign file is a failure.
  static Fallible<bool> exists(const std::string& path);

  Fallible<void> apply(std::span<SourceChanges> round) override;
  Fallible<std::optional<Checkpoint>> checkpoint(TopicPartition source) override;
  Fallible<std::unique_ptr<ReadSnapshot>> snapshot() override;
  Fallible<void> settle_rebuild() override;

  /// Adds whole rows where there are none, in a transaction of its own: for a rebuild, which moves
  /// no checkpoint until all are there.
  Fallible<void> load(Table table, std::span<const RowChange* const> rows);

 private:
  SqliteReadModel(sqlite::OpenOptions options, Side side, sqlite::Database database)
      : options_(std::move(options)),
        side_(side),
        database_(std::move(database)),
        writer_(database_, side) {}

  sqlite::OpenOptions options_;
  Side side_;
  sqlite::Database database_;
  sqlite::ReadModelWriter writer_;
};

}  // namespace pesan
