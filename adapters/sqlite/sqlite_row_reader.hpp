// The RowReader port on a SQLite file: one connection that only reads, and a prepared statement for
// each shape that a question has had. A call is a read of its own, so it holds no write-ahead log
// back between two. One object belongs to one thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/sqlite/database.hpp"
#include "projections/row_query.hpp"

namespace pesan {

class SqliteRowReader final : public RowReader {
 public:
  /// A file that is not there, foreign, or of another schema is refused with a sentence.
  static Fallible<std::unique_ptr<SqliteRowReader>> open(const std::string& path);

  Fallible<std::optional<OwnedRow>> find(Table table, const RowKey& key) override;
  Fallible<Page> page(const PageQuestion& question) override;
  Fallible<std::vector<Checkpoint>> positions() override;

 private:
  explicit SqliteRowReader(sqlite::Database database) : database_(std::move(database)) {}
  Fallible<std::vector<OwnedRow>> rows(Table table, const std::string& sql,
                                       const std::vector<Value>& values);

  sqlite::Database database_;
  std::map<std::string, sqlite::Statement> statements_;  // as many as access paths have shapes
};

namespace sqlite {

/// The statement for it, with its values as parameters: their places are counted from 1.
std::string sql_of(const RowQuery& query, std::vector<Value>& values);

}  // namespace sqlite
}  // namespace pesan
