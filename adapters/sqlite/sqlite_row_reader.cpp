#include "adapters/sqlite/sqlite_row_reader.hpp"

#include <utility>

#include <fmt/format.h>

#include "adapters/sqlite/read_model_file.hpp"
#include "adapters/sqlite/read_model_writer.hpp"
#include "adapters/sqlite/stored_row.hpp"

namespace pesan {
namespace sqlite {
namespace {

auto parameters(std::vector<Value>& values) {
  return [&values](const Value& value) {
    values.push_back(value);
    return fmt::format("?{}", values.size());
  };
}

/// The index of a key, and that of a unique column, have names that SQLite gives them: it finds
/// those by itself.
std::string go_by(const AccessPath& path) {
  for (const Index& index : indexes_of(describe(path.table))) {
    if (index.name == path.index) return fmt::format(" INDEXED BY {}", index.name);
  }
  return {};
}

}  // namespace

std::string sql_of(const RowQuery& query, std::vector<Value>& values) {
  return page_sql(query,
                  {.behind = Behind::row_values, .place = parameters(values), .go_by = go_by});
}

}  // namespace sqlite

Fallible<std::unique_ptr<SqliteRowReader>> SqliteRowReader::open(const std::string& path) {
  sqlite::OpenOptions options{.path = path, .access = sqlite::Access::read};
  auto database = sqlite::open_read_model(options);
  if (!database) return std::unexpected(std::move(database.error()));
  return std::unique_ptr<SqliteRowReader>(new SqliteRowReader(*std::move(database)));
}

Fallible<std::vector<OwnedRow>> SqliteRowReader::rows(Table table, const std::string& sql,
                                                      const std::vector<Value>& values) {
  auto kept = statements_.find(sql);
  if (kept == statements_.end()) {
    auto statement = database_.prepare(sql);
    if (!statement) return std::unexpected(std::move(statement.error()));
    kept = statements_.emplace(sql, *std::move(statement)).first;
  }
  sqlite::Statement& statement = kept->second;
  std::vector<std::string> buffers(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    sqlite::bind_value(statement, static_cast<int>(i) + 1, values[i], buffers[i]);
  }
  std::vector<OwnedRow> found;
  StoredRow row;
  for (;;) {
    const auto more = statement.step();
    if (!more) return std::unexpected(more.error());
    if (!*more) return found;
    sqlite::take_row(statement, describe(table).width(), row);
    found.push_back(owned(row));
  }
}

Fallible<std::optional<OwnedRow>> SqliteRowReader::find(Table table, const RowKey& key) {
  if (!may_be_there(key)) return std::nullopt;
  std::vector<Value> values;
  const std::string sql = find_sql(table, key, sqlite::parameters(values));
  auto found = rows(table, sql, values);
  if (!found) return std::unexpected(std::move(found.error()));
  if (found->empty()) return std::nullopt;
  return std::move(found->front());
}

Fallible<Page> SqliteRowReader::page(const PageQuestion& question) {
  return answer(question, [this](const RowQuery& query) {
    std::vector<Value> values;
    const std::string sql = sqlite::sql_of(query, values);
    return rows(query.path->table, sql, values);
  });
}

Fallible<std::vector<Checkpoint>> SqliteRowReader::positions() {
  return sqlite::read_checkpoints(database_, Side::live);
}

}  // namespace pesan
