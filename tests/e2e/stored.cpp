#include "tests/e2e/stored.hpp"

#include <algorithm>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>
#include <sqlite3.h>
#include <zstd.h>

namespace pesan::e2e {
namespace {

namespace json = boost::json;

using Database = std::unique_ptr<sqlite3, decltype(&sqlite3_close)>;
using Statement = std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)>;

Database open(const std::string& path, int how = SQLITE_OPEN_READONLY) {
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &opened, how, nullptr);
  Database database(opened, &sqlite3_close);
  if (code != SQLITE_OK) throw std::runtime_error("cannot open " + path);
  sqlite3_busy_timeout(database.get(), 60'000);
  return database;
}

bool is_log(sqlite3* database) {
  return sqlite3_table_column_metadata(database, "main", "log_info", nullptr, nullptr, nullptr,
                                       nullptr, nullptr, nullptr) == SQLITE_OK;
}

json::value value_of(sqlite3_stmt* row, int column) {
  switch (sqlite3_column_type(row, column)) {
    case SQLITE_NULL: return nullptr;
    case SQLITE_INTEGER: return sqlite3_column_int64(row, column);
    default: break;
  }
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(row, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(row, column));
  return json::string(bytes == nullptr ? "" : bytes, size);
}

// --- records that stand in frames (docs/wire.md#files), unpacked without the program's own code
// ---

std::string unpacked(std::string_view frame) {
  std::string plain(std::size_t{64} << 10, '\0');
  const auto size = ZSTD_decompress(plain.data(), plain.size(), frame.data(), frame.size());
  if (ZSTD_isError(size) != 0) throw std::runtime_error("a frame is damaged");
  plain.resize(size);
  return plain;
}

std::uint32_t take_size(std::string_view& from) {
  std::uint32_t size = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    size |= std::uint32_t{static_cast<unsigned char>(from.at(i))} << (8 * i);
  }
  from.remove_prefix(4);
  return size;
}

void bind_sized(sqlite3_stmt* insert, int place, std::string_view& from) {
  const auto size = take_size(from);
  if (size == 0xFFFFFFFF) {
    sqlite3_bind_null(insert, place);
    return;
  }
  sqlite3_bind_blob(insert, place, from.data(), static_cast<int>(size), SQLITE_TRANSIENT);
  from.remove_prefix(size);
}

/// Puts a table of its records, each a row, in front of a topic's own.
void unpack_topic(sqlite3* database, const std::string& topic) {
  const auto prepared = [&](const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
      throw std::runtime_error(sql + ": " + sqlite3_errmsg(database));
    }
    return Statement(statement, &sqlite3_finalize);
  };
  const std::string of_frames = "hex(substr(headers, 1, 1)) = '04'";
  const std::string sql =
      fmt::format("CREATE TEMP TABLE {0} AS SELECT * FROM main.{0} WHERE NOT coalesce({1}, 0)",
                  topic, of_frames);
  if (sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    throw std::runtime_error(sql + ": " + sqlite3_errmsg(database));
  }
  const auto frames = prepared(
      fmt::format("SELECT record_id, at, headers, value FROM main.{} WHERE {}", topic, of_frames));
  const auto insert = prepared(fmt::format("INSERT INTO temp.{} VALUES (?, ?, ?, ?, ?)", topic));
  const auto blob = [&](int column) {
    return std::string_view(static_cast<const char*>(sqlite3_column_blob(frames.get(), column)),
                            static_cast<std::size_t>(sqlite3_column_bytes(frames.get(), column)));
  };
  while (sqlite3_step(frames.get()) == SQLITE_ROW) {
    auto mark = blob(2).substr(1);
    const std::string plain = unpacked(blob(3));
    std::string_view rest = plain;
    for (std::int64_t id = sqlite3_column_int64(frames.get(), 0) - take_size(mark) + 1;
         !rest.empty(); ++id) {
      sqlite3_bind_int64(insert.get(), 1, id);
      sqlite3_bind_int64(insert.get(), 2, sqlite3_column_int64(frames.get(), 1));
      for (int place = 3; place <= 5; ++place) bind_sized(insert.get(), place, rest);
      sqlite3_step(insert.get());
      sqlite3_reset(insert.get());
    }
  }
}

}  // namespace

std::vector<Row> rows_of(const std::string& path, const std::string& query) {
  const Database database = open(path);
  for (const char* topic : {"commands", "events", "results", "customers", "dead_letters"}) {
    if (query.find(std::string("FROM ") + topic) != std::string::npos && is_log(database.get())) {
      unpack_topic(database.get(), topic);
    }
  }
  sqlite3_stmt* prepared = nullptr;
  if (sqlite3_prepare_v2(database.get(), query.c_str(), -1, &prepared, nullptr) != SQLITE_OK) {
    throw std::runtime_error(query + ": " + sqlite3_errmsg(database.get()));
  }
  const Statement statement(prepared, &sqlite3_finalize);
  std::vector<Row> rows;
  int code = 0;
  while ((code = sqlite3_step(prepared)) == SQLITE_ROW) {
    Row& row = rows.emplace_back();
    for (int i = 0; i < sqlite3_column_count(prepared); ++i) {
      row[sqlite3_column_name(prepared, i)] = value_of(prepared, i);
    }
  }
  if (code != SQLITE_DONE) throw std::runtime_error(query + ": " + sqlite3_errmsg(database.get()));
  return rows;
}

std::int64_t number_of(const std::string& path, const std::string& query) {
  try {
    const auto rows = rows_of(path, query);
    if (rows.empty() || !rows[0].begin()->value().is_int64()) return 0;
    return rows[0].begin()->value().get_int64();
  } catch (const std::runtime_error&) {
    return 0;
  }
}

void change_file(const std::string& path, const std::string& statement) {
  const Database database = open(path, SQLITE_OPEN_READWRITE);
  if (sqlite3_exec(database.get(), statement.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    throw std::runtime_error(statement + ": " + sqlite3_errmsg(database.get()));
  }
  if (sqlite3_changes(database.get()) != 1) throw std::runtime_error(statement + ": no such row");
}

std::map<std::string, std::vector<std::string>> all_rows(const std::string& store) {
  static constexpr const char* tables[] = {
      "room_availability", "room_night", "service",  "schedule_capacity", "booking",
      "booking_history",   "payment",    "customer", "customer_booking",  "projection_checkpoint"};
  std::map<std::string, std::vector<std::string>> all;
  for (const char* table : tables) {
    auto& texts = all[table];
    for (const Row& row : rows_of(store, fmt::format("SELECT * FROM {} ORDER BY 1, 2, 3", table))) {
      texts.push_back(json::serialize(row));
    }
  }
  return all;
}

Arguments Files::on_log(const Arguments& words) const {
  Arguments all = words;
  all.insert(all.end(), {"--log", "sqlite:" + log});
  return all;
}

Arguments Files::on(const Arguments& words) const {
  Arguments all = on_log(words);
  all.insert(all.end(), {"--store", "sqlite:" + store});
  return all;
}

std::string Line::text() const {
  return fmt::format(R"({{"specversion":"1.0","id":"{}","source":"/e2e","type":"{}"{},)"
                     R"("data":{{"resource":"{}","actor":{}{}{}}}}})",
                     id, type, time.empty() ? "" : fmt::format(R"(,"time":"{}")", time), resource,
                     actor, data.empty() ? "" : ",", data);
}

std::string word_of(const json::object& result) {
  const json::object& data = result.at("data").as_object();
  const bool again = data.if_contains("duplicate") != nullptr;
  const auto* code = data.if_contains("code");
  std::string word = data.at("events").as_array().empty() ? "nothing" : "accepted";
  if (code != nullptr) word = std::string_view(code->as_string());
  return (again ? "duplicate " : "") + word;
}

std::string word_of(std::string_view result) { return word_of(json::parse(result).as_object()); }

std::vector<std::string> words_of(const std::vector<std::string>& results) {
  std::vector<std::string> words;
  for (const auto& result : results) words.push_back(word_of(result));
  return words;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

void write_file(const std::string& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
}

std::optional<std::string> line_of(Program& program, std::size_t index,
                                   std::chrono::seconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (true) {
    const bool last = !program.running() || std::chrono::steady_clock::now() > deadline;
    const std::string out = program.out();
    const std::string whole = out.substr(0, out.rfind('\n') + 1);
    const auto lines = lines_of(whole);
    if (index < lines.size()) return lines[index];
    if (last) return std::nullopt;
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
}

bool ends(Program& program, std::chrono::seconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (program.running()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  return true;
}

}  // namespace pesan::e2e
