#include "adapters/mysql/mysql_row_reader.hpp"

#include <utility>

#include <fmt/format.h>

#include "adapters/mysql/migration.hpp"
#include "adapters/mysql/read_model_writer.hpp"
#include "adapters/mysql/row_sql.hpp"
#include "adapters/mysql/stored_text.hpp"

namespace pesan {
namespace {

/// A page is read in milliseconds. A connection that a firewall forgot is to hold nobody for long.
constexpr std::chrono::seconds longest_answer{10};

}  // namespace

namespace mysql {

std::string sql_of(const RowQuery& query) {
  return page_sql(
      query,
      {.behind = Behind::alternatives, .place = literal_of, .go_by = [](const AccessPath& path) {
         return fmt::format(" FORCE INDEX ({})", path.goes_by_key() ? "PRIMARY" : path.index);
       }});
}

}  // namespace mysql

Fallible<std::unique_ptr<MysqlRowReader>> MysqlRowReader::open(mysql::Credentials credentials) {
  credentials.answers_within = longest_answer;
  auto connection = mysql::Connection::open(credentials);
  if (!connection) return std::unexpected(std::move(connection.error()));
  if (auto known = mysql::check_schema(*connection); !known) {
    return std::unexpected(std::move(known.error()));
  }
  return std::unique_ptr<MysqlRowReader>(new MysqlRowReader(*std::move(connection)));
}

Fallible<std::vector<OwnedRow>> MysqlRowReader::rows(Table table, const std::string& sql) {
  auto rows = connection_.query("read from", sql);
  if (!rows) return std::unexpected(std::move(rows.error()));
  const TableDescription& description = describe(table);
  std::vector<OwnedRow> found;
  std::string buffer;
  for (;;) {
    const auto more = rows->next();
    if (!more) return std::unexpected(more.error());
    if (!*more) return found;
    OwnedRow& row = found.emplace_back();
    for (std::size_t i = 0; i < description.width(); ++i) {
      row.push_back(owned(mysql::stored_value(*rows, i, description.columns[i].type, buffer)));
    }
  }
}

Fallible<std::optional<OwnedRow>> MysqlRowReader::find(Table table, const RowKey& key) {
  if (!may_be_there(key)) return std::nullopt;
  auto found = rows(table, find_sql(table, key, mysql::literal_of));
  if (!found) return std::unexpected(std::move(found.error()));
  if (found->empty()) return std::nullopt;
  return std::move(found->front());
}

Fallible<Page> MysqlRowReader::page(const PageQuestion& question) {
  return answer(question, [this](const RowQuery& query) {
    return rows(query.path->table, mysql::sql_of(query));
  });
}

Fallible<std::vector<Checkpoint>> MysqlRowReader::positions() {
  return mysql::read_checkpoints(connection_, Side::live);
}

}  // namespace pesan
