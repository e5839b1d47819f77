// The bare loop that `apply` is measured against: it writes the log records and the rows that a run
// of pesan left behind into fresh SQLite files - prepared statements, WAL, synchronous=FULL, as
// many commands a transaction - and does nothing else: it parses, decides and folds nothing, and
// writes each row once, in its final form. All it writes is in memory before the clock starts.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <sqlite3.h>

namespace {

struct Blob {
  std::string bytes;
};
using Field = std::variant<std::monostate, std::int64_t, double, std::string, Blob>;
using Row = std::vector<Field>;

struct Table {
  std::string name;
  std::string definition;
  std::vector<Row> rows;
  std::size_t columns = 0;
};

[[noreturn]] void stop(sqlite3* database, std::string_view what) {
  fmt::print(stderr, "bare_sqlite: {}: {}\n", what, sqlite3_errmsg(database));
  std::exit(3);
}

void execute(sqlite3* database, const std::string& sql) {
  if (sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    stop(database, sql);
  }
}

Field field_of(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL: return {};
    case SQLITE_INTEGER: return sqlite3_column_int64(statement, column);
    case SQLITE_FLOAT: return sqlite3_column_double(statement, column);
    case SQLITE_BLOB:
      return Blob{std::string(static_cast<const char*>(sqlite3_column_blob(statement, column)),
                              static_cast<std::size_t>(sqlite3_column_bytes(statement, column)))};
    default:
      return std::string(static_cast<const char*>(sqlite3_column_blob(statement, column)),
                         static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
  }
}

std::vector<Row> rows_of(sqlite3* database, const std::string& sql, std::size_t& columns) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
    stop(database, sql);
  }
  columns = static_cast<std::size_t>(sqlite3_column_count(statement));
  std::vector<Row> rows;
  while (sqlite3_step(statement) == SQLITE_ROW) {
    Row& row = rows.emplace_back();
    for (int c = 0; c < static_cast<int>(columns); ++c) row.push_back(field_of(statement, c));
  }
  sqlite3_finalize(statement);
  return rows;
}

/// The tables of a file that pesan wrote; generated columns are the store's own work there too, so
/// they are left out here.
std::vector<Table> tables_of(const std::string& path) {
  sqlite3* database = nullptr;
  if (sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK) {
    stop(database, path);
  }
  std::size_t two = 0;
  std::vector<Table> tables;
  for (const Row& row : rows_of(database,
                                "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND "
                                "name NOT LIKE 'sqlite%'",
                                two)) {
    Table& table = tables.emplace_back();
    table.name = std::get<std::string>(row[0]);
    table.definition = std::get<std::string>(row[1]);
    std::string columns;
    std::size_t one = 0;
    for (const Row& column : rows_of(
             database, fmt::format("SELECT name FROM pragma_table_info('{}')", table.name), one)) {
      columns +=
          fmt::format("{}\"{}\"", columns.empty() ? "" : ", ", std::get<std::string>(column[0]));
    }
    table.rows =
        rows_of(database, fmt::format("SELECT {} FROM \"{}\"", columns, table.name), table.columns);
    table.definition += fmt::format("\n{}", columns);  // split again in `prepare`
  }
  sqlite3_close(database);
  return tables;
}

class Writer {
 public:
  Writer(const std::string& path, const std::vector<Table>& tables) {
    std::filesystem::remove(path);
    if (sqlite3_open(path.c_str(), &database_) != SQLITE_OK) stop(database_, path);
    execute(database_, "PRAGMA journal_mode = WAL");
    execute(database_, "PRAGMA synchronous = FULL");
    execute(database_, "PRAGMA cache_size = -65536");
    for (const Table& table : tables) {
      const auto split = table.definition.rfind('\n');
      execute(database_, table.definition.substr(0, split));
      std::string places;
      for (std::size_t i = 0; i < table.columns; ++i) places += i == 0 ? "?" : ", ?";
      const auto insert = fmt::format("INSERT INTO \"{}\" ({}) VALUES ({})", table.name,
                                      table.definition.substr(split + 1), places);
      sqlite3_stmt*& statement = statements_.emplace_back();
      if (sqlite3_prepare_v2(database_, insert.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
        stop(database_, insert);
      }
    }
  }
  ~Writer() {
    for (sqlite3_stmt* statement : statements_) sqlite3_finalize(statement);
    sqlite3_close(database_);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void begin() { execute(database_, "BEGIN IMMEDIATE"); }
  void commit() { execute(database_, "COMMIT"); }
  void insert(std::size_t table, const Row& row) {
    sqlite3_stmt* statement = statements_[table];
    for (std::size_t c = 0; c < row.size(); ++c) bind(statement, static_cast<int>(c) + 1, row[c]);
    if (sqlite3_step(statement) != SQLITE_DONE) stop(database_, "insert");
    sqlite3_reset(statement);
  }

 private:
  static void bind(sqlite3_stmt* statement, int place, const Field& field) {
    if (const auto* integer = std::get_if<std::int64_t>(&field)) {
      sqlite3_bind_int64(statement, place, *integer);
    } else if (const auto* real = std::get_if<double>(&field)) {
      sqlite3_bind_double(statement, place, *real);
    } else if (const auto* text = std::get_if<std::string>(&field)) {
      sqlite3_bind_text(statement, place, text->data(), static_cast<int>(text->size()),
                        SQLITE_STATIC);
    } else if (const auto* blob = std::get_if<Blob>(&field)) {
      sqlite3_bind_blob(statement, place, blob->bytes.data(), static_cast<int>(blob->bytes.size()),
                        SQLITE_STATIC);
    } else {
      sqlite3_bind_null(statement, place);
    }
  }

  sqlite3* database_ = nullptr;
  std::vector<sqlite3_stmt*> statements_;
};

/// Writes the share of each table's rows that belongs to batch `batch` of `batches`.
std::size_t write_share(Writer& writer, const std::vector<Table>& tables, std::size_t batch,
                        std::size_t batches) {
  std::size_t written = 0;
  writer.begin();
  for (std::size_t t = 0; t < tables.size(); ++t) {
    const auto& rows = tables[t].rows;
    const std::size_t end = rows.size() * (batch + 1) / batches;
    for (std::size_t i = rows.size() * batch / batches; i < end; ++i, ++written) {
      writer.insert(t, rows[i]);
    }
  }
  writer.commit();
  return written;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    fmt::print(stderr, "usage: bare_sqlite LOG.db READ.db FOLDER COMMANDS BATCH\n");
    return 2;
  }
  const std::vector<Table> log = tables_of(argv[1]);
  const std::vector<Table> read = tables_of(argv[2]);
  const std::filesystem::path folder = argv[3];
  const auto commands = std::strtoull(argv[4], nullptr, 10);
  const std::size_t batches =
      std::max<std::size_t>(1, commands / std::strtoull(argv[5], nullptr, 10));
  std::filesystem::create_directories(folder);
  Writer log_writer(folder / "bare-log.db", log);
  Writer read_writer(folder / "bare-read.db", read);
  const auto start = std::chrono::steady_clock::now();
  std::size_t records = 0;
  std::size_t rows = 0;
  for (std::size_t batch = 0; batch < batches; ++batch) {
    records += write_share(log_writer, log, batch, batches);
    rows += write_share(read_writer, read, batch, batches);
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  fmt::print("{{\"seconds\": {:.3f}, \"records\": {}, \"rows\": {}, \"commands_per_s\": {:.0f}}}\n",
             seconds.count(), records, rows, static_cast<double>(commands) / seconds.count());
}
