#include "adapters/mysql/table_check.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "adapters/mysql/embedded_sql.hpp"

namespace pesan::mysql {
namespace {

std::string names_of_ours() {
  std::string list;
  for (const SqlObject& table : sql_tables()) {
    list += (list.empty() ? "" : ", ") + literal(table.name);
  }
  return list;
}

/// The first column of the rows that a query finds.
Fallible<std::vector<std::string>> texts(Connection& connection, const std::string& sql) {
  auto rows = connection.query("look at the tables of", sql);
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::vector<std::string> found;
  for (;;) {
    const auto more = rows->next();
    if (!more) return std::unexpected(more.error());
    if (!*more) return found;
    found.push_back(rows->text(0));
  }
}

constexpr std::string_view without_transactions =
    "table_type = 'BASE TABLE' AND (engine IS NULL OR engine <> 'InnoDB')";

// --- what a table is ----------------------------------------------------------------------------

/// A definition in the server's words, by lines; without comments, which mean nothing to it.
struct Definition {
  std::vector<std::string> columns;
  std::vector<std::string> keys;         // that anybody may add without harm
  std::vector<std::string> constraints;  // the primary key, unique and foreign ones, checks
  std::string collation;
};

std::string collation_in(std::string_view options) {
  constexpr std::string_view mark = " COLLATE=";
  const auto begin = options.find(mark);
  if (begin == std::string_view::npos) return "the default of its character set";
  const auto value = options.substr(begin + mark.size());
  return std::string(value.substr(0, value.find(' ')));
}

Definition parse(std::string_view text) {
  Definition definition;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with(") ")) definition.collation = collation_in(line);
    if (!line.starts_with("  ")) continue;  // CREATE TABLE (
    line.remove_prefix(2);
    line = line.substr(0, line.find(" COMMENT '"));
    if (line.ends_with(',')) line.remove_suffix(1);
    auto& kind = line.starts_with('`')      ? definition.columns
                 : line.starts_with("KEY ") ? definition.keys
                                            : definition.constraints;
    kind.emplace_back(line);
  }
  return definition;
}

Fallible<Definition> definition_of(Connection& connection, std::string_view table) {
  auto rows = connection.query("look at the tables of",
                               fmt::format("SHOW CREATE TABLE {}", quoted_name(table)));
  if (!rows) return std::unexpected(std::move(rows.error()));
  const auto found = rows->next();
  if (!found) return std::unexpected(found.error());
  return *found ? parse(rows->text(1)) : Definition{};
}

/// What sql/tables says, in the server's words: of a table that nobody else sees.
Fallible<Definition> expected_of(Connection& connection, const SqlObject& table) {
  const std::string name = fmt::format("expected_{}", table.name);
  const std::string create = fmt::format("CREATE TABLE IF NOT EXISTS {} (", table.name);
  std::string text(table.text);
  text.replace(text.find(create), create.size(), fmt::format("CREATE TEMPORARY TABLE {} (", name));
  if (auto made = connection.execute("look at the tables of", text); !made) {
    return std::unexpected(made.error());
  }
  auto definition = definition_of(connection, name);
  if (!definition) return definition;
  auto gone = connection.execute("look at the tables of", "DROP TEMPORARY TABLE " + name);
  if (!gone) return std::unexpected(std::move(gone.error()));
  return definition;
}

/// The first line of one list that the other lacks; null where there is none.
const std::string* lacking(const std::vector<std::string>& lines,
                           const std::vector<std::string>& others) {
  for (const std::string& line : lines) {
    if (std::ranges::find(others, line) == others.end()) return &line;
  }
  return nullptr;
}

/// What cannot be mended here, as a clause; empty where all is well.
std::string difference(const Definition& expected, const Definition& found) {
  for (const auto& [wanted, there] : {std::pair{&expected.columns, &found.columns},
                                      std::pair{&expected.constraints, &found.constraints}}) {
    if (const auto* line = lacking(*wanted, *there)) return fmt::format("it lacks {}", *line);
    if (const auto* line = lacking(*there, *wanted)) {
      return fmt::format("pesan knows nothing of its {}", *line);
    }
  }
  if (expected.columns != found.columns) return "its columns have another order";
  if (expected.collation != found.collation) {
    return fmt::format("its collation is {}, not {}", found.collation, expected.collation);
  }
  return {};
}

Fallible<void> mend_keys(Connection& connection, std::string_view table, const Definition& expected,
                         const Definition& found, std::vector<std::string>& said) {
  for (const std::string& key : expected.keys) {
    if (std::ranges::find(found.keys, key) != found.keys.end()) continue;
    auto added = connection.execute("change the schema of",
                                    fmt::format("ALTER TABLE {} ADD {}", quoted_name(table), key));
    if (!added) return added;
    said.push_back(fmt::format("table {} has its {} again", table, key));
  }
  return {};
}

}  // namespace

Fallible<std::vector<std::string>> tables_there(Connection& connection) {
  return texts(connection, fmt::format("SELECT table_name FROM information_schema.tables"
                                       " WHERE table_schema = DATABASE() AND table_name IN ({})",
                                       names_of_ours()));
}

Fallible<void> check_engines(Connection& connection) {
  auto rows = connection.query(
      "look at the tables of",
      fmt::format("SELECT table_name, COALESCE(engine, 'none') FROM information_schema.tables"
                  " WHERE table_schema = DATABASE() AND table_name IN ({}) AND {}",
                  names_of_ours(), without_transactions));
  if (!rows) return std::unexpected(std::move(rows.error()));
  const auto found = rows->next();
  if (!found) return std::unexpected(found.error());
  if (!*found) return {};
  return fail(
      FailureKind::fatal,
      fmt::format("table {} of {} has the engine {}, which knows no transactions: what is cut off "
                  "there is half there for ever. `pesan migrate --store URL` gives it InnoDB; then "
                  "`pesan verify` shows what it lost, and `pesan rebuild` brings it back",
                  rows->text(0), connection.where(), rows->text(1)));
}

Fallible<void> mend_tables(Connection& connection, const std::vector<std::string>& tables,
                           std::vector<std::string>& said) {
  const auto wrong = texts(
      connection, fmt::format("SELECT table_name FROM information_schema.tables"
                              " WHERE table_schema = DATABASE() AND table_name IN ({}) AND {}",
                              names_of_ours(), without_transactions));
  if (!wrong) return std::unexpected(wrong.error());
  for (const std::string& table : *wrong) {
    auto changed = connection.execute(
        "change the schema of",
        fmt::format("ALTER TABLE {} ENGINE = InnoDB ROW_FORMAT = DYNAMIC", quoted_name(table)));
    if (!changed) return changed;
    said.push_back(
        fmt::format("table {} has transactions now: `pesan verify` shows what it lost "
                    "without them, `pesan rebuild` brings it back",
                    table));
  }
  for (const SqlObject& table : sql_tables()) {
    if (std::ranges::find(tables, table.name) == tables.end()) continue;
    const auto expected = expected_of(connection, table);
    if (!expected) return std::unexpected(expected.error());
    const auto found = definition_of(connection, table.name);
    if (!found) return std::unexpected(found.error());
    if (const std::string what = difference(*expected, *found); !what.empty()) {
      return fail(FailureKind::fatal,
                  fmt::format("table {} of {} is not as pesan made it: {}. Change it back by hand; "
                              "or make a new database with `pesan migrate`, which projectors fill "
                              "from the log",
                              table.name, connection.where(), what));
    }
    if (auto done = mend_keys(connection, table.name, *expected, *found, said); !done) return done;
  }
  return {};
}

}  // namespace pesan::mysql
