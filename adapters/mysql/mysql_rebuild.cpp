#include "adapters/mysql/mysql_rebuild.hpp"

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "adapters/mysql/mysql_error.hpp"
#include "adapters/mysql/named_lock.hpp"
#include "adapters/mysql/read_model_writer.hpp"

namespace pesan {
namespace {

using mysql::Connection;

/// How long the swap waits for readers, each time: nobody can begin to read while it does.
constexpr int rename_patience_s = 1;
constexpr int most_renames = 30;
constexpr std::chrono::milliseconds pause_between_renames{500};

std::string checkpoints(Side side) { return table_name(tables::checkpoint, side); }

/// All tables that a rebuild of any topic may have made on that side.
std::vector<std::string> names(Side side) {
  std::vector<std::string> result;
  for (const TableDescription& table : tables::all) result.push_back(table_name(table, side));
  result.push_back(checkpoints(side));
  return result;
}

/// The tables that a rebuild of the topic swaps.
std::vector<TableDescription> swapped(Topic topic) {
  std::vector<TableDescription> result;
  for (const TableDescription& table : tables::all) {
    if (table.source == topic) result.push_back(table);
  }
  result.push_back(tables::checkpoint);
  return result;
}

Fallible<bool> is_pending(Connection& connection) {
  std::string list;
  for (const Side side : {Side::shadow, Side::retired}) {
    for (const std::string& name : names(side)) {
      list += (list.empty() ? "" : ", ") + mysql::literal(name);
    }
  }
  const auto left = connection.query_integer(
      "look at",
      fmt::format("SELECT (SELECT COUNT(*) FROM information_schema.tables WHERE table_schema ="
                  " DATABASE() AND table_name IN ({})) +"
                  " (SELECT COUNT(*) FROM {} WHERE fold < 0)",
                  list, checkpoints(Side::live)));
  if (!left) return std::unexpected(left.error());
  return *left != 0;
}

/// By the holder of the lock. Live checkpoints are only ever frozen by a rebuild, and those that a
/// swap brought are not.
Fallible<void> thaw(Connection& connection) {
  return connection.execute("thaw the checkpoints of", thaw_sql());
}

Fallible<void> drop_left_over(Connection& connection) {
  std::string list;
  for (const Side side : {Side::shadow, Side::retired}) {
    for (const std::string& name : names(side)) list += (list.empty() ? "" : ", ") + name;
  }
  return connection.execute("tidy up", fmt::format("DROP TABLE IF EXISTS {}", list));
}

Fallible<void> undo_inside(Connection& connection) {
  if (auto thawed = thaw(connection); !thawed) return thawed;
  return drop_left_over(connection);
}

}  // namespace

Fallible<std::unique_ptr<MysqlRebuild>> MysqlRebuild::open(const mysql::Credentials& credentials) {
  return std::unique_ptr<MysqlRebuild>(new MysqlRebuild(credentials));
}

Fallible<void> MysqlRebuild::begin(Topic topic) {
  topic_ = topic;
  auto connection = Connection::open(credentials_);
  if (!connection) return std::unexpected(std::move(connection.error()));
  const auto locked = mysql::try_lock(*connection, mysql::rebuild_lock);
  if (!locked) return std::unexpected(locked.error());
  if (!*locked) {
    return fail(FailureKind::conflict,
                fmt::format("another process is rebuilding {}", connection->where()));
  }
  connection_ = std::move(*connection);

  if (auto undone = undo_inside(*connection_); !undone) return undone;
  for (const TableDescription& table : swapped(topic)) {
    auto made = connection_->execute(
        "make the second tables of",
        fmt::format("CREATE TABLE {} LIKE {}", table_name(table, Side::shadow), table.name));
    if (!made) return made;
  }
  auto gate = connection_->execute("write to", mysql::insert_gate(Side::shadow));
  if (!gate) return gate;
  auto shadow = MysqlReadModel::open(credentials_, MysqlReadModel::Access::write, Side::shadow);
  if (!shadow) return std::unexpected(std::move(shadow.error()));
  shadow_ = std::move(*shadow);
  return {};
}

Fallible<void> MysqlRebuild::load(Table table, std::span<const RowChange* const> rows) {
  return shadow_->load(table, rows);
}

Fallible<void> MysqlRebuild::freeze() {
  // The gate among them: from here on no first checkpoint appears either.
  return connection_->execute("freeze the checkpoints of", freeze_sql());
}

/// The checkpoints of the other topic, whose tables stay, go with the swap as they stand.
Fallible<void> MysqlRebuild::copy_other_checkpoints() {
  auto transaction = connection_->begin();
  if (!transaction) return std::unexpected(std::move(transaction.error()));
  const std::string others =
      fmt::format("projection = {} AND topic <> {}", mysql::literal(projection_name),
                  mysql::literal(name_of(topic_)));
  std::string values;
  for (const Column& column : tables::checkpoint.columns) {
    const std::string name = mysql::quoted_name(column.name);
    values += (values.empty() ? "" : ", ") + (column.name == "fold" ? "ABS(fold)" : name);
  }
  for (const std::string& sql :
       {fmt::format("DELETE FROM {} WHERE {}", checkpoints(Side::shadow), others),
        fmt::format("INSERT INTO {} ({}) SELECT {} FROM {} WHERE {}", checkpoints(Side::shadow),
                    column_list(tables::checkpoint, true), values, checkpoints(Side::live),
                    others)}) {
    if (auto done = connection_->execute("write to", sql); !done) return done;
  }
  return transaction->commit();
}

/// The swap: all or nothing. It waits for readers only shortly, as nobody else can begin to read
/// meanwhile, and lets them go first.
Fallible<void> MysqlRebuild::rename() {
  std::string list;
  for (const TableDescription& table : swapped(topic_)) {
    list +=
        fmt::format("{}{} TO {}, {} TO {}", list.empty() ? "" : ", ", table.name,
                    table_name(table, Side::retired), table_name(table, Side::shadow), table.name);
  }
  const std::string settings = fmt::format("SET SESSION lock_wait_timeout = {}", rename_patience_s);
  if (auto set = connection_->execute("set up", settings); !set) return set;
  for (int attempt = 1; attempt <= most_renames; ++attempt) {
    const auto done =
        connection_->execute_unless_locked("swap the tables of", "RENAME TABLE " + list);
    if (!done) return std::unexpected(done.error());
    if (*done) return {};
    std::this_thread::sleep_for(pause_between_renames);
  }
  return fail(FailureKind::transient,
              fmt::format("the tables of {} could not be swapped: somebody keeps reading them in "
                          "one long transaction (a `pesan verify`, a backup, an open console). "
                          "Nothing was changed; run the rebuild again when it is over",
                          connection_->where()));
}

Fallible<void> MysqlRebuild::swap() {
  shadow_.reset();
  if (auto copied = copy_other_checkpoints(); !copied) return copied;
  if (auto renamed = rename(); !renamed) return renamed;
  // The new side is live; what is left of the old one can wait for the next rebuild.
  if (drop_left_over(*connection_)) (void)mysql::unlock(*connection_, mysql::rebuild_lock);
  connection_.reset();
  return {};
}

Fallible<void> MysqlRebuild::undo() {
  shadow_.reset();
  if (!connection_) return {};  // it never began, or is over
  if (!connection_->usable()) {
    // The lock went with the connection; somebody may have undone it all already.
    connection_.reset();
    auto connection = Connection::open(credentials_);
    if (!connection) return std::unexpected(std::move(connection.error()));
    return mysql::settle_rebuild(*connection);
  }
  auto undone = undo_inside(*connection_);
  if (undone) undone = mysql::unlock(*connection_, mysql::rebuild_lock);
  connection_.reset();
  return undone;
}

namespace mysql {

Fallible<void> settle_rebuild(Connection& connection) {
  const auto pending = is_pending(connection);
  if (!pending) return std::unexpected(pending.error());
  if (!*pending) return {};
  const auto locked = try_lock(connection, rebuild_lock);
  if (!locked) return std::unexpected(locked.error());
  if (!*locked) return {};  // it lives
  if (auto thawed = thaw(connection); !thawed) return thawed;
  // The tables are in nobody's way: a reader that holds one, or an account that may not drop, leave
  // them to the next rebuild.
  if (drop_left_over(connection)) return unlock(connection, rebuild_lock);
  return {};
}

}  // namespace mysql
}  // namespace pesan
