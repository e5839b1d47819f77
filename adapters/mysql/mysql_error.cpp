#include "adapters/mysql/mysql_error.hpp"

#include <cstdint>

#include <fmt/format.h>

namespace pesan::mysql {
namespace {

/// What numbers have in common, as far as kind and advice go.
enum class Family : std::uint8_t {
  contention,  // another transaction or a schema change was in the way
  ended,       // somebody, or a limit of time, ended the statement
  crowded,     // no connection to be had
  lost,        // the connection is gone
  read_only,   // the server does not take writes (now)
  forbidden,   // an option of the server keeps it from that
  full,        // no room on the server's disk
  storage,     // its engine refuses, for a reason of its own: no room, or damaged files
  memory,      // none left on the server
  refused,     // this account may not
  tls,
  no_such_place,  // unknown database, table or routine
  misfit,         // a value or a statement does not fit the table
  duplicate,
  guarded,       // a trigger or a constraint that is none of ours
  too_large,     // for one packet
  damaged,       // the table's files
  narrow,        // pages or a log of the server that are too small for our tables
  cut_short,     // a limit of rows that is met before a session can lift it
  no_engine,     // InnoDB is switched off or replaced
  by_statement,  // the binary log is one of statements
  distrust,      // the binary log takes no functions from this account
  orphaned,      // a routine or view whose account is gone
  unknown_server,
  other,
};

struct Known {
  int code;
  Family family;
};

constexpr Known known[] = {
    {1020, Family::contention},               // record has changed since last read
    {lock_wait_timeout, Family::contention},  // only the statement is rolled back
    {1206, Family::contention},               // more locks than the server has room for
    {1213, Family::contention},               // deadlock
    {1412, Family::contention},               // table definition has changed
    {1615, Family::contention},               // prepared statement needs to be prepared again
    {3101, Family::contention},               // another node of the cluster was first
    {3572, Family::contention},               // NOWAIT
    {1028, Family::ended},                    // a sort was aborted
    {1317, Family::ended},                    // query interrupted
    {1969, Family::ended},                    // statement timeout (MariaDB)
    {3024, Family::ended},                    // statement timeout (MySQL)
    {1040, Family::crowded},                  // too many connections
    {1129, Family::crowded},                  // host blocked after many errors
    {1203, Family::crowded},                  // too many connections of this user
    {1226, Family::crowded},                  // a limit of this user
    {1461, Family::crowded},                  // max_prepared_stmt_count
    {1053, Family::lost},                     // server shutdown in progress
    {1077, Family::lost},
    {1079, Family::lost},
    {1152, Family::lost},  // aborted connection
    {1156, Family::lost},  // packets out of order, and unreadable ones
    {1157, Family::lost},
    {1158, Family::lost},
    {1159, Family::lost},
    {1160, Family::lost},
    {1161, Family::lost},  // network reading and writing
    {1184, Family::lost},
    {1927, Family::lost},  // connection was killed (MariaDB)
    {2002, Family::lost},  // cannot connect
    {2003, Family::lost},
    {2005, Family::lost},  // its name is not known, as that of a container that is not up
    {2006, Family::lost},  // server has gone away
    {2012, Family::lost},
    {2013, Family::lost},  // lost connection during query
    {2027, Family::lost},
    {2055, Family::lost},
    {4031, Family::lost},       // ended for its silence (MySQL)
    {1047, Family::read_only},  // a node of a cluster that is not ready
    {1209, Family::read_only},
    {1290, Family::forbidden},
    {1792, Family::read_only},
    {1836, Family::read_only},
    {1874, Family::read_only},  // InnoDB is
    {3032, Family::read_only},  // offline mode
    {3, Family::full},
    {28, Family::full},
    {1021, Family::full},
    {1026, Family::full},
    {1030, Family::storage},
    {1114, Family::full},
    {1598, Family::full},  // the binary log cannot be written
    {5, Family::memory},
    {1037, Family::memory},
    {1038, Family::memory},
    {1041, Family::memory},
    {1135, Family::memory},  // no thread to be had
    {1044, Family::refused},
    {1045, Family::refused},
    {1130, Family::refused},
    {1142, Family::refused},
    {1143, Family::refused},
    {1227, Family::refused},
    {1251, Family::refused},
    {1370, Family::refused},
    {1524, Family::refused},  // no such way of authentication
    {1698, Family::refused},
    {1820, Family::refused},  // the password must be changed first
    {1862, Family::refused},  // it has expired
    {2059, Family::refused},
    {2061, Family::refused},
    {3118, Family::refused},  // the account is locked (MySQL)
    {4151, Family::refused},  // the account is locked (MariaDB)
    {2026, Family::tls},
    {3159, Family::tls},  // the server takes encrypted connections only
    {1046, Family::no_such_place},
    {1049, Family::no_such_place},
    {1051, Family::no_such_place},
    {1146, Family::no_such_place},
    {1305, Family::no_such_place},
    {1048, Family::misfit},
    {1054, Family::misfit},
    {1136, Family::misfit},
    {1264, Family::misfit},
    {1265, Family::misfit},
    {1292, Family::misfit},
    {1364, Family::misfit},
    {1366, Family::misfit},
    {1406, Family::misfit},
    {1690, Family::misfit},
    {4174, Family::misfit},  // of a value in a JSON_TABLE
    {1022, Family::duplicate},
    {duplicate_entry, Family::duplicate},
    {1169, Family::duplicate},
    {1586, Family::duplicate},
    {1216, Family::guarded},
    {1217, Family::guarded},
    {1451, Family::guarded},
    {1452, Family::guarded},
    {1644, Family::guarded},  // SIGNAL
    {3819, Family::guarded},
    {4025, Family::guarded},
    {1153, Family::too_large},
    {1301, Family::too_large},
    {2020, Family::too_large},
    {1016, Family::damaged},
    {1017, Family::damaged},
    {1033, Family::damaged},
    {1034, Family::damaged},
    {1194, Family::damaged},
    {1195, Family::damaged},
    {1712, Family::damaged},
    {1812, Family::damaged},
    {1932, Family::damaged},
    {1071, Family::narrow},
    {1118, Family::narrow},
    {1709, Family::narrow},
    {1104, Family::cut_short},
    {1286, Family::no_engine},
    {3161, Family::no_engine},
    {1665, Family::by_statement},
    {1418, Family::distrust},
    {1419, Family::distrust},
    {1356, Family::orphaned},
    {1449, Family::orphaned},
    {1064, Family::unknown_server},  // syntax
    {1115, Family::unknown_server},  // character set
    {1193, Family::unknown_server},  // variable
    {1231, Family::unknown_server},  // value of a variable
    {1273, Family::unknown_server},  // collation
};

constexpr Family family_of(int code) noexcept {
  for (const Known& number : known) {
    if (number.code == code) return number.family;
  }
  return Family::other;
}

/// Refusals of COMMIT that say themselves that nothing was committed.
constexpr bool certainly_not_committed(int code) noexcept {
  const Family family = family_of(code);
  return code == 1205 || code == 1213 || code == 1020 || family == Family::read_only ||
         family == Family::forbidden;
}

}  // namespace

FailureKind classify(const Refusal& refusal) noexcept {
  if (refusal.committing && !certainly_not_committed(refusal.code)) return FailureKind::unknown;
  switch (family_of(refusal.code)) {
    case Family::contention:
    case Family::ended:
    case Family::crowded:
    case Family::lost:
    case Family::read_only:
    case Family::forbidden:
    case Family::full:
    case Family::storage:
    case Family::memory: return FailureKind::transient;
    case Family::refused:
    case Family::tls:
    case Family::no_such_place:
    case Family::misfit:
    case Family::duplicate:
    case Family::guarded:
    case Family::too_large:
    case Family::damaged:
    case Family::narrow:
    case Family::cut_short:
    case Family::no_engine:
    case Family::by_statement:
    case Family::distrust:
    case Family::orphaned:
    case Family::unknown_server:
    case Family::other: return FailureKind::fatal;
  }
  return FailureKind::fatal;
}

bool is_lost(int code) noexcept { return family_of(code) == Family::lost; }

namespace {

/// Of what passes, and is tried again.
std::string_view advice_to_wait(Family family) noexcept {
  switch (family) {
    case Family::contention:
      return "Another transaction or a change of the schema was in the way. Nothing was written; "
             "it can be tried again. If it lasts, look for long transactions on the server.";
    case Family::ended:
      return "Somebody, or a limit of time on the server, ended the statement. Nothing was "
             "written; it can be tried again. If it lasts, look for who runs KILL there.";
    case Family::crowded:
      return "The server admits no more connections or statements now; it can be tried again.";
    case Family::lost:
      return "The server cannot be reached or went away. Nothing was written; it can be tried "
             "again. "
             "If it lasts, check its name, and whether it runs and listens there.";
    case Family::read_only:
      return "The server takes no writes now. Nothing was written; it can be tried again. If it "
             "lasts, this is a replica, or somebody has set it read-only.";
    case Family::forbidden:
      return "An option of the server, which it names, keeps it from that. Nothing was written; it "
             "can be tried again. With read-only it takes no writes now, as a replica; with "
             "NO_ENGINE_SUBSTITUTION lift enforce_storage_engine, as pesan's tables need InnoDB.";
    case Family::full:
      return "The server's disk (or a limit of it) is full or refuses. Nothing was written; make "
             "room, and it can be tried again.";
    case Family::storage:
      return "The server's storage engine refuses, for the reason that it gives. Nothing was "
             "written; it can be tried again. With error 28 make room on its disk. Of a table "
             "whose files are missing or damaged drop what is left: `pesan migrate --store URL` "
             "makes it again, and `pesan rebuild` fills it from the log.";
    case Family::memory:
      return "The server has no memory left. Nothing was written; it can be tried again. If it "
             "lasts, "
             "give the server more.";
    default: return {};
  }
}

/// Of what somebody must change; empty where nobody knows what.
std::string_view advice_to_mend(Family family) noexcept {
  switch (family) {
    case Family::refused:
      return "This account may not do that from here: check user, password, whether it must be "
             "encrypted (tls=verify in the address), and its rights (sql/grants.sql lists what "
             "each role needs).";
    case Family::tls:
      return "The encrypted connection could not be made or verified: check the server's "
             "certificate and the options tls and ca of the address.";
    case Family::no_such_place:
      return "Check the database and its spelling; `pesan migrate --store URL` makes the tables, "
             "and "
             "those that are gone again.";
    case Family::misfit:
      return "A value does not fit its column: the table is not the one that this program writes. "
             "`pesan migrate --store URL` says where it differs.";
    case Family::duplicate:
      return "A row is there that should not be: something else wrote to these tables. `pesan "
             "verify` shows where, `pesan rebuild` makes them anew.";
    case Family::guarded:
      return "A trigger or a constraint that pesan did not make refuses it: take it off the "
             "table; a read model holds what the log says.";
    case Family::too_large: return "Set max_allowed_packet of the server to 16 MB or more.";
    case Family::damaged:
      return "The server cannot read the files of this table. Drop it; `pesan migrate --store URL` "
             "makes it again, and `pesan rebuild` fills it from the log.";
    case Family::narrow:
      return "The server has no room for pesan's rows, indexes or snapshots: it needs an "
             "innodb_page_size of 8 kB or more, and a redo log of 96 MB or more.";
    case Family::cut_short:
      return "The server's max_join_size is too small to connect by: have it at its default.";
    case Family::no_engine:
      return "pesan's tables need the engine InnoDB: have the server offer it, and neither disable "
             "it (disabled_storage_engines) nor enforce another (enforce_storage_engine).";
    case Family::by_statement:
      return "The server's binary log cannot repeat such transactions by their statements: set "
             "binlog_format to ROW in its configuration, and now with SET GLOBAL binlog_format = "
             "ROW.";
    case Family::distrust:
      return "With a binary log the server takes functions from administrators alone: let one "
             "SET GLOBAL log_bin_trust_function_creators = 1 (and in its configuration), or "
             "migrate.";
    case Family::orphaned:
      return "The account that made a view or routine is gone or lost its rights; `pesan migrate "
             "--store URL` makes them again for the account that it uses.";
    case Family::unknown_server:
      return "This server does not understand pesan: it needs MySQL 8.4 or newer, or MariaDB 10.11 "
             "or newer. If it is one, please report this message.";
    default: return {};
  }
}

}  // namespace

std::string_view advice(const Refusal& refusal) noexcept {
  if (classify(refusal) == FailureKind::unknown) {
    return "The answer to COMMIT did not come, so whether it lasted is not known; the checkpoint "
           "will tell.";
  }
  const Family family = family_of(refusal.code);
  if (const auto wait = advice_to_wait(family); !wait.empty()) return wait;
  if (const auto mend = advice_to_mend(family); !mend.empty()) return mend;
  return "This should not happen: please report it with this message.";
}

Failure describe(const Attempt& attempt, const Refusal& refusal) {
  return {classify(refusal),
          fmt::format("cannot {} {}: {} (error {}). {}", attempt.doing, attempt.where,
                      attempt.answer, refusal.code, advice(refusal))};
}

}  // namespace pesan::mysql
