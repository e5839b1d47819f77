// A thin owner for each SQLite handle: connection, prepared statement, transaction. It knows
// nothing of logs or read models. A Database and what came from it belong to one thread at a time.
// Failures are values with the file's path in them; destructors roll back and close, and never
// throw.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <sqlite3.h>

#include "adapters/sqlite/sqlite_error.hpp"

namespace pesan::sqlite {

/// Bytes, as opposed to text: SQLite compares and stores them as they are.
struct Blob {
  std::string_view bytes;
};

/// A prepared statement. Bind, then `step` row by row or `run` to the end. Bound text and blobs are
/// borrowed: they must live until `reset` (which `run` and the last `step` do by themselves).
class Statement {
 public:
  Statement() = default;  // holds nothing; assign a prepared one before use

  /// Indexes are from 1. A refused bind is reported by the next step.
  template <std::integral T>
  Statement& bind(int index, T value) {
    return bound(sqlite3_bind_int64(handle_.get(), index, static_cast<std::int64_t>(value)));
  }
  Statement& bind(int index, double value);
  Statement& bind(int index, std::string_view text);
  Statement& bind(int index, const char* text) { return bind(index, std::string_view(text)); }
  Statement& bind(int index, Blob blob);
  Statement& bind(int index, std::nullptr_t);
  template <class T>
  Statement& bind(int index, const std::optional<T>& value) {
    return value ? bind(index, *value) : bind(index, nullptr);
  }

  /// True: a row stands in the columns until the next step. False: done, and reset.
  Fallible<bool> step();
  /// Steps to the end, ignoring rows, and resets.
  Fallible<void> run();
  /// Ends the read that a half-stepped statement holds open. Bindings stay.
  void reset();

  /// Columns of the row, indexes from 0; views live until the next step or reset.
  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string_view text(int column) const;
  std::string_view blob(int column) const;

  sqlite3_stmt* handle() const { return handle_.get(); }

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  explicit Statement(sqlite3_stmt* statement) : handle_(statement) {}
  Statement& bound(int code) {
    if (code != SQLITE_OK && refused_ == SQLITE_OK) refused_ = code;
    return *this;
  }

  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
  int refused_ = SQLITE_OK;  // the first bind that was refused since the last reset
};

/// Ends the rows of a statement when it goes, also where an exception (no memory) cuts them short:
/// it would refuse the next values, and hold its reading open until then.
class Rows {
 public:
  explicit Rows(Statement& statement) : statement_(statement) {}
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  ~Rows() { statement_.reset(); }

 private:
  Statement& statement_;
};

/// Open until `commit`; else rolled back when it goes.
class FileTransaction {
 public:
  FileTransaction(FileTransaction&& other) noexcept
      : database_(std::exchange(other.database_, nullptr)) {}
  FileTransaction& operator=(FileTransaction&&) = delete;
  ~FileTransaction();

  /// After a failure nothing of it is visible; for kind `unknown` a restart may show otherwise.
  Fallible<void> commit();

 private:
  friend class Database;
  explicit FileTransaction(sqlite3* database) : database_(database) {}
  sqlite3* database_;  // null once it ended
};

enum class Access : std::uint8_t {
  read,       // never writes, not even the schema
  write,      // the file must be there
  create,     // made when it is not there
  immutable,  // like read, and nobody may write while it is open: works where nothing can be made
};

struct OpenOptions {
  std::string path;
  Access access = Access::write;
  /// How long a statement waits for other processes, in sleeps of about 1 ms.
  std::chrono::milliseconds busy_timeout{5000};
};

class Database {
 public:
  Database(Database&&) = default;
  Database& operator=(Database&&) = delete;

  static Fallible<Database> open(const OpenOptions& options);

  /// `sql` is one statement, used many times.
  Fallible<Statement> prepare(std::string_view sql);
  /// Any number of statements without parameters; rows are ignored.
  Fallible<void> execute(const std::string& sql);
  /// The first column of the only row, for PRAGMA and counts.
  Fallible<std::int64_t> query_integer(std::string_view sql);
  Fallible<std::string> query_text(std::string_view sql);

  /// Takes the write lock at once (BEGIN IMMEDIATE), so that nothing later waits for it.
  Fallible<FileTransaction> begin();
  /// A read of several statements that see one state. Keep it short: it holds the WAL back.
  Fallible<FileTransaction> begin_read();

  /// Makes it a file with a write-ahead log, and waits for others as every call does. (SQLite
  /// itself refuses this at once where another connection is writing, asking no busy handler.)
  Fallible<void> use_wal();

  /// How long a call waits for other processes from now on.
  std::chrono::milliseconds patience() const;
  void set_patience(std::chrono::milliseconds limit);

  std::int64_t changes() const { return sqlite3_changes64(handle_.get()); }
  /// What the connection's last call was refused for, as a Failure that says what was tried.
  Failure failure(std::string_view doing) const;
  std::string_view path() const;
  sqlite3* handle() const { return handle_.get(); }

 private:
  struct Close {
    // close_v2: statements that outlive the connection keep it until they go.
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };
  struct Patience;  // the busy handler's state
  struct ForgetPatience {
    void operator()(Patience* patience) const;
  };
  Database() = default;
  Fallible<FileTransaction> begin(const char* sql);

  std::unique_ptr<Patience, ForgetPatience> patience_;  // outlives the handle that points to it
  std::unique_ptr<sqlite3, Close> handle_;
};

/// What a file says it is (PRAGMA application_id, user_version), so that a foreign or newer one is
/// refused before anything in it is believed.
struct FileFormat {
  std::int32_t application_id = 0;
  std::int32_t version = 0;  // the newest that this program knows
  std::string_view called;   // "log", for messages
};
struct FileIdentity {
  bool empty = false;        // nothing in it yet: it may be made into whatever is wanted
  std::int32_t version = 0;  // of a file that is ours
};
Fallible<FileIdentity> identify(Database& database, const FileFormat& format);
/// The statements that mark a file as `format`; run them inside the transaction that creates it.
std::string marking(const FileFormat& format);

}  // namespace pesan::sqlite
