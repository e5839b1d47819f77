// The RebuildStore port on MySQL. The servers commit each change of a schema by itself, so the swap
// is one RENAME of all tables of the topic together with the checkpoints; before it the live side
// is whole, after it the new one. The names tell which: tables called retired_… are there only
// after it. As both topics share the table of checkpoints, both are frozen while it is prepared. A
// named lock of the server tells a living rebuild from a killed one, and all that changes the live
// side runs on the connection that holds it. One thread.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "adapters/mysql/mysql_read_model.hpp"
#include "projections/rebuild.hpp"

namespace pesan {

class MysqlRebuild final : public RebuildStore {
 public:
  static Fallible<std::unique_ptr<MysqlRebuild>> open(const mysql::Credentials& credentials);

  Fallible<void> begin(Topic topic) override;
  Fallible<void> load(Table table, std::span<const RowChange* const> rows) override;
  ReadModel& shadow() override { return *shadow_; }
  Fallible<void> freeze() override;
  Fallible<void> swap() override;
  Fallible<void> undo() override;

 private:
  explicit MysqlRebuild(mysql::Credentials credentials) : credentials_(std::move(credentials)) {}
  Fallible<void> copy_other_checkpoints();
  Fallible<void> rename();

  mysql::Credentials credentials_;
  std::optional<mysql::Connection> connection_;  // holds the lock from begin to swap or undo
  std::unique_ptr<MysqlReadModel> shadow_;
  Topic topic_ = Topic::events;
};

namespace mysql {

/// Ends a rebuild whose process is gone: thaws the checkpoints, drops what it left. Without the
/// right to drop tables (a projector's account) that is left to the next rebuild.
Fallible<void> settle_rebuild(Connection& connection);

}  // namespace mysql
}  // namespace pesan
