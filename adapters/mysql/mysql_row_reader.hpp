// The RowReader port on MySQL and MariaDB: one connection, a statement a call. No transaction
// stands open between two, so no rebuild waits for it. Its connection is not opened again when it
// has failed: whoever has the reader opens another. One object belongs to one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/mysql/connection.hpp"
#include "projections/row_query.hpp"

namespace pesan {

class MysqlRowReader final : public RowReader {
 public:
  /// A schema that is not there, older or newer is refused with a sentence.
  static Fallible<std::unique_ptr<MysqlRowReader>> open(mysql::Credentials credentials);

  Fallible<std::optional<OwnedRow>> find(Table table, const RowKey& key) override;
  Fallible<Page> page(const PageQuestion& question) override;
  Fallible<std::vector<Checkpoint>> positions() override;

 private:
  explicit MysqlRowReader(mysql::Connection connection) : connection_(std::move(connection)) {}
  Fallible<std::vector<OwnedRow>> rows(Table table, const std::string& sql);

  mysql::Connection connection_;
};

namespace mysql {

/// The statement for it. It forces its index, because what a planner thinks best changes with its
/// statistics, and a page must not.
std::string sql_of(const RowQuery& query);

}  // namespace mysql
}  // namespace pesan
