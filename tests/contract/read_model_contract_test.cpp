// The read models of this program against the contract of all of them.
#include <memory>

#include <gtest/gtest.h>

#include "adapters/sqlite/sqlite_read_model.hpp"
#include "tests/support/memory_read_model.hpp"
#include "tests/support/must.hpp"
#include "tests/support/temp_folder.hpp"

namespace pesan {

class MemoryModelHarness {
 public:
  ReadModel& model() { return model_; }
  ReadModel& other() { return model_; }

 private:
  MemoryReadModel model_;
};

class SqliteModelHarness {
 public:
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

using ReadModelHarnesses = ::testing::Types<MemoryModelHarness, SqliteModelHarness>;

}  // namespace pesan

#include "tests/contract/read_model_contract.hpp"
