#include "adapters/mysql/session.hpp"

#include <fmt/format.h>

namespace pesan::mysql {
namespace {

/// A statement has half a megabyte and a row, a chunk of a snapshot two, and the values of a
/// prepared statement three, were each row as long as one may be: all get room to grow. Beyond it a
/// server closes the connection, which looks like one that went away.
constexpr std::int64_t least_packet = std::int64_t{4} << 20;

/// Whatever a server's defaults may turn our statements into. Strict, so that a value that does not
/// fit is an error; no escapes by backslash, so that a quote is all that a literal has to mind; all
/// keys checked, no statement cut short, no limit of rows, none of time but for locks, for which
/// there is patience, but not for ever, and for who stands still in the middle of writing. COMMIT
/// ends a transaction and nothing else. What only one of the servers has stands in comments that it
/// alone reads.
constexpr const char* session_settings =
    "SET NAMES utf8mb4 COLLATE utf8mb4_bin,"
    " sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,NO_ENGINE_SUBSTITUTION,"
    "NO_BACKSLASH_ESCAPES',"
    " time_zone = '+00:00', autocommit = 1, completion_type = 0,"
    " sql_safe_updates = 0, sql_select_limit = 18446744073709551615,"
    " max_join_size = 18446744073709551615, sql_big_selects = 1, sql_auto_is_null = 0,"
    " foreign_key_checks = 1, unique_checks = 1, sql_quote_show_create = 1,"
    " innodb_lock_wait_timeout = 10, lock_wait_timeout = 20, wait_timeout = 31536000"
    "/*M!100000 , max_statement_time = 0, idle_transaction_timeout = 0,"
    " idle_write_transaction_timeout = 60, idle_readonly_transaction_timeout = 0 */"
    "/*!80000 , max_execution_time = 0 */";

Fallible<void> check_encrypted(Connection& connection) {
  auto cipher = connection.query("look at", "SHOW SESSION STATUS LIKE 'Ssl_cipher'");
  if (!cipher) return std::unexpected(std::move(cipher.error()));
  const auto found = cipher->next();
  if (!found) return std::unexpected(found.error());
  if (*found && !cipher->text(1).empty()) return {};
  return fail(FailureKind::fatal,
              fmt::format("the connection to {} is not encrypted", connection.where()));
}

Fallible<void> check_packet_size(Connection& connection) {
  const auto size = connection.query_integer("look at", "SELECT @@max_allowed_packet");
  if (!size) return std::unexpected(size.error());
  if (*size >= least_packet) return {};
  return fail(FailureKind::fatal,
              fmt::format("{} has max_allowed_packet = {}, less than what pesan sends at once: set "
                          "it to {} or more in the server's configuration, and now with SET GLOBAL "
                          "max_allowed_packet = {}",
                          connection.where(), *size, least_packet, 4 * least_packet));
}

Fallible<void> create_database(Connection& connection, const std::string& name) {
  // Looked for first: an account that may not make databases may have been given one.
  const auto there = connection.query_integer(
      "look at", fmt::format("SELECT COUNT(*) FROM information_schema.schemata"
                             " WHERE schema_name = {}",
                             literal(name)));
  if (!there) return std::unexpected(there.error());
  if (*there != 0) return {};
  return connection.execute("make",
                            fmt::format("CREATE DATABASE IF NOT EXISTS {} CHARACTER SET utf8mb4"
                                        " COLLATE utf8mb4_bin",
                                        quoted_name(name)));
}

}  // namespace

Fallible<void> prepare_session(Connection& connection, const Address& address,
                               Connection::Database database) {
  const auto run = [&](const std::string& sql) { return connection.execute("set up", sql); };
  if (auto done = run("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE");
      !done) {
    return done;
  }
  if (auto done = run(session_settings); !done) return done;
  if (address.tls == Address::Tls::verify) {
    if (auto encrypted = check_encrypted(connection); !encrypted) return encrypted;
  }
  if (auto wide = check_packet_size(connection); !wide) return wide;
  if (database == Connection::Database::created) {
    if (auto made = create_database(connection, address.database); !made) return made;
  }
  return run(fmt::format("USE {}", quoted_name(address.database)));
}

}  // namespace pesan::mysql
