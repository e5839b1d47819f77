#include "adapters/sqlite/database.hpp"

#include <cstring>
#include <thread>
#include <utility>

#include <fmt/format.h>

namespace pesan::sqlite {
namespace {

std::string_view path_of(sqlite3* database) {
  const char* path = sqlite3_db_filename(database, "main");
  return path != nullptr ? path : "";
}

/// errno of the call that failed. SQLite passes it on from statements, but not from COMMIT: there
/// the WAL's own file remembers it.
int os_error_of(sqlite3* database, bool committing) {
  const int known = sqlite3_system_errno(database);
  if (known != 0 || !committing) return known;
  sqlite3_file* wal = nullptr;
  int remembered = 0;
  if (sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER,
                           static_cast<void*>(&wal)) == SQLITE_OK &&
      wal != nullptr && wal->pMethods != nullptr) {
    wal->pMethods->xFileControl(wal, SQLITE_FCNTL_LAST_ERRNO, &remembered);
  }
  return remembered;
}

Failure refusal_of(sqlite3* database, std::string_view doing, bool committing = false) {
  const int code = sqlite3_extended_errcode(database);
  const int primary = code & 0xff;
  // For any other code errno is left over from something else.
  const bool from_system = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN;
  return describe({.doing = doing, .path = path_of(database), .answer = sqlite3_errmsg(database)},
                  {.code = code,
                   .os_error = from_system ? os_error_of(database, committing) : 0,
                   .committing = committing});
}

/// A path as the file: URI that SQLite reads; only such an address can say immutable=1.
std::string immutable_uri(std::string_view path) {
  std::string uri = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      uri += fmt::format("%{:02x}", static_cast<unsigned>(c));
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

}  // namespace

// --- Statement ----------------------------------------------------------------------------------

Statement& Statement::bind(int index, double value) {
  return bound(sqlite3_bind_double(handle_.get(), index, value));
}

Statement& Statement::bind(int index, std::string_view text) {
  // A null pointer would bind NULL, and an empty view may have one.
  const char* bytes = text.data() != nullptr ? text.data() : "";
  return bound(
      sqlite3_bind_text64(handle_.get(), index, bytes, text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

Statement& Statement::bind(int index, Blob blob) {
  const char* bytes = blob.bytes.data() != nullptr ? blob.bytes.data() : "";
  return bound(sqlite3_bind_blob64(handle_.get(), index, bytes, blob.bytes.size(), SQLITE_STATIC));
}

Statement& Statement::bind(int index, std::nullptr_t) {
  return bound(sqlite3_bind_null(handle_.get(), index));
}

Fallible<bool> Statement::step() {
  if (refused_ != SQLITE_OK) {
    const Refusal refusal{.code = std::exchange(refused_, SQLITE_OK)};
    sqlite3_reset(handle_.get());
    return std::unexpected(describe({.doing = "bind a value for",
                                     .path = path_of(sqlite3_db_handle(handle_.get())),
                                     .answer = sqlite3_errstr(refusal.code)},
                                    refusal));
  }
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(handle_.get());
    return false;
  }
  // The message is the connection's: take it before reset touches it.
  auto failure = refusal_of(sqlite3_db_handle(handle_.get()),
                            sqlite3_stmt_readonly(handle_.get()) != 0 ? "read" : "write to");
  sqlite3_reset(handle_.get());
  return std::unexpected(std::move(failure));
}

Fallible<void> Statement::run() {
  for (;;) {
    auto row = step();
    if (!row) return std::unexpected(std::move(row.error()));
    if (!*row) return {};
  }
}

void Statement::reset() {
  refused_ = SQLITE_OK;
  sqlite3_reset(handle_.get());
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}
std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(handle_.get(), column);
}
double Statement::real(int column) const { return sqlite3_column_double(handle_.get(), column); }

std::string_view Statement::text(int column) const {
  // The order matters: _text converts, _bytes then counts what it converted to.
  const auto* bytes = sqlite3_column_text(handle_.get(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
  return bytes != nullptr ? std::string_view(reinterpret_cast<const char*>(bytes), size)
                          : std::string_view();
}

std::string_view Statement::blob(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(handle_.get(), column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
  return bytes != nullptr ? std::string_view(bytes, size) : std::string_view();
}

// --- FileTransaction
// --------------------------------------------------------------------------------

FileTransaction::~FileTransaction() {
  // Some errors have rolled back already; a second ROLLBACK then fails and changes nothing.
  if (database_ != nullptr) sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
}

Fallible<void> FileTransaction::commit() {
  sqlite3* database = std::exchange(database_, nullptr);
  if (sqlite3_exec(database, "COMMIT", nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  auto failure = refusal_of(database, "commit to", true);
  // A refused COMMIT may leave the transaction open (busy): end it, so that the caller may begin
  // the whole again.
  if (sqlite3_get_autocommit(database) == 0) {
    sqlite3_exec(database, "ROLLBACK", nullptr, nullptr, nullptr);
  }
  return std::unexpected(std::move(failure));
}

// --- Database -----------------------------------------------------------------------------------

struct Database::Patience {
  std::chrono::milliseconds limit;
  std::chrono::steady_clock::time_point until;

  // Even sleeps of 1 ms instead of SQLite's growing ones (up to 100 ms): the other process holds
  // the lock for one short transaction, and a process that sleeps long finds it taken again.
  static int wait(void* self, int times) {
    auto& patience = *static_cast<Patience*>(self);
    const auto now = std::chrono::steady_clock::now();
    if (times == 0) patience.until = now + patience.limit;
    if (now >= patience.until) return 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return 1;
  }
};

void Database::ForgetPatience::operator()(Patience* patience) const { delete patience; }

Fallible<Database> Database::open(const OpenOptions& options) {
  // NOMUTEX: a connection is used by one thread at a time, so SQLite need not lock each call.
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  std::string name = options.path;
  switch (options.access) {
    case Access::read: flags |= SQLITE_OPEN_READONLY; break;
    case Access::write: flags |= SQLITE_OPEN_READWRITE; break;
    case Access::create: flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE; break;
    case Access::immutable:
      flags |= SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
      name = immutable_uri(options.path);
      break;
  }
  Database database;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &handle, flags, nullptr);
  database.handle_.reset(handle);  // also after a refusal there is something to close
  if (code != SQLITE_OK) {
    const int os_error = handle != nullptr ? sqlite3_system_errno(handle) : 0;
    return std::unexpected(
        describe({.doing = "open", .path = options.path, .answer = sqlite3_errstr(code)},
                 {.code = code, .os_error = os_error}));
  }
  const bool writes = options.access == Access::write || options.access == Access::create;
  if (writes && sqlite3_db_readonly(handle, "main") == 1) {
    // SQLite opens what may not be written for reading only, without a word.
    return std::unexpected(describe({.doing = "open for writing",
                                     .path = options.path,
                                     .answer = sqlite3_errstr(SQLITE_READONLY)},
                                    {.code = SQLITE_READONLY}));
  }
  database.patience_.reset(new Patience{.limit = options.busy_timeout, .until = {}});
  sqlite3_busy_handler(handle, &Patience::wait, database.patience_.get());
  return database;
}

Fallible<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return std::unexpected(failure("prepare a statement for"));
  return Statement(statement);
}

Fallible<void> Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return std::unexpected(failure("use"));
  return {};
}

Fallible<std::int64_t> Database::query_integer(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return std::unexpected(std::move(statement.error()));
  auto row = statement->step();
  if (!row) return std::unexpected(std::move(row.error()));
  return *row ? statement->integer(0) : 0;
}

Fallible<std::string> Database::query_text(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return std::unexpected(std::move(statement.error()));
  auto row = statement->step();
  if (!row) return std::unexpected(std::move(row.error()));
  return *row ? std::string(statement->text(0)) : std::string();
}

Fallible<void> Database::use_wal() {
  const auto until = std::chrono::steady_clock::now() + patience_->limit;
  for (;;) {
    auto set = execute("PRAGMA journal_mode = WAL");
    const bool again = !set && set.error().kind == FailureKind::transient &&
                       std::chrono::steady_clock::now() < until;
    if (!again) return set;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

Fallible<FileTransaction> Database::begin(const char* sql) {
  const int code = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return std::unexpected(failure("begin a transaction on"));
  return FileTransaction(handle_.get());
}
Fallible<FileTransaction> Database::begin() { return begin("BEGIN IMMEDIATE"); }
Fallible<FileTransaction> Database::begin_read() { return begin("BEGIN"); }

std::chrono::milliseconds Database::patience() const { return patience_->limit; }
void Database::set_patience(std::chrono::milliseconds limit) { patience_->limit = limit; }

Failure Database::failure(std::string_view doing) const { return refusal_of(handle_.get(), doing); }

std::string_view Database::path() const { return path_of(handle_.get()); }

// --- what a file is -----------------------------------------------------------------------------

Fallible<FileIdentity> identify(Database& database, const FileFormat& format) {
  auto statement = database.prepare(
      "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)"
      " FROM pragma_application_id, pragma_user_version");
  if (!statement) return std::unexpected(std::move(statement.error()));
  auto row = statement->step();
  if (!row) return std::unexpected(std::move(row.error()));
  const auto application_id = statement->integer(0);
  const auto version = static_cast<std::int32_t>(statement->integer(1));
  if (application_id == 0 && version == 0 && statement->integer(2) == 0) {
    return FileIdentity{.empty = true};
  }
  if (application_id != format.application_id) {
    return fail(FailureKind::fatal,
                fmt::format("{} is a SQLite database, but not a pesan {}: nothing in it was "
                            "touched. Check the path.",
                            database.path(), format.called));
  }
  if (version > format.version) {
    return fail(FailureKind::fatal,
                fmt::format("{} is a pesan {} of schema version {}, but this program knows those "
                            "up to {}: it was written by a newer pesan. Upgrade this program.",
                            database.path(), format.called, version, format.version));
  }
  if (version < 1) {
    return fail(FailureKind::fatal,
                fmt::format("{} is a pesan {} of schema version {}, which no pesan has made: "
                            "something else changed it. Put it back from a backup; read models may "
                            "also be moved away, and are made anew from the log.",
                            database.path(), format.called, version));
  }
  return FileIdentity{.version = version};
}

std::string marking(const FileFormat& format) {
  return fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {};", format.application_id,
                     format.version);
}

}  // namespace pesan::sqlite
