#include "adapters/mysql/snapshot_table.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "adapters/mysql/connection.hpp"
#include "adapters/mysql/table_check.hpp"

namespace pesan {
namespace {

using mysql::Connection;

/// Twice as much travels, in hexadecimal digits, well below every server's max_allowed_packet.
constexpr std::size_t chunk_size = std::size_t{1} << 20;

/// A snapshot comes and goes whole only where the table keeps transactions.
Fallible<Connection> open_checked(const mysql::Credentials& credentials) {
  auto connection = Connection::open(credentials);
  if (!connection) return connection;
  if (auto good = mysql::check_engines(*connection); !good) return std::unexpected(good.error());
  return connection;
}

std::string hexadecimal(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += digits[byte >> 4U];
    text += digits[byte & 0xFU];
  }
  return text;
}

}  // namespace

SnapshotTable::SnapshotTable(mysql::Credentials credentials, std::string log_id)
    : credentials_(std::move(credentials)), log_id_(std::move(log_id)) {}

std::string SnapshotTable::of(Partition partition) const {
  return fmt::format("log_id = {} AND `partition` = {}", mysql::literal(log_id_), partition.value);
}

std::string SnapshotTable::of(const SnapshotName& name) const {
  return fmt::format("{} AND serial = {} AND results = {}", of(name.partition), name.serial,
                     name.results.value);
}

Fallible<std::vector<SnapshotName>> SnapshotTable::list(Partition partition) {
  auto connection = open_checked(credentials_);
  if (!connection) return std::unexpected(std::move(connection.error()));
  auto rows = connection->query(
      "list the snapshots in",
      fmt::format("SELECT serial, results FROM engine_snapshot WHERE {} AND chunk = 0 "
                  "ORDER BY serial DESC, results DESC",
                  of(partition)));
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::vector<SnapshotName> names;
  for (;;) {
    const auto more = rows->next();
    if (!more) return std::unexpected(more.error());
    if (!*more) return names;
    names.push_back(
        {.partition = partition, .serial = rows->integer(0), .results = Offset{rows->integer(1)}});
  }
}

Fallible<std::string> SnapshotTable::fetch(const SnapshotName& name) {
  auto connection = open_checked(credentials_);
  if (!connection) return std::unexpected(std::move(connection.error()));
  std::string image;
  // One chunk a query: a result stands in memory as a whole.
  for (std::int64_t chunk = 0;; ++chunk) {
    auto rows = connection->query("read a snapshot from",
                                  fmt::format("SELECT bytes FROM engine_snapshot WHERE {} AND "
                                              "chunk = {}",
                                              of(name), chunk));
    if (!rows) return std::unexpected(std::move(rows.error()));
    const auto found = rows->next();
    if (!found) return std::unexpected(found.error());
    if (!*found && chunk > 0) return image;
    if (!*found) {
      return fail(FailureKind::conflict,
                  fmt::format("there is no such snapshot in {}", connection->where()));
    }
    image += rows->text(0);
  }
}

Fallible<void> SnapshotTable::put(const SnapshotName& name, std::string_view image) {
  auto connection = open_checked(credentials_);
  if (!connection) return std::unexpected(std::move(connection.error()));
  auto transaction = connection->begin();
  if (!transaction) return std::unexpected(std::move(transaction.error()));
  const auto write = [&](const std::string& sql) {
    return connection->execute("write a snapshot to", sql);
  };
  auto done = write(fmt::format("DELETE FROM engine_snapshot WHERE {}", of(name)));
  std::int64_t chunk = 0;
  do {
    if (!done) return done;
    done = write(fmt::format(
        "INSERT INTO engine_snapshot (log_id, `partition`, serial, results, chunk, bytes) "
        "VALUES ({}, {}, {}, {}, {}, x'{}')",
        mysql::literal(log_id_), name.partition.value, name.serial, name.results.value, chunk++,
        hexadecimal(image.substr(0, chunk_size))));
    image.remove_prefix(std::min(image.size(), chunk_size));
  } while (!image.empty());
  if (!done) return done;
  return transaction->commit();
}

Fallible<void> SnapshotTable::prune(Partition partition, std::size_t keep) {
  const auto names = list(partition);
  if (!names) return std::unexpected(names.error());
  for (std::size_t i = keep; i < names->size(); ++i) {
    auto connection = open_checked(credentials_);
    if (!connection) return std::unexpected(std::move(connection.error()));
    auto removed =
        connection->execute("remove a snapshot from",
                            fmt::format("DELETE FROM engine_snapshot WHERE {}", of((*names)[i])));
    if (!removed) return removed;
  }
  return {};
}

}  // namespace pesan
