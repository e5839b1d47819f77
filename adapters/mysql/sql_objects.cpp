#include "adapters/mysql/sql_objects.hpp"

#include <map>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "adapters/mysql/embedded_sql.hpp"
#include "events/digest.hpp"

namespace pesan::mysql {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const auto begin = text.find_first_not_of(space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(space) + 1 - begin);
}

Fallible<void> run(Connection& connection, const std::string& sql) {
  return connection.execute("change the schema of", sql);
}

// --- views --------------------------------------------------------------------------------------

/// name → definition, in the server's words.
using Views = std::map<std::string, std::string>;

Fallible<Views> views_there(Connection& connection) {
  auto rows = connection.query("look at the views of",
                               "SELECT table_name, CONCAT(security_type, ' ', view_definition)"
                               " FROM information_schema.views WHERE table_schema = DATABASE()");
  if (!rows) return std::unexpected(std::move(rows.error()));
  Views views;
  for (;;) {
    const auto more = rows->next();
    if (!more) return std::unexpected(more.error());
    if (!*more) return views;
    views.emplace(rows->text(0), rows->text(1));
  }
}

Fallible<void> make_views(Connection& connection, std::vector<std::string>& said) {
  const auto before = views_there(connection);
  if (!before) return std::unexpected(before.error());
  for (const SqlObject& view : sql_views()) {
    // Never gone for a moment; and it reads with its reader's rights.
    constexpr std::string_view create = "CREATE VIEW";
    std::string text(view.text);
    text.replace(text.find(create), create.size(), "CREATE OR REPLACE SQL SECURITY INVOKER VIEW");
    if (auto made = run(connection, text); !made) return made;
  }
  const auto after = views_there(connection);
  if (!after) return std::unexpected(after.error());
  std::vector<std::string_view> amiss;
  for (const SqlObject& view : sql_views()) {
    const auto was = before->find(std::string(view.name));
    const auto is = after->find(std::string(view.name));
    const bool same = was != before->end() && is != after->end() && was->second == is->second;
    if (!same) amiss.push_back(view.name);
  }
  if (!amiss.empty()) said.push_back(fmt::format("views {} made again", fmt::join(amiss, ", ")));
  return {};
}

// --- routines -----------------------------------------------------------------------------------

struct Routine {
  std::string body;
  bool own = false;    // with the rights of the account that migrates
  bool asker = false;  // with its caller's rights
};

Fallible<std::map<std::string, Routine>> routines_there(Connection& connection) {
  // The body is null for an account that it does not belong to.
  auto rows = connection.query(
      "look at the routines of",
      "SELECT routine_name, COALESCE(routine_definition, ''), definer = CURRENT_USER(),"
      " security_type = 'INVOKER' FROM information_schema.routines"
      " WHERE routine_schema = DATABASE()");
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::map<std::string, Routine> routines;
  for (;;) {
    const auto more = rows->next();
    if (!more) return std::unexpected(more.error());
    if (!*more) return routines;
    routines.emplace(rows->text(0), Routine{.body = std::string(trimmed(rows->text(1))),
                                            .own = rows->integer(2) != 0,
                                            .asker = rows->integer(3) != 0});
  }
}

bool reads_as_its_caller(const SqlObject& routine) {
  return routine.text.find("\nSQL SECURITY INVOKER\n") != std::string_view::npos;
}

bool is_as_wanted(const SqlObject& wanted, const Routine& found) {
  return found.own && found.asker == reads_as_its_caller(wanted) && !found.body.empty() &&
         trimmed(wanted.text).ends_with(found.body);
}

Fallible<std::string> this_account(Connection& connection) {
  auto rows = connection.query("look at", "SELECT CURRENT_USER()");
  if (!rows) return std::unexpected(std::move(rows.error()));
  const auto found = rows->next();
  if (!found) return std::unexpected(found.error());
  return rows->text(0);
}

struct Made {
  std::vector<std::string_view> all;
  std::vector<std::string_view> with_our_rights;
};

Fallible<void> say_whose(Connection& connection, const Made& made, std::vector<std::string>& said) {
  if (made.all.empty()) return {};
  said.push_back(
      fmt::format("routines {} made: run sql/grants.sql again, as servers forget the "
                  "rights on what was made anew",
                  fmt::join(made.all, ", ")));
  if (made.with_our_rights.empty()) return {};
  const auto account = this_account(connection);
  if (!account) return std::unexpected(account.error());
  said.push_back(
      fmt::format("{} work with the rights of {}: keep that account, or migrate again "
                  "with the one that stays",
                  fmt::join(made.with_our_rights, ", "), *account));
  return {};
}

/// MariaDB can replace a routine so that rights given on it stay.
Fallible<void> make_routine(Connection& connection, std::string_view kind, const SqlObject& routine,
                            bool keeps_rights) {
  std::string text(routine.text);
  if (!keeps_rights) {
    auto gone =
        run(connection, fmt::format("DROP {} IF EXISTS {}", kind, quoted_name(routine.name)));
    if (!gone) return gone;
    return run(connection, text);
  }
  const std::string create = fmt::format("CREATE {} ", kind);
  text.replace(text.find(create), create.size(), fmt::format("CREATE OR REPLACE {} ", kind));
  return run(connection, text);
}

Fallible<void> make_routines(Connection& connection, bool all, std::vector<std::string>& said) {
  const auto there = routines_there(connection);
  if (!there) return std::unexpected(there.error());
  const auto mariadb = connection.query_integer("look at", "SELECT VERSION() LIKE '%MariaDB%'");
  if (!mariadb) return std::unexpected(mariadb.error());
  const bool keeps_rights = *mariadb != 0;
  Made made;
  for (const auto& [kind, routines] :
       {std::pair{"FUNCTION", sql_functions()}, std::pair{"PROCEDURE", sql_procedures()}}) {
    for (const SqlObject& routine : routines) {
      const auto found = there->find(std::string(routine.name));
      if (!all && found != there->end() && is_as_wanted(routine, found->second)) continue;
      if (auto done = make_routine(connection, kind, routine, keeps_rights); !done) return done;
      made.all.push_back(routine.name);
      if (!reads_as_its_caller(routine)) made.with_our_rights.push_back(routine.name);
    }
  }
  return say_whose(connection, made, said);
}

}  // namespace

std::string checksum_of_objects() {
  std::string text;
  for (const auto objects : {sql_views(), sql_functions(), sql_procedures()}) {
    for (const SqlObject& object : objects) text += object.text;
  }
  return to_hex(digest_of(text));
}

Fallible<void> make_objects(Connection& connection, bool all_routines,
                            std::vector<std::string>& said) {
  std::vector<std::string> expected;  // of other texts nothing else is
  if (auto made = make_views(connection, all_routines ? expected : said); !made) return made;
  return make_routines(connection, all_routines, said);
}

}  // namespace pesan::mysql
