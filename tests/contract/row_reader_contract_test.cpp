// The row readers of this program against the contract of all of them.
#include <memory>

#include <gtest/gtest.h>

#include "adapters/mysql/migration.hpp"
#include "adapters/mysql/mysql_read_model.hpp"
#include "adapters/mysql/mysql_row_reader.hpp"
#include "adapters/runtime/row_reader_pool.hpp"
#include "adapters/sqlite/sqlite_read_model.hpp"
#include "adapters/sqlite/sqlite_row_reader.hpp"
#include "tests/support/memory_row_reader.hpp"
#include "tests/support/must.hpp"
#include "tests/support/mysql_server.hpp"
#include "tests/support/temp_folder.hpp"

namespace pesan {

using runtime::RowReaderPool;

constexpr RowReaderPool::Bounds three_readers{.readers = 3};

class RowsInMemory {
 public:
  static constexpr const char* technology = "Memory";
  ReadModel& model() { return model_; }
  RowReader& reader() { return reader_; }

 private:
  MemoryReadModel model_;
  RowReaderPool reader_{three_readers,
                        [this] { return std::make_unique<MemoryRowReader>(model_); }};
};

class RowsInAFile {
 public:
  static constexpr const char* technology = "Sqlite";
  ReadModel& model() { return *model_; }
  RowReader& reader() { return reader_; }

 private:
  TempFolder folder_;
  std::unique_ptr<SqliteReadModel> model_ = must(SqliteReadModel::open(
      {.path = folder_ / "read.db", .access = ReadModelOptions::Access::create}));
  RowReaderPool reader_{three_readers,
                        [this] { return SqliteRowReader::open(folder_ / "read.db"); }};
};

/// On the MariaDB (or MySQL) of tests/support/mysql_server.hpp.
class RowsOnAServer {
 public:
  static constexpr const char* technology = "Mysql";
  ReadModel& model() { return *model_; }
  RowReader& reader() { return reader_; }

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
  RowReaderPool reader_{three_readers, [this] { return MysqlRowReader::open(credentials()); }};
};

using RowReaderHarnesses = ::testing::Types<RowsInMemory, RowsInAFile, RowsOnAServer>;

}  // namespace pesan

#include "tests/contract/row_reader_contract.hpp"
