#include "adapters/mysql/mysql_error.hpp"

#include <cstdint>

#include <fmt/format.h>

namespace pesan::mysql {
namespace {

/// What numbers have in common, as far as kind and advice go.
enum class Family : std::uint8_t {
  contention,  // another transaction or a schema change was in the way
  crowded,     // no connection to be had
  lost,        // the connection is gone
  read_only,   // the server does not take writes (now)
  full,        // no room on the server's disk
  refused,     // this account may not
  tls,
  no_such_place,  // unknown database or table
  misfit,         // a value does not fit its column
  duplicate,
  too_large,  // for one packet
  other,
};

constexpr Family family_of(int code) noexcept {
  switch (code) {
    case 1020:               // record has changed since last read
    case lock_wait_timeout:  // only the statement is rolled back, so roll back explicitly
    case 1213:               // deadlock
    case 1412:               // table definition has changed
    case 1615:               // prepared statement needs to be prepared again
    case 1317:               // query interrupted
    case 1969:               // statement timeout (MariaDB)
    case 3024:               // statement timeout (MySQL)
    case 3572:               // NOWAIT
      return Family::contention;
    case 1040:  // too many connections
    case 1129:  // host blocked after many errors
    case 1203:  // too many connections of this user
    case 1226:  // a limit of this user
      return Family::crowded;
    case 1053:  // server shutdown in progress
    case 1077:
    case 1079:
    case 1158:
    case 1159:
    case 1160:
    case 1161:  // network reading and writing
    case 1927:  // connection was killed (MariaDB)
    case 2002:  // cannot connect
    case 2003:
    case 2005:  // its name is not known, as that of a container that is not up
    case 2006:  // server has gone away
    case 2012:
    case 2013:  // lost connection during query
    case 2027:
    case 2055: return Family::lost;
    case 1209:
    case 1290:
    case 1792:
    case 1836: return Family::read_only;
    case 3:
    case 1021:
    case 1026:
    case 1030:
    case 1114: return Family::full;
    case 1044:
    case 1045:
    case 1130:
    case 1142:
    case 1143:
    case 1227:
    case 1251:
    case 1370:
    case 1698:
    case 2059:
    case 2061: return Family::refused;
    case 2026: return Family::tls;
    case 1046:
    case 1049:
    case 1054:
    case 1146:
    case 1305: return Family::no_such_place;
    case 1048:
    case 1264:
    case 1292:
    case 1364:
    case 1366:
    case 1406: return Family::misfit;
    case 1022:
    case duplicate_entry:
    case 1169:
    case 1586: return Family::duplicate;
    case 1153:
    case 1301:
    case 2020: return Family::too_large;
    default: return Family::other;
  }
}

/// Refusals of COMMIT that say themselves that nothing was committed.
constexpr bool certainly_not_committed(int code) noexcept {
  return code == 1205 || code == 1213 || code == 1020 || family_of(code) == Family::read_only;
}

}  // namespace

FailureKind classify(const Refusal& refusal) noexcept {
  if (refusal.committing && !certainly_not_committed(refusal.code)) return FailureKind::unknown;
  switch (family_of(refusal.code)) {
    case Family::contention:
    case Family::crowded:
    case Family::lost:
    case Family::read_only:
    case Family::full: return FailureKind::transient;
    case Family::refused:
    case Family::tls:
    case Family::no_such_place:
    case Family::misfit:
    case Family::duplicate:
    case Family::too_large:
    case Family::other: return FailureKind::fatal;
  }
  return FailureKind::fatal;
}

bool is_lost(int code) noexcept { return family_of(code) == Family::lost; }

std::string_view advice(const Refusal& refusal) noexcept {
  if (classify(refusal) == FailureKind::unknown) {
    return "The answer to COMMIT did not come, so whether it lasted is not known; the checkpoint "
           "will tell.";
  }
  switch (family_of(refusal.code)) {
    case Family::contention:
      return "Another transaction or a change of the schema was in the way. Nothing was written; "
             "it is tried again. If it lasts, look for long transactions on the server.";
    case Family::crowded: return "The server admits no more connections now; it is tried again.";
    case Family::lost:
      return "The server cannot be reached or went away. Nothing was written; it is tried again. "
             "If it lasts, check its name, and whether it runs and listens there.";
    case Family::read_only:
      return "The server takes no writes now. Nothing was written; it is tried again. If it "
             "lasts, this is a replica, or somebody has set it read-only.";
    case Family::full:
      return "The server's disk (or a limit of it) is full or refuses. Nothing was written; make "
             "room, it is tried again.";
    case Family::refused:
      return "This account may not do that from here: check user, password and its rights "
             "(sql/grants.sql lists what each role needs).";
    case Family::tls:
      return "The encrypted connection could not be made or verified: check the server's "
             "certificate and the option ca of the address.";
    case Family::no_such_place:
      return "Check the database and its spelling; `pesan migrate --store` makes the tables.";
    case Family::misfit:
      return "A value does not fit its column: the schema is not the one that this program "
             "writes. `pesan migrate` says which it is.";
    case Family::duplicate:
      return "A row is there that should not be: something else wrote to these tables. `pesan "
             "verify` shows where, `pesan rebuild` makes them anew.";
    case Family::too_large: return "Set max_allowed_packet of the server to 16 MB or more.";
    case Family::other: break;
  }
  return "This should not happen: please report it with this message.";
}

Failure describe(const Attempt& attempt, const Refusal& refusal) {
  return {classify(refusal),
          fmt::format("cannot {} {}: {} (error {}). {}", attempt.doing, attempt.where,
                      attempt.answer, refusal.code, advice(refusal))};
}

}  // namespace pesan::mysql
