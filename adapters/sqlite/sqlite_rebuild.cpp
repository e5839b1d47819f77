#include "adapters/sqlite/sqlite_rebuild.hpp"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "adapters/sqlite/made_by_others.hpp"
#include "adapters/sqlite/read_model_file.hpp"
#include "adapters/sqlite/read_model_schema.hpp"

namespace pesan {
namespace {

using sqlite::Database;
using sqlite::ServerLock;

Fallible<std::optional<ServerLock>> lock_rebuild(const std::string& path) {
  return ServerLock::try_acquire(path + "-rebuild");
}

/// Drops the second set and thaws what was frozen, inside the caller's transaction. A live
/// checkpoint is only ever frozen by a rebuild.
Fallible<void> undo_inside(Database& database) {
  std::string sql;
  for (const TableDescription& table : tables::all) {
    sql += fmt::format("DROP TABLE IF EXISTS {};\n", table_name(table, Side::shadow));
  }
  sql += fmt::format("DROP TABLE IF EXISTS {};\n", table_name(tables::checkpoint, Side::shadow));
  sql += thaw_sql() + ";\n";
  sql += "DELETE FROM meta WHERE name = 'rebuild_topic';";
  return database.execute(sql);
}

Fallible<bool> is_pending(Database& database) {
  const auto count =
      database.query_integer("SELECT count(*) FROM meta WHERE name = 'rebuild_topic'");
  if (!count) return std::unexpected(count.error());
  return *count != 0;
}

}  // namespace

Fallible<std::unique_ptr<SqliteRebuild>> SqliteRebuild::open(const ReadModelOptions& options) {
  sqlite::OpenOptions file{
      .path = options.path, .access = sqlite::Access::write, .busy_timeout = options.busy_timeout};
  auto database = sqlite::open_read_model(file);
  if (!database) return std::unexpected(std::move(database.error()));
  // The drop of a table keeps its pages until the statement's end: not in memory.
  if (auto set = database->execute("PRAGMA temp_store = FILE"); !set) {
    return std::unexpected(std::move(set.error()));
  }
  return std::unique_ptr<SqliteRebuild>(new SqliteRebuild(options, std::move(*database)));
}

Fallible<void> SqliteRebuild::begin(Topic topic) {
  topic_ = topic;
  auto lock = lock_rebuild(options_.path);
  if (!lock) return std::unexpected(std::move(lock.error()));
  if (!*lock) {
    return fail(FailureKind::conflict,
                fmt::format("another process is rebuilding {}", options_.path));
  }
  lock_ = std::move(**lock);

  auto transaction = database_.begin();
  if (!transaction) return std::unexpected(std::move(transaction.error()));
  if (auto undone = undo_inside(database_); !undone) return undone;
  std::string sql;
  for (const TableDescription& table : tables::all) {
    if (table.source == topic) sql += sqlite::create_table(table, Side::shadow);
  }
  sql += sqlite::create_table(tables::checkpoint, Side::shadow);
  sql +=
      fmt::format("INSERT INTO meta (name, value) VALUES ('rebuild_topic', '{}');", name_of(topic));
  if (auto made = database_.execute(sql); !made) return made;
  if (auto done = transaction->commit(); !done) return done;

  ReadModelOptions options = options_;
  options.access = ReadModelOptions::Access::write;
  auto shadow = SqliteReadModel::open(options, Side::shadow);
  if (!shadow) return std::unexpected(std::move(shadow.error()));
  shadow_ = std::move(*shadow);
  return {};
}

Fallible<void> SqliteRebuild::load(Table table, std::span<const RowChange* const> rows) {
  return shadow_->load(table, rows);
}

Fallible<void> SqliteRebuild::freeze() {
  auto transaction = database_.begin();
  if (!transaction) return std::unexpected(std::move(transaction.error()));
  auto frozen = database_.execute(freeze_sql(fmt::format("topic = '{}'", name_of(topic_))));
  if (!frozen) return frozen;
  return transaction->commit();
}

Fallible<void> SqliteRebuild::swap() {
  shadow_.reset();
  {
    auto transaction = database_.begin();
    if (!transaction) return std::unexpected(std::move(transaction.error()));
    const std::string live = table_name(tables::checkpoint, Side::live);
    const std::string shadow = table_name(tables::checkpoint, Side::shadow);
    const auto moving = database_.query_integer(fmt::format(
        "SELECT count(*) FROM {} WHERE topic = '{}' AND fold > 0", live, name_of(topic_)));
    if (!moving) return std::unexpected(moving.error());
    if (*moving != 0) {
      return fail(FailureKind::conflict,
                  fmt::format("a partition of {} was projected for the first time meanwhile; "
                              "run the rebuild again",
                              name_of(topic_)));
    }
    const auto made_by_others = sqlite::indexes_and_triggers(database_);
    if (!made_by_others) return std::unexpected(made_by_others.error());
    // Views name the tables that go. This program's come back with the new ones; others stay, and
    // are read again only when somebody asks them.
    std::string sql = "PRAGMA legacy_alter_table = ON;\n" + sqlite::drop_views();
    for (const TableDescription& table : tables::all) {
      if (table.source != topic_) continue;
      sql += fmt::format("DROP TABLE {};\nALTER TABLE {} RENAME TO {};\n", table.name,
                         table_name(table, Side::shadow), table.name);
    }
    const std::string columns = column_list(tables::checkpoint, true);
    sql += fmt::format(
        "DELETE FROM {0} WHERE topic = '{1}';\n"
        "INSERT INTO {0} ({2}) SELECT {2} FROM {3};\n"
        "DROP TABLE {3};\n"
        "DELETE FROM meta WHERE name = 'rebuild_topic';\n",
        live, name_of(topic_), columns, shadow);
    sql += sqlite::create_views();
    if (auto swapped = database_.execute(sql); !swapped) return swapped;
    if (auto again = sqlite::make_again(database_, *made_by_others); !again) return again;
    if (auto done = transaction->commit(); !done) return done;
  }
  lock_.reset();
  return {};
}

Fallible<void> SqliteRebuild::undo() {
  shadow_.reset();
  if (!lock_) return {};  // it never began, or is over
  auto transaction = database_.begin();
  if (!transaction) return std::unexpected(std::move(transaction.error()));
  if (auto undone = undo_inside(database_); !undone) return undone;
  if (auto done = transaction->commit(); !done) return done;
  lock_.reset();
  return {};
}

namespace sqlite {

Fallible<void> settle_rebuild(Database& database, const std::string& path) {
  const auto pending = is_pending(database);
  if (!pending) return std::unexpected(pending.error());
  if (!*pending) return {};
  const auto lock = lock_rebuild(path);
  if (!lock) return std::unexpected(lock.error());
  if (!*lock) return {};  // it lives

  auto transaction = database.begin();
  if (!transaction) return std::unexpected(std::move(transaction.error()));
  const auto still_pending = is_pending(database);  // it may have ended before the lock was ours
  if (!still_pending) return std::unexpected(still_pending.error());
  if (!*still_pending) return {};
  if (auto undone = undo_inside(database); !undone) return undone;
  return transaction->commit();
}

}  // namespace sqlite
}  // namespace pesan
