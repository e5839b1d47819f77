// A thin owner of one connection to MySQL or MariaDB, and of what comes from it. The connector's
// exceptions end here: calls answer Failures with the database's name in them. After any exception
// a connection is rolled back, thrown away and never used again (`usable` says so); its owner opens
// another. A connection and what came from it belong to one thread; destructors never throw.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/mysql/address.hpp"

namespace pesan::mysql {

/// The connector's objects behind a connection; known to connection.cpp alone.
struct Link;
struct LinkResult;
struct LinkStatement;

/// The rows of a query, all of them fetched. Columns are counted from 0.
class Rows {
 public:
  Rows(Rows&&) noexcept;
  Rows& operator=(Rows&&) noexcept;
  ~Rows();

  /// False after the last row.
  Fallible<bool> next();
  bool is_null(std::size_t column) const { return cells_[column].null; }
  /// As the server writes it; lives until `next`.
  const std::string& text(std::size_t column) const { return cells_[column].text; }
  std::int64_t integer(std::size_t column) const;
  std::size_t width() const { return cells_.size(); }

 private:
  friend class Connection;
  explicit Rows(std::unique_ptr<LinkResult> result);
  struct Cell {
    bool null = true;
    std::string text;
  };
  std::unique_ptr<LinkResult> result_;
  std::vector<Cell> cells_;
};

class ServerTransaction;

/// The values of a prepared statement, one after the other.
class Parameters {
 public:
  void null();
  void integer(std::int64_t value);
  void text(std::string_view value);

 private:
  friend class PreparedUpdate;
  explicit Parameters(LinkStatement& statement) : statement_(statement) {}
  LinkStatement& statement_;
  unsigned last_ = 0;
};

/// A statement that the server has read once and keeps as long as this lives.
class PreparedUpdate {
 public:
  PreparedUpdate(PreparedUpdate&&) noexcept;
  PreparedUpdate& operator=(PreparedUpdate&&) noexcept;
  ~PreparedUpdate();

  /// How many rows it met; `give` gives all of its values.
  Fallible<std::int64_t> run(std::string_view doing, const std::function<void(Parameters&)>& give);

 private:
  friend class Connection;
  explicit PreparedUpdate(std::unique_ptr<LinkStatement> statement);
  std::unique_ptr<LinkStatement> statement_;
};

class Connection {
 public:
  enum class Database : std::uint8_t { must_exist, created };  // where it is not there

  /// READ COMMITTED, strict, UTC, found rows counted, and never reconnected behind our back.
  static Fallible<Connection> open(const Credentials& credentials,
                                   Database database = Database::must_exist);

  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  /// Closing rolls back what was not committed.
  ~Connection();

  bool usable() const;
  /// The number of the error that it was thrown away for; 0 before.
  int last_error() const;
  const std::string& where() const;

  /// One statement, without parameters. `doing` tells people what for: "read from".
  Fallible<void> execute(std::string_view doing, const std::string& sql);
  /// The same for a statement outside of a transaction: false when others held its tables longer
  /// than lock_wait_timeout. Nothing happened then, and the connection (and the locks that it has)
  /// stays: the one exception to the rule.
  Fallible<bool> execute_unless_locked(std::string_view doing, const std::string& sql);
  /// How many rows it met.
  Fallible<std::int64_t> update(std::string_view doing, const std::string& sql);
  /// The same of a statement that is to be run often, with `?` for its values.
  Fallible<PreparedUpdate> prepare(std::string_view doing, const std::string& sql);
  Fallible<Rows> query(std::string_view doing, const std::string& sql);
  /// The first column of the only row; `fatal` where there is none.
  Fallible<std::int64_t> query_integer(std::string_view doing, const std::string& sql);

  Fallible<ServerTransaction> begin();

 private:
  friend class ServerTransaction;
  explicit Connection(std::shared_ptr<Link> link);
  std::shared_ptr<Link> link_;
};

/// Open until `commit`; else rolled back when it goes.
class ServerTransaction {
 public:
  ServerTransaction(ServerTransaction&&) noexcept = default;
  ServerTransaction& operator=(ServerTransaction&&) = delete;
  ~ServerTransaction();

  /// `unknown` where the answer was lost.
  Fallible<void> commit();

 private:
  friend class Connection;
  explicit ServerTransaction(std::shared_ptr<Link> link) : link_(std::move(link)) {}
  std::shared_ptr<Link> link_;  // null once it ended
};

/// A text as a literal of SQL, for the mode that `open` sets (backslashes are nothing special).
std::string literal(std::string_view text);

/// A name of a table or column in backticks.
std::string quoted_name(std::string_view name);

}  // namespace pesan::mysql
