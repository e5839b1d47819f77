// The read models of this program against the contract of all of them.
#include <memory>

#include <gtest/gtest.h>

#include "adapters/mysql/migration.hpp"
#include "adapters/mysql/mysql_read_model.hpp"
#include "adapters/sqlite/sqlite_read_model.hpp"
#include "tests/support/memory_read_model.hpp"
#include "tests/support/must.hpp"
#include "tests/support/mysql_server.hpp"
#include "tests/support/temp_folder.hpp"

namespace pesan {

class MemoryModelHarness {
 public:
  static constexpr const char* technology = "Memory";
  ReadModel& model() { return model_; }
  ReadModel& other() { return model_; }

 private:
  MemoryReadModel model_;
};

class SqliteModelHarness {
 public:
  static constexpr const char* technology = "Sqlite";
  ReadModel& model() { return *model_; }
  ReadModel& other() { return *other_; }

 private:
  std::unique_ptr<SqliteReadModel> open(ReadModelOptions::Access access) {
    return must(SqliteReadModel::open({.path = folder_ / "read.db", .access = access}));
  }
  TempFolder folder_;
  std::unique_ptr<SqliteReadModel> model_ = open(ReadModelOptions::Access::create);
  std::unique_ptr<SqliteReadModel> other_ = open(ReadModelOptions::Access::write);
};

/// On the MariaDB (or MySQL) of tests/support/mysql_server.hpp.
class MysqlModelHarness {
 public:
  static constexpr const char* technology = "Mysql";
  ReadModel& model() { return *model_; }
  ReadModel& other() { return *other_; }

 private:
  mysql::Credentials credentials() const {
    return {.address = must(mysql::parse_address(database_.url())), .password = {}};
  }
  std::unique_ptr<MysqlReadModel> open() {
    must(mysql::migrate(credentials()));
    return must(MysqlReadModel::open(credentials(), MysqlReadModel::Access::write));
  }
  TestDatabase database_;
  std::unique_ptr<MysqlReadModel> model_ = open();
  std::unique_ptr<MysqlReadModel> other_ = open();
};

using ReadModelHarnesses =
    ::testing::Types<MemoryModelHarness, SqliteModelHarness, MysqlModelHarness>;

}  // namespace pesan

#include "tests/contract/read_model_contract.hpp"
