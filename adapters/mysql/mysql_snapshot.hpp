// One state of all tables of a MySQL read model, on a connection of its own: a REPEATABLE READ
// transaction that holds every table. As long as it lives no rebuild can swap them, so keep it
// short. One thread.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "adapters/mysql/connection.hpp"
#include "adapters/mysql/row_sql.hpp"
#include "projections/read_model.hpp"

namespace pesan::mysql {

class MysqlSnapshot final : public ReadSnapshot {
 public:
  static Fallible<std::unique_ptr<ReadSnapshot>> open(const Credentials& credentials, Side side);

  Fallible<std::vector<Checkpoint>> checkpoints() override { return checkpoints_; }
  Fallible<std::unique_ptr<RowCursor>> scan(Table table) override;

 private:
  MysqlSnapshot(Connection connection, Side side)
      : connection_(std::move(connection)), side_(side) {}

  Connection connection_;
  Side side_;
  std::vector<Checkpoint> checkpoints_;
};

}  // namespace pesan::mysql
