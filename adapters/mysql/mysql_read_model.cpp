#include "adapters/mysql/mysql_read_model.hpp"

#include <algorithm>

#include "adapters/mysql/migration.hpp"
#include "adapters/mysql/mysql_rebuild.hpp"
#include "adapters/mysql/mysql_snapshot.hpp"

namespace pesan {

using mysql::Connection;

Fallible<std::unique_ptr<MysqlReadModel>> MysqlReadModel::open(
    const mysql::Credentials& credentials, Access access, Side side) {
  std::unique_ptr<MysqlReadModel> model(new MysqlReadModel(credentials, side));
  auto session = model->session();
  if (!session) return std::unexpected(std::move(session.error()));
  if (auto known = mysql::check_schema((*session)->connection); !known) {
    return std::unexpected(std::move(known.error()));
  }
  if (access == Access::write) {
    if (auto settled = model->settle_rebuild(); !settled) return std::unexpected(settled.error());
  }
  return model;
}

Fallible<MysqlReadModel::Session*> MysqlReadModel::session() {
  if (session_ != nullptr && session_->connection.usable()) return session_.get();
  session_.reset();
  auto connection = Connection::open(credentials_);
  if (!connection) return std::unexpected(std::move(connection.error()));
  session_ = std::make_unique<Session>(std::move(*connection), side_);
  return session_.get();
}

Fallible<void> MysqlReadModel::apply(std::span<SourceChanges> round) {
  const auto session = this->session();
  if (!session) return std::unexpected(session.error());
  auto applied = apply_in(**session, round);
  const auto kept_out = [](const SourceChanges& one) { return one.moved && !one.expected; };
  if (!applied && std::ranges::any_of(round, kept_out)) {
    // It may be a killed rebuild that keeps first checkpoints out. No checkpoint tells the
    // projector so, as a frozen one would.
    if (auto settled = settle_rebuild(); !settled) return settled;
  }
  return applied;
}

Fallible<void> MysqlReadModel::apply_in(Session& session, std::span<SourceChanges> round) {
  auto transaction = session.connection.begin();
  if (!transaction) return std::unexpected(std::move(transaction.error()));
  if (auto moved = session.writer.move_checkpoints(round); !moved) return moved;
  if (auto written = session.writer.write(round); !written) return written;
  return transaction->commit();
}

Fallible<void> MysqlReadModel::load(Table table, std::span<const RowChange* const> rows) {
  const auto session = this->session();
  if (!session) return std::unexpected(session.error());
  auto transaction = (*session)->connection.begin();
  if (!transaction) return std::unexpected(std::move(transaction.error()));
  if (auto written = (*session)->writer.insert(table, rows); !written) return written;
  return transaction->commit();
}

Fallible<std::optional<Checkpoint>> MysqlReadModel::checkpoint(TopicPartition source) {
  const auto session = this->session();
  if (!session) return std::unexpected(session.error());
  auto found = mysql::read_checkpoints((*session)->connection, side_, source);
  if (!found) return std::unexpected(std::move(found.error()));
  if (found->empty()) return std::nullopt;
  return std::move(found->front());
}

Fallible<std::unique_ptr<ReadSnapshot>> MysqlReadModel::snapshot() {
  return mysql::MysqlSnapshot::open(credentials_, side_);
}

Fallible<void> MysqlReadModel::settle_rebuild() {
  if (side_ == Side::shadow) return {};  // it is the rebuild
  const auto session = this->session();
  if (!session) return std::unexpected(session.error());
  return mysql::settle_rebuild((*session)->connection);
}

}  // namespace pesan
