#include "adapters/sqlite/sqlite_read_model.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "adapters/sqlite/read_model_file.hpp"
#include "adapters/sqlite/sqlite_rebuild.hpp"
#include "adapters/sqlite/stored_row.hpp"

namespace pesan {
namespace {

using sqlite::Database;
using sqlite::Statement;

sqlite::Access access_of(ReadModelOptions::Access access) {
  switch (access) {
    case ReadModelOptions::Access::read: return sqlite::Access::read;
    case ReadModelOptions::Access::write: return sqlite::Access::write;
    case ReadModelOptions::Access::create: return sqlite::Access::create;
  }
  return sqlite::Access::read;
}

class SqliteCursor final : public RowCursor {
 public:
  SqliteCursor(Statement statement, std::size_t columns)
      : statement_(std::move(statement)), columns_(columns) {}

  Fallible<bool> next(StoredRow& row) override {
    const auto more = statement_.step();
    if (!more || !*more) return more;
    sqlite::take_row(statement_, columns_, row);
    return true;
  }

 private:
  Statement statement_;
  std::size_t columns_;
};

class SqliteSnapshot final : public ReadSnapshot {
 public:
  SqliteSnapshot(Database database, Side side) : database_(std::move(database)), side_(side) {}

  /// A read transaction sees nothing until its first read: that is made here.
  Fallible<void> begin() {
    auto transaction = database_.begin_read();
    if (!transaction) return std::unexpected(std::move(transaction.error()));
    transaction_.emplace(std::move(*transaction));
    auto checkpoints = read_checkpoints(database_, side_);
    if (!checkpoints) return std::unexpected(std::move(checkpoints.error()));
    checkpoints_ = std::move(*checkpoints);
    return {};
  }
  Fallible<std::vector<Checkpoint>> checkpoints() override { return checkpoints_; }
  Fallible<std::unique_ptr<RowCursor>> scan(Table table) override {
    const TableDescription& description = describe(table);
    std::string order(description.columns[0].name);
    for (std::size_t i = 1; i < description.key_columns; ++i) {
      order += fmt::format(", {}", description.columns[i].name);
    }
    auto statement = database_.prepare(fmt::format("SELECT {} FROM {} ORDER BY {}",
                                                   column_list(description, true),
                                                   table_name(description, side_), order));
    if (!statement) return std::unexpected(std::move(statement.error()));
    return std::make_unique<SqliteCursor>(std::move(*statement), description.width());
  }

 private:
  Database database_;
  Side side_;
  std::optional<sqlite::FileTransaction> transaction_;  // ends before the connection
  std::vector<Checkpoint> checkpoints_;
};

}  // namespace

Fallible<std::unique_ptr<SqliteReadModel>> SqliteReadModel::open(const ReadModelOptions& options,
                                                                 Side side) {
  sqlite::OpenOptions file{.path = options.path,
                           .access = access_of(options.access),
                           .busy_timeout = options.busy_timeout};
  auto database = sqlite::open_read_model(file);
  if (!database) return std::unexpected(std::move(database.error()));
  if (side == Side::shadow) {
    // Nobody reads what a killed rebuild wrote, so its commits need not reach the disk by
    // themselves; the commit of the swap, by another connection, takes them along.
    auto relaxed = database->execute("PRAGMA synchronous = NORMAL");
    if (!relaxed) return std::unexpected(std::move(relaxed.error()));
  }
  std::unique_ptr<SqliteReadModel> model(new SqliteReadModel(file, side, std::move(*database)));
  if (options.access != ReadModelOptions::Access::read && side == Side::live) {
    if (auto settled = model->settle_rebuild(); !settled) return std::unexpected(settled.error());
  }
  return model;
}

Fallible<bool> SqliteReadModel::exists(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return false;
  auto database = Database::open({.path = path, .access = sqlite::Access::read});
  if (!database) return std::unexpected(std::move(database.error()));
  const auto identity = sqlite::identify(*database, sqlite::read_model_file);
  if (!identity) return std::unexpected(identity.error());
  return !identity->empty;
}

Fallible<void> SqliteReadModel::apply(std::span<SourceChanges> round) {
  auto transaction = database_.begin();
  if (!transaction) return std::unexpected(std::move(transaction.error()));
  if (auto moved = writer_.move_checkpoints(round); !moved) return moved;
  for (const SourceChanges& one : round) {
    if (auto written = writer_.write(*one.changes); !written) return written;
  }
  return transaction->commit();
}

Fallible<void> SqliteReadModel::load(Table table, std::span<const RowChange* const> rows) {
  auto transaction = database_.begin();
  if (!transaction) return std::unexpected(std::move(transaction.error()));
  for (const RowChange* row : rows) {
    if (auto written = writer_.write(table, *row); !written) return written;
  }
  return transaction->commit();
}

Fallible<std::optional<Checkpoint>> SqliteReadModel::checkpoint(TopicPartition source) {
  auto found = read_checkpoints(database_, side_, source);
  if (!found) return std::unexpected(std::move(found.error()));
  if (found->empty()) return std::nullopt;
  return std::move(found->front());
}

Fallible<std::unique_ptr<ReadSnapshot>> SqliteReadModel::snapshot() {
  sqlite::OpenOptions options = options_;
  if (options.access != sqlite::Access::immutable) options.access = sqlite::Access::read;
  auto database = Database::open(options);
  if (!database) return std::unexpected(std::move(database.error()));
  auto snapshot = std::make_unique<SqliteSnapshot>(std::move(*database), side_);
  if (auto begun = snapshot->begin(); !begun) return std::unexpected(std::move(begun.error()));
  return snapshot;
}

Fallible<void> SqliteReadModel::settle_rebuild() {
  if (side_ == Side::shadow) return {};  // it is the rebuild
  return sqlite::settle_rebuild(database_, options_.path);
}

}  // namespace pesan
