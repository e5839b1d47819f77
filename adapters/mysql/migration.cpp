#include "adapters/mysql/migration.hpp"

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "adapters/mysql/embedded_sql.hpp"
#include "adapters/mysql/read_model_writer.hpp"
#include "adapters/mysql/server_lock.hpp"
#include "events/digest.hpp"

namespace pesan::mysql {
namespace {

constexpr std::string_view ledger = "schema_migration";
constexpr int lock_patience_s = 60;
/// Under this number stand the views and routines.
constexpr std::int64_t objects_version = 0;

struct Step {
  std::int64_t version = 0;
  std::string_view name;
  std::vector<std::string> statements;  // each may be repeated

  std::string checksum() const {
    std::string text;
    for (const std::string& statement : statements) text += statement + ";\n";
    return to_hex(digest_of(text));
  }
};

/// The tables of sql/, the ledger of steps first: where it stands, the others are ours. Once a
/// second step comes, the text of this one is frozen as it was.
Step first_step() {
  Step step{.version = 1, .name = "read models", .statements = {}};
  for (const SqlObject& table : sql_tables()) {
    const auto place = table.name == ledger ? step.statements.begin() : step.statements.end();
    step.statements.insert(place, std::string(table.text));
  }
  step.statements.push_back(insert_gate(Side::live));
  return step;
}

const std::vector<Step>& steps() {
  static const std::vector<Step> all{first_step()};
  return all;
}

std::int64_t newest() { return steps().back().version; }

/// What makes an object anew, whether it is there or not.
void append_replacement(std::vector<std::string>& out, std::string_view kind,
                        std::span<const SqlObject> objects) {
  for (const SqlObject& object : objects) {
    std::string text(object.text);
    if (kind == "VIEW") {
      // Never gone for a moment; and it reads with the rights of who reads it.
      constexpr std::string_view create = "CREATE VIEW";
      text.replace(text.find(create), create.size(), "CREATE OR REPLACE SQL SECURITY INVOKER VIEW");
    } else {
      out.push_back(fmt::format("DROP {} IF EXISTS {}", kind, quoted(object.name)));
    }
    out.push_back(std::move(text));
  }
}

Step objects() {
  Step step{.version = objects_version, .name = "views and routines", .statements = {}};
  append_replacement(step.statements, "VIEW", sql_views());
  append_replacement(step.statements, "FUNCTION", sql_functions());
  append_replacement(step.statements, "PROCEDURE", sql_procedures());
  return step;
}

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
Fallible<void> refuse_foreign_tables(Connection& connection) {
  for (const SqlObject& table : sql_tables()) {
    const auto there = is_there(connection, table.name);
    if (!there) return std::unexpected(there.error());
    if (!*there) continue;
    return fail(FailureKind::fatal,
                fmt::format("{} has a table {} that pesan did not make; give pesan a database of "
                            "its own",
                            connection.where(), table.name));
  }
  return {};
}

Fallible<void> carry_out(Connection& connection, const Step& step) {
  for (const std::string& statement : step.statements) {
    if (auto done = connection.execute("change the schema of", statement); !done) return done;
  }
  return connection.execute(
      "change the schema of",
      fmt::format("REPLACE INTO {} (version, name, checksum, applied_at)"
                  " VALUES ({}, {}, {}, UTC_TIMESTAMP(6))",
                  ledger, step.version, literal(step.name), literal(step.checksum())));
}

Fallible<void> carry_out_missing(Connection& connection, const Applied& applied) {
  if (version_of(applied) > newest()) {
    return std::unexpected(newer(connection.where(), version_of(applied)));
  }
  for (const Step& step : steps()) {
    const auto found = applied.find(step.version);
    if (found == applied.end()) {
      if (auto done = carry_out(connection, step); !done) return done;
    } else if (found->second != step.checksum()) {
      return fail(FailureKind::fatal,
                  fmt::format("step {} of the schema of {} was carried out with another text than "
                              "this program has: it was made by another build. Make a database "
                              "with this one, and rebuild it from the log",
                              step.version, connection.where()));
    }
  }
  return {};
}

/// One migration at a time.
Fallible<void> lock(Connection& connection) {
  const auto locked = try_lock(connection, "migrate", lock_patience_s);
  if (!locked) return std::unexpected(locked.error());
  if (*locked) return {};
  return fail(FailureKind::conflict,
              fmt::format("another process migrates {}", connection.where()));
}

}  // namespace

Fallible<MigrationReport> migrate(const Credentials& credentials) {
  auto connection = Connection::open(credentials, Connection::Database::created);
  if (!connection) return std::unexpected(std::move(connection.error()));
  if (auto locked = lock(*connection); !locked) return std::unexpected(locked.error());
  auto applied = read_applied(*connection);
  if (!applied) return std::unexpected(std::move(applied.error()));
  MigrationReport report;
  if (*applied && version_of(**applied) > 0) report.before = version_of(**applied);
  if (!*applied) {
    if (auto own = refuse_foreign_tables(*connection); !own) return std::unexpected(own.error());
    applied->emplace();
  }
  if (auto done = carry_out_missing(*connection, **applied); !done) {
    return std::unexpected(done.error());
  }
  report.now = newest();
  const Step replaced = objects();
  const auto found = (*applied)->find(objects_version);
  if (found == (*applied)->end() || found->second != replaced.checksum()) {
    if (auto done = carry_out(*connection, replaced); !done) return std::unexpected(done.error());
    report.objects_replaced = true;
  }
  return report;
}

Fallible<void> check_schema(Connection& connection) {
  const auto applied = read_applied(connection);
  if (!applied) return std::unexpected(applied.error());
  const std::int64_t version = *applied ? version_of(**applied) : 0;
  if (version > newest()) return std::unexpected(newer(connection.where(), version));
  if (version == newest()) return {};
  return fail(FailureKind::fatal,
              version == 0
                  ? fmt::format("there is no read model in {}; `pesan migrate --store` makes it",
                                connection.where())
                  : fmt::format("{} has schema version {}, and this program writes {}; `pesan "
                                "migrate --store` brings it there",
                                connection.where(), version, newest()));
}

}  // namespace pesan::mysql
