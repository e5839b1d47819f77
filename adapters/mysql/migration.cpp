#include "adapters/mysql/migration.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "adapters/mysql/embedded_sql.hpp"
#include "adapters/mysql/named_lock.hpp"
#include "adapters/mysql/read_model_writer.hpp"
#include "adapters/mysql/sql_objects.hpp"
#include "adapters/mysql/table_check.hpp"
#include "events/assert.hpp"
#include "events/digest.hpp"
#include "projections/indexes.hpp"

namespace pesan::mysql {
namespace {

constexpr std::string_view ledger = "schema_migration";
constexpr int lock_patience_s = 60;
/// Under this number stand the views and routines.
constexpr std::int64_t objects_version = 0;

/// A column or an index that comes, or an index that goes.
struct Alteration {
  std::string_view table;
  std::string_view name;
  std::string sql;
  std::string_view looked_for = "columns";  // in that table of information_schema …
  std::string_view by = "column_name";      // … by this column
  bool is_there_after = true;
};

struct Step {
  std::int64_t version = 0;
  std::string_view name;
  std::vector<std::string> statements;    // each may be repeated
  std::vector<Alteration> alterations{};  // made where they are due, before it is remembered

  std::string checksum() const {
    std::string text;
    for (const std::string& statement : statements) text += statement + ";\n";
    for (const Alteration& alteration : alterations) text += alteration.sql + ";\n";
    return to_hex(digest_of(text));
  }
};

/// The text of a table in sql/tables.
std::string_view sql_table(std::string_view name) {
  for (const SqlObject& table : sql_tables()) {
    if (table.name == name) return table.text;
  }
  PESAN_ASSERT(false, "a read model without a file in sql/tables");
  return {};
}

/// What a table's text says of a column: its line, and that of its comment.
std::string_view definition_in(std::string_view table, std::string_view column) {
  const auto begin = table.find(fmt::format("\n  {} ", column));
  const auto end = table.find("',\n", begin);
  PESAN_ASSERT(begin != table.npos && end != table.npos, "a column that sql/tables does not have");
  return table.substr(begin + 1, end + 1 - (begin + 1));
}

/// What it says of an index: `KEY name (columns)`.
std::string_view key_in(std::string_view table, std::string_view index) {
  const auto begin = table.find(fmt::format("KEY {} (", index));
  const auto end = table.find(')', begin);
  PESAN_ASSERT(begin != table.npos && end != table.npos, "an index that sql/tables does not have");
  return table.substr(begin, end + 1 - begin);
}

/// The tables of sql/, the ledger of steps first: where it stands, the others are ours. It is
/// carried out each time, for tables that are missing, and makes them as they are now: later steps
/// are for those that were there before.
Step first_step() {
  Step step{.version = 1, .name = "read models", .statements = {}};
  for (const SqlObject& table : sql_tables()) {
    const auto place = table.name == ledger ? step.statements.begin() : step.statements.end();
    step.statements.insert(place, std::string(table.text));
  }
  step.statements.push_back(insert_gate(Side::live));
  return step;
}

/// The columns and indexes that came with a version, as sql/tables defines them, and the indexes
/// that went.
Step step_to(std::int32_t version) {
  Step step{.version = version, .name = "columns and indexes", .statements = {}};
  for (const TableDescription& table : tables::all) {
    for (std::size_t i = 0; i < table.width(); ++i) {
      const Column& column = table.columns[i];
      if (column.since != version) continue;
      step.alterations.push_back({table.name, column.name,
                                  fmt::format("ALTER TABLE {} ADD COLUMN {} AFTER {}", table.name,
                                              definition_in(sql_table(table.name), column.name),
                                              quoted_name(table.columns[i - 1].name))});
    }
  }
  for (const Index& index : tables::indexes) {
    if (index.since != version) continue;
    const std::string_view table = describe(index.table).name;
    step.alterations.push_back(
        {table, index.name,
         fmt::format("ALTER TABLE {} ADD {}", table, key_in(sql_table(table), index.name)),
         "statistics", "index_name"});
  }
  for (const DroppedIndex& index : tables::dropped_indexes) {
    if (index.since != version) continue;
    const std::string_view table = describe(index.table).name;
    step.alterations.push_back({table, index.name,
                                fmt::format("ALTER TABLE {} DROP KEY {}", table, index.name),
                                "statistics", "index_name", false});
  }
  return step;
}

std::vector<Step> all_steps() {
  std::vector<Step> all{first_step()};
  for (std::int32_t version = 2; version <= tables::schema_version; ++version) {
    all.push_back(step_to(version));
  }
  return all;
}

const std::vector<Step>& steps() {
  static const std::vector<Step> all = all_steps();
  return all;
}

std::int64_t newest() { return steps().back().version; }

Fallible<bool> is_there(Connection& connection, std::string_view table) {
  const auto count = connection.query_integer(
      "look at", fmt::format("SELECT COUNT(*) FROM information_schema.tables"
                             " WHERE table_schema = DATABASE() AND table_name = {}",
                             literal(table)));
  if (!count) return std::unexpected(count.error());
  return *count != 0;
}

/// version → checksum, of what was carried out.
using Applied = std::map<std::int64_t, std::string>;

/// Nothing where there is no ledger.
Fallible<std::optional<Applied>> read_applied(Connection& connection) {
  const auto there = is_there(connection, ledger);
  if (!there) return std::unexpected(there.error());
  if (!*there) return std::nullopt;
  auto rows = connection.query("look at the schema of",
                               fmt::format("SELECT version, checksum FROM {}", ledger));
  if (!rows) return std::unexpected(std::move(rows.error()));
  Applied applied;
  for (;;) {
    const auto more = rows->next();
    if (!more) return std::unexpected(more.error());
    if (!*more) return applied;
    applied.emplace(rows->integer(0), rows->text(1));
  }
}

std::int64_t version_of(const Applied& applied) {
  return applied.empty() ? 0 : applied.rbegin()->first;
}

Failure newer(const std::string& where, std::int64_t version) {
  return {FailureKind::fatal,
          fmt::format("{} has schema version {}, and this program knows {}: it was migrated by a "
                      "newer one. Upgrade this program",
                      where, version, newest())};
}

/// Tables that are there before the ledger is are somebody else's.
Fallible<void> refuse_foreign_tables(Connection& connection,
                                     const std::vector<std::string>& there) {
  if (there.empty()) return {};
  return fail(FailureKind::fatal,
              fmt::format("{} has a table {} that pesan did not make; give pesan a database of its "
                          "own",
                          connection.where(), there.front()));
}

Fallible<void> remember(Connection& connection, std::int64_t version, std::string_view name,
                        const std::string& checksum) {
  return connection.execute("change the schema of",
                            fmt::format("REPLACE INTO {} (version, name, checksum, applied_at)"
                                        " VALUES ({}, {}, {}, UTC_TIMESTAMP(6))",
                                        ledger, version, literal(name), literal(checksum)));
}

Fallible<void> carry_out(Connection& connection, const Step& step) {
  for (const std::string& statement : step.statements) {
    if (auto done = connection.execute("change the schema of", statement); !done) return done;
  }
  return {};
}

/// A new table is as it should be, and so is what a killed migration came to.
Fallible<void> alter(Connection& connection, const Step& step) {
  for (const Alteration& alteration : step.alterations) {
    const auto there = connection.query_integer(
        "look at", fmt::format("SELECT COUNT(*) FROM information_schema.{} WHERE table_schema ="
                               " DATABASE() AND table_name = {} AND {} = {}",
                               alteration.looked_for, literal(alteration.table), alteration.by,
                               literal(alteration.name)));
    if (!there) return std::unexpected(there.error());
    if ((*there != 0) == alteration.is_there_after) continue;
    auto done = connection.execute("change the schema of", alteration.sql);
    if (!done) return done;
  }
  return {};
}

/// What an earlier migration did is not believed, but looked at: only the statements of a step that
/// makes what is missing are carried out again.
Fallible<void> carry_out_missing(Connection& connection, const Applied& applied) {
  for (const Step& step : steps()) {
    if (auto done = carry_out(connection, step); !done) return done;
    if (applied.contains(step.version)) continue;
    if (auto done = alter(connection, step); !done) return done;
    if (auto done = remember(connection, step.version, step.name, step.checksum()); !done) {
      return done;
    }
  }
  return {};
}

/// Of tables that were missing in a schema that had them all.
void say_what_was_missing(const std::vector<std::string>& there, std::vector<std::string>& said) {
  for (const SqlObject& table : sql_tables()) {
    if (std::ranges::find(there, table.name) != there.end()) continue;
    said.push_back(
        fmt::format("table {} was not there, and is now, empty: `pesan rebuild` brings "
                    "the rows of read models back",
                    table.name));
  }
}

/// One migration at a time, and none beside a rebuild: it would swap in tables without what is
/// added here, as they were when it began. An ended migration may hold its locks for a moment.
Fallible<void> lock(Connection& connection) {
  struct Lock {
    std::string_view purpose;
    int patience_s;
    std::string_view does;
  };
  for (const auto& [purpose, patience_s, does] :
       {Lock{"migrate", lock_patience_s, "migrates"}, Lock{rebuild_lock, 1, "rebuilds"}}) {
    const auto locked = try_lock(connection, purpose, patience_s);
    if (!locked) return std::unexpected(locked.error());
    if (*locked) continue;
    return fail(FailureKind::conflict, fmt::format("another process {} {}; try again when that is "
                                                   "over",
                                                   does, connection.where()));
  }
  return {};
}

}  // namespace

Fallible<MigrationReport> migrate(const Credentials& credentials) {
  auto connection = Connection::open(credentials, Connection::Database::created);
  if (!connection) return std::unexpected(std::move(connection.error()));
  if (auto locked = lock(*connection); !locked) return std::unexpected(locked.error());
  auto applied = read_applied(*connection);
  if (!applied) return std::unexpected(std::move(applied.error()));
  const auto there = tables_there(*connection);
  if (!there) return std::unexpected(there.error());
  if (!*applied) {
    if (auto own = refuse_foreign_tables(*connection, *there); !own) {
      return std::unexpected(own.error());
    }
    applied->emplace();
  }
  if (version_of(**applied) > newest()) {
    return std::unexpected(newer(connection->where(), version_of(**applied)));
  }
  MigrationReport report{.before = std::nullopt, .now = newest(), .said = {}};
  if (version_of(**applied) > 0) {
    report.before = version_of(**applied);
    say_what_was_missing(*there, report.said);
  }
  if (auto done = carry_out_missing(*connection, **applied); !done) {
    return std::unexpected(done.error());
  }
  if (auto done = mend_tables(*connection, *there, report.said); !done) {
    return std::unexpected(done.error());
  }
  const std::string checksum = checksum_of_objects();
  const auto found = (*applied)->find(objects_version);
  const bool others = found == (*applied)->end() || found->second != checksum;
  if (auto made = make_objects(*connection, others, report.said); !made) {
    return std::unexpected(made.error());
  }
  if (auto done = remember(*connection, objects_version, "views and routines", checksum); !done) {
    return std::unexpected(done.error());
  }
  return report;
}

Fallible<void> check_schema(Connection& connection) {
  const auto applied = read_applied(connection);
  if (!applied) return std::unexpected(applied.error());
  const std::int64_t version = *applied ? version_of(**applied) : 0;
  if (version > newest()) return std::unexpected(newer(connection.where(), version));
  if (version == newest()) return check_engines(connection);
  return fail(
      FailureKind::fatal,
      version == 0
          ? fmt::format("there is no read model in {}; `pesan migrate --store URL` makes it",
                        connection.where())
          : fmt::format("{} has schema version {}, and this program writes {}; `pesan "
                        "migrate --store URL` brings it there",
                        connection.where(), version, newest()));
}

}  // namespace pesan::mysql
