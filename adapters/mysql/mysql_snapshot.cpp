#include "adapters/mysql/mysql_snapshot.hpp"

#include <optional>
#include <string>

#include <fmt/format.h>

#include "adapters/mysql/read_model_writer.hpp"
#include "adapters/mysql/stored_text.hpp"

namespace pesan::mysql {
namespace {

/// Rows are fetched page by page, each from behind the last key: a reader may take its time, and
/// stop, and the server neither waits nor sends what nobody wants.
constexpr int page_rows = 4000;

class MysqlCursor final : public RowCursor {
 public:
  MysqlCursor(Connection& connection, const TableDescription& table, Side side)
      : connection_(connection), table_(table), moments_(table.width()) {
    select_ = fmt::format("SELECT {} FROM {}", column_list(table, true), table_name(table, side));
    for (std::size_t i = 0; i < table.key_columns; ++i) {
      order_ +=
          fmt::format("{}{}", i == 0 ? " ORDER BY " : ", ", quoted_name(table.columns[i].name));
    }
  }

  Fallible<bool> next(StoredRow& row) override {
    for (;;) {
      if (!page_) {
        if (auto fetched = fetch(); !fetched) return std::unexpected(fetched.error());
      }
      const auto more = page_->next();
      if (!more) return more;
      if (*more) break;
      if (seen_ < page_rows) return false;
      page_.reset();
    }
    ++seen_;
    if (seen_ == page_rows) remember_key();
    take(row);
    return true;
  }

 private:
  Fallible<void> fetch() {
    auto rows = connection_.query(
        "read from", fmt::format("{}{}{} LIMIT {}", select_, behind_, order_, page_rows));
    if (!rows) return std::unexpected(std::move(rows.error()));
    page_.emplace(std::move(*rows));
    seen_ = 0;
    return {};
  }

  /// `WHERE a > 'x' OR (a = 'x' AND b > 'y')`, with an `a >= 'x'` that the index understands.
  void remember_key() {
    const auto value = [&](std::size_t i) {
      const bool number = table_.columns[i].type == ColumnType::integer;
      return number ? page_->text(i) : literal(page_->text(i));
    };
    const std::string first = quoted_name(table_.columns[0].name);
    if (table_.key_columns == 1) {
      behind_ = fmt::format(" WHERE {} > {}", first, value(0));
    } else {
      behind_ = fmt::format(" WHERE {0} >= {1} AND ({0} > {1} OR {2} > {3})", first, value(0),
                            quoted_name(table_.columns[1].name), value(1));
    }
  }

  void take(StoredRow& row) {
    row.resize(table_.width());
    for (std::size_t i = 0; i < table_.width(); ++i) {
      row[i] = stored_value(*page_, i, table_.columns[i].type, moments_[i]);
    }
  }

  Connection& connection_;
  const TableDescription& table_;
  std::string select_;
  std::string order_;
  std::string behind_;  // the condition of the next page
  std::optional<Rows> page_;
  int seen_ = 0;  // rows of this page
  std::vector<std::string> moments_;
};

/// Gets hold of all tables in one statement, so that a swap is before it or after the transaction,
/// and neither waits for a table while it keeps the other from one. What is read comes later.
std::string hold_all(Side side) {
  std::string list = table_name(tables::checkpoint, side);
  if (side == Side::live) {
    for (const TableDescription& table : tables::all) list += fmt::format(", {}", table.name);
  }
  return fmt::format("SELECT 1 FROM {} WHERE FALSE", list);
}

}  // namespace

Fallible<std::unique_ptr<ReadSnapshot>> MysqlSnapshot::open(const Credentials& credentials,
                                                            Side side) {
  auto connection = Connection::open(credentials);
  if (!connection) return std::unexpected(std::move(connection.error()));
  std::unique_ptr<MysqlSnapshot> snapshot(new MysqlSnapshot(std::move(*connection), side));
  for (const char* sql :
       {"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "START TRANSACTION READ ONLY"}) {
    auto done = snapshot->connection_.execute("read from", sql);
    if (!done) return std::unexpected(std::move(done.error()));
  }
  auto held = snapshot->connection_.query("read from", hold_all(side));
  if (!held) return std::unexpected(std::move(held.error()));
  auto checkpoints = read_checkpoints(snapshot->connection_, side);
  if (!checkpoints) return std::unexpected(std::move(checkpoints.error()));
  snapshot->checkpoints_ = std::move(*checkpoints);
  return snapshot;
}

Fallible<std::unique_ptr<RowCursor>> MysqlSnapshot::scan(Table table) {
  return std::make_unique<MysqlCursor>(connection_, describe(table), side_);
}

}  // namespace pesan::mysql
