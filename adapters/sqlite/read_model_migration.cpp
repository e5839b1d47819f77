#include "adapters/sqlite/read_model_migration.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "adapters/sqlite/embedded_sql.hpp"
#include "adapters/sqlite/made_by_others.hpp"
#include "adapters/sqlite/read_model_file.hpp"
#include "adapters/sqlite/sqlite_rebuild.hpp"

namespace pesan::sqlite {
namespace {

std::vector<TableDescription> described() {
  std::vector<TableDescription> all(tables::all.begin(), tables::all.end());
  all.push_back(tables::checkpoint);
  return all;
}

/// A column as the file has it, as one text.
std::string text_of(std::string_view name, std::string_view type, bool not_null, bool generated) {
  return fmt::format("{} {}{}{}", name, type, generated ? " GENERATED" : "",
                     not_null ? " NOT NULL" : "");
}

std::vector<std::string> expected_columns(const TableDescription& table) {
  std::vector<std::string> columns;
  for (const Column& column : table.columns) {
    columns.push_back(text_of(column.name, type_of(column.type),
                              !column.nullable && !column.is_generated(), column.is_generated()));
  }
  for (std::size_t i = 0; i < table.key_columns; ++i) {
    columns.push_back(fmt::format("key {}", table.columns[i].name));
  }
  return columns;
}

/// Empty: there is no such table.
Fallible<std::vector<std::string>> found_columns(Database& database, std::string_view table) {
  auto statement = database.prepare(
      "SELECT name, type, \"notnull\", hidden, pk FROM pragma_table_xinfo(?) ORDER BY cid");
  if (!statement) return std::unexpected(std::move(statement.error()));
  statement->bind(1, table);
  std::vector<std::string> columns;
  std::vector<std::pair<std::int64_t, std::string>> key;
  for (;;) {
    const auto more = statement->step();
    if (!more) return std::unexpected(more.error());
    if (!*more) break;
    const bool generated = statement->integer(3) != 0;
    columns.push_back(text_of(statement->text(0), statement->text(1),
                              statement->integer(2) != 0 && !generated, generated));
    if (statement->integer(4) > 0) key.emplace_back(statement->integer(4), statement->text(0));
  }
  std::ranges::sort(key);
  for (const auto& [place, name] : key) columns.push_back(fmt::format("key {}", name));
  return columns;
}

/// What differs first, as a clause; empty where all is well.
std::string difference(const std::vector<std::string>& expected,
                       const std::vector<std::string>& found) {
  for (std::size_t i = 0; i < std::max(expected.size(), found.size()); ++i) {
    if (i >= found.size()) return fmt::format("it lacks {}", expected[i]);
    if (i >= expected.size()) return fmt::format("pesan knows nothing of its {}", found[i]);
    if (expected[i] != found[i]) {
      return fmt::format("{} stands where {} is expected", found[i], expected[i]);
    }
  }
  return {};
}

std::string create_again(const Index& index) {
  return fmt::format("DROP INDEX IF EXISTS {};\n{};\n", index.name, create_index(index));
}

/// name → text, of the views that are there.
using Views = std::set<std::pair<std::string, std::string>>;

Fallible<Views> views_there(Database& database) {
  auto statement = database.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'view'");
  if (!statement) return std::unexpected(std::move(statement.error()));
  Views views;
  for (;;) {
    const auto more = statement->step();
    if (!more) return std::unexpected(more.error());
    if (!*more) return views;
    views.emplace(statement->text(0), statement->text(1));
  }
}

Fallible<void> make_views_again(Database& database, std::vector<std::string>& said) {
  const auto before = views_there(database);
  if (!before) return std::unexpected(before.error());
  const auto made_by_others = indexes_and_triggers(database);
  if (!made_by_others) return std::unexpected(made_by_others.error());
  if (auto made = database.execute(create_views()); !made) return made;
  if (auto again = make_again(database, *made_by_others); !again) return again;
  const auto after = views_there(database);
  if (!after) return std::unexpected(after.error());
  for (const auto& view : *after) {
    if (!before->contains(view)) said.push_back(fmt::format("view {} made again", view.first));
  }
  return {};
}

Fallible<void> make_missing_tables(Database& database, std::vector<std::string>& said) {
  for (const TableDescription& table : described()) {
    const auto found = found_columns(database, table.name);
    if (!found) return std::unexpected(found.error());
    if (!found->empty()) continue;
    std::string sql = create_table(table, Side::live);
    for (const Index& index : indexes_of(table)) sql += create_again(index);
    if (auto made = database.execute(sql); !made) return made;
    said.push_back(
        fmt::format("table {} was not there, and is now, empty: `pesan rebuild` brings "
                    "the rows of read models back",
                    table.name));
  }
  return {};
}

/// Under their names may stand what somebody else made.
Fallible<void> make_missing_indexes(Database& database, std::vector<std::string>& said) {
  const auto there = indexes_and_triggers(database);
  if (!there) return std::unexpected(there.error());
  for (const TableDescription& table : tables::all) {
    for (const Index& index : indexes_of(table)) {
      const auto found = there->find(std::string(index.name));
      if (found != there->end() && found->second == create_index(index)) continue;
      auto made = database.execute(create_again(index));
      if (!made) return made;
      said.push_back(fmt::format("index {} made again", index.name));
    }
  }
  return {};
}

/// Whatever is mended, or nothing of it.
Fallible<void> mend(Database& database, std::vector<std::string>& said) {
  auto transaction = database.begin();
  if (!transaction) return std::unexpected(std::move(transaction.error()));
  if (auto made = make_missing_tables(database, said); !made) return made;
  if (auto checked = check_read_model(database); !checked) return checked;
  if (auto made = make_missing_indexes(database, said); !made) return made;
  if (auto made = make_views_again(database, said); !made) return made;
  if (said.empty()) return {};  // and nothing is written
  return transaction->commit();
}

Fallible<void> carry_out(Database& database, const FileFormat& format, std::int32_t from,
                         std::span<const SchemaStep> steps) {
  // Before the views go: triggers on them go with them.
  const auto made_by_others = indexes_and_triggers(database);
  if (!made_by_others) return std::unexpected(made_by_others.error());
  // Others' views may name a table that goes and comes: they stay as they are.
  auto dropped = database.execute("PRAGMA legacy_alter_table = ON;\n" + drop_views());
  if (!dropped) return dropped;
  for (const SchemaStep& step : steps) {
    if (step.to != from + 1) continue;
    if (auto done = database.execute(step.sql); !done) return done;
    from = step.to;
  }
  if (from != format.version) {
    return fail(FailureKind::fatal,
                fmt::format("{} has schema version {}, from which no step leads on: something else "
                            "changed it. Move the file away, and projectors make a new one from "
                            "the log",
                            database.path(), from));
  }
  if (auto made = database.execute(create_views() + marking(format)); !made) return made;
  if (auto again = make_again(database, *made_by_others); !again) return again;
  return database.execute("PRAGMA legacy_alter_table = OFF");
}

}  // namespace

SchemaStep step_to(std::span<const TableDescription> tables, std::int32_t to) {
  SchemaStep step{.to = to, .sql = {}};
  for (const TableDescription& table : tables) {
    std::vector<Column> columns;
    std::string kept;
    for (const Column& column : table.columns) {
      if (column.since <= to) columns.push_back(column);
      if (column.since < to && !column.is_generated()) {
        kept += fmt::format("{}{}", kept.empty() ? "" : ", ", column.name);
      }
    }
    const bool anew = std::ranges::any_of(columns, [&](const Column& c) { return c.since == to; });
    if (anew) {
      TableDescription then = table;
      then.columns = columns;
      // ALTER TABLE … ADD COLUMN would put it behind all others, and without its comment.
      step.sql += fmt::format(
          "ALTER TABLE {0} RENAME TO before_{0};\n{1}"
          "INSERT INTO {0} ({2}) SELECT {2} FROM before_{0};\nDROP TABLE before_{0};\n",
          table.name, create_table(then, Side::live), kept);
    }
    for (const Index& index : indexes_of(table)) {
      // An index goes with the table that it was made on.
      if (anew ? index.since <= to : index.since == to) step.sql += create_again(index);
    }
  }
  return step;
}

std::vector<SchemaStep> read_model_steps() {
  std::vector<SchemaStep> steps;
  for (std::int32_t to = 2; to <= tables::schema_version; ++to) {
    steps.push_back(step_to(tables::all, to));
  }
  return steps;
}

Fallible<void> check_read_model(Database& database) {
  for (const TableDescription& table : described()) {
    const auto found = found_columns(database, table.name);
    if (!found) return std::unexpected(found.error());
    if (found->empty()) {
      return fail(
          FailureKind::fatal,
          fmt::format("{} has no table {}: somebody dropped it. `pesan migrate --store URL` "
                      "makes it again, and `pesan rebuild` fills it from the log",
                      database.path(), table.name));
    }
    const std::string what = difference(expected_columns(table), *found);
    if (what.empty()) continue;
    return fail(FailureKind::fatal,
                fmt::format("table {} of {} is not as pesan made it: {}. Change it back by hand; "
                            "or move the file away, and projectors make a new one from the log",
                            table.name, database.path(), what));
  }
  return {};
}

Fallible<void> bring_forward(Database& database, const FileFormat& format,
                             std::span<const SchemaStep> steps) {
  // A rebuild of an older program would swap older tables in; one that was killed is undone.
  const std::string path(database.path());
  if (auto settled = settle_rebuild(database, path); !settled) return settled;
  auto transaction = database.begin();
  if (!transaction) return std::unexpected(std::move(transaction.error()));
  const auto identity = identify(database, format);  // again: now nobody else can
  if (!identity) return std::unexpected(identity.error());
  if (identity->version == format.version) return {};
  const auto rebuilding =
      database.query_integer("SELECT count(*) FROM meta WHERE name = 'rebuild_topic'");
  if (!rebuilding) return std::unexpected(rebuilding.error());
  if (*rebuilding != 0) {
    return fail(FailureKind::conflict,
                fmt::format("another process rebuilds {}; try again when that is over", path));
  }
  if (auto done = carry_out(database, format, identity->version, steps); !done) return done;
  if (auto checked = check_read_model(database); !checked) return checked;
  return transaction->commit();
}

Fallible<FileMigration> migrate_read_model(const std::string& path) {
  FileMigration report;
  OpenOptions options{.path = path, .access = Access::create};
  auto database = open_to_migrate(options);
  if (!database) return std::unexpected(std::move(database.error()));
  if (database->second.empty) {
    if (auto made = create_schema(database->first); !made) return std::unexpected(made.error());
  } else {
    report.before = database->second.version;
    auto forward = bring_forward(database->first, read_model_file, read_model_steps());
    if (!forward) return std::unexpected(std::move(forward.error()));
  }
  if (auto mended = mend(database->first, report.said); !mended) {
    return std::unexpected(mended.error());
  }
  if (auto ready = database->first.use_wal(); !ready) return std::unexpected(ready.error());
  report.now = read_model_file.version;
  return report;
}

}  // namespace pesan::sqlite
