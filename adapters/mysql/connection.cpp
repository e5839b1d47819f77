#include "adapters/mysql/connection.hpp"

#include <charconv>
#include <utility>

#include <cppconn/connection.h>
#include <cppconn/datatype.h>
#include <cppconn/driver.h>
#include <cppconn/exception.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>
#include <cppconn/resultset_metadata.h>
#include <cppconn/statement.h>
#include <fmt/format.h>

#include "adapters/mysql/mysql_error.hpp"
#include "adapters/mysql/session.hpp"

namespace pesan::mysql {

/// Outlives everything that came from it, so that nothing refers to a connection that is gone.
struct Link {
  std::string where;
  std::unique_ptr<sql::Connection> connection;
  int error = 0;  // of the exception that ended it
  bool usable = true;
};

struct LinkResult {
  std::shared_ptr<Link> link;
  std::unique_ptr<sql::Statement> statement;
  std::unique_ptr<sql::ResultSet> result;
};

struct LinkStatement {
  std::shared_ptr<Link> link;
  std::unique_ptr<sql::PreparedStatement> statement;
};

namespace {

constexpr int connect_timeout_s = 10;

/// The connector wants its driver made once, and each thread announced.
sql::Driver& driver() {
  static sql::Driver& instance = *get_driver_instance();
  struct Thread {
    Thread() { instance.threadInit(); }
    ~Thread() { instance.threadEnd(); }
  };
  static thread_local const Thread thread;
  (void)thread;
  return instance;
}

struct Doing {
  std::string_view what;
  bool committing = false;
};

Failure refused(Link& link, const Doing& doing, const std::exception& error, int code) {
  link.usable = false;
  link.error = code;
  if (link.connection != nullptr && !is_lost(code) && !doing.committing) {
    try {
      // 1205 ends only the statement. Closing would roll back too, but some time later.
      const std::unique_ptr<sql::Statement> statement(link.connection->createStatement());
      statement->execute("ROLLBACK");
    } catch (const std::exception&) {
      // It is closed next, and that rolls back.
    }
  }
  return describe({.doing = doing.what, .where = link.where, .answer = error.what()},
                  {.code = code, .committing = doing.committing});
}

/// The one place where the connector's exceptions end.
template <class Call>
auto attempt(Link& link, const Doing& doing, Call call) -> Fallible<decltype(call())> {
  if (!link.usable) {
    return fail(
        FailureKind::transient,
        fmt::format("cannot {} {}: the connection has failed before", doing.what, link.where));
  }
  try {
    if constexpr (std::is_void_v<decltype(call())>) {
      call();
      return {};
    } else {
      return call();
    }
  } catch (const sql::SQLException& error) {
    return std::unexpected(refused(link, doing, error, error.getErrorCode()));
  } catch (const std::exception& error) {
    return std::unexpected(refused(link, doing, error, 0));
  }
}

sql::ConnectOptionsMap options_for(const Credentials& credentials) {
  const Address& address = credentials.address;
  const std::string host = address.host.find(':') == std::string::npos
                               ? address.host
                               : fmt::format("[{}]", address.host);
  sql::ConnectOptionsMap options;
  options["hostName"] =
      sql::SQLString(address.socket.empty() ? fmt::format("tcp://{}:{}", host, address.port)
                                            : fmt::format("unix://{}", address.socket));
  options["userName"] = sql::SQLString(address.user);
  options["password"] = sql::SQLString(credentials.password);
  options["CLIENT_FOUND_ROWS"] = true;
  options["OPT_CONNECT_TIMEOUT"] = connect_timeout_s;
  options["OPT_READ_TIMEOUT"] = static_cast<int>(credentials.answers_within.count());
  options["OPT_WRITE_TIMEOUT"] = static_cast<int>(credentials.answers_within.count());
  if (address.tls == Address::Tls::verify) {
    // Of all its TLS options only this one refuses a plain or unverified connection.
    options["sslVerify"] = true;
    if (!address.ca.empty()) options["sslCA"] = sql::SQLString(address.ca);
  }
  return options;
}

}  // namespace

std::string literal(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out.append(c == '\'' ? 2 : 1, c);
  return out + "'";
}

std::string quoted_name(std::string_view name) {
  std::string out = "`";
  for (const char c : name) out.append(c == '`' ? 2 : 1, c);
  return out + "`";
}

// --- rows ---------------------------------------------------------------------------------------

Rows::Rows(std::unique_ptr<LinkResult> result) : result_(std::move(result)) {}
Rows::Rows(Rows&&) noexcept = default;
Rows& Rows::operator=(Rows&&) noexcept = default;
Rows::~Rows() = default;

Fallible<bool> Rows::next() {
  return attempt(*result_->link, {"read from"}, [&] {
    sql::ResultSet& result = *result_->result;
    if (!result.next()) return false;
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      const auto column = static_cast<std::uint32_t>(i + 1);
      cells_[i].null = result.isNull(column);
      if (!cells_[i].null) cells_[i].text = result.getString(column).asStdString();
    }
    return true;
  });
}

std::int64_t Rows::integer(std::size_t column) const {
  std::int64_t value = 0;
  const std::string& digits = cells_[column].text;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

// --- prepared statements ------------------------------------------------------------------------

void Parameters::null() { statement_.statement->setNull(++last_, sql::DataType::VARCHAR); }
void Parameters::integer(std::int64_t value) { statement_.statement->setInt64(++last_, value); }
void Parameters::text(std::string_view value) {
  statement_.statement->setString(++last_, sql::SQLString(value.data(), value.size()));
}

PreparedUpdate::PreparedUpdate(std::unique_ptr<LinkStatement> statement)
    : statement_(std::move(statement)) {}
PreparedUpdate::PreparedUpdate(PreparedUpdate&&) noexcept = default;
PreparedUpdate& PreparedUpdate::operator=(PreparedUpdate&&) noexcept = default;
PreparedUpdate::~PreparedUpdate() = default;

Fallible<std::int64_t> PreparedUpdate::run(std::string_view doing,
                                           const std::function<void(Parameters&)>& give) {
  return attempt(*statement_->link, {doing}, [&] {
    Parameters parameters(*statement_);
    give(parameters);
    return std::int64_t{statement_->statement->executeUpdate()};
  });
}

// --- connections --------------------------------------------------------------------------------

Connection::Connection(std::shared_ptr<Link> link) : link_(std::move(link)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

Fallible<Connection> Connection::open(const Credentials& credentials, Database database) {
  auto link = std::make_shared<Link>();
  link->where = credentials.address.name();
  auto connected = attempt(*link, {"connect to"}, [&] {
    sql::ConnectOptionsMap options = options_for(credentials);
    link->connection.reset(driver().connect(options));
  });
  if (!connected) return std::unexpected(std::move(connected.error()));
  Connection connection(std::move(link));
  auto ready = prepare_session(connection, credentials.address, database);
  if (!ready) return std::unexpected(std::move(ready.error()));
  return connection;
}

bool Connection::usable() const { return link_->usable; }
int Connection::last_error() const { return link_->error; }
const std::string& Connection::where() const { return link_->where; }

Fallible<void> Connection::execute(std::string_view doing, const std::string& sql) {
  return attempt(*link_, {doing}, [&] {
    const std::unique_ptr<sql::Statement> statement(link_->connection->createStatement());
    statement->execute(sql);
  });
}

Fallible<bool> Connection::execute_unless_locked(std::string_view doing, const std::string& sql) {
  return attempt(*link_, {doing}, [&] {
    const std::unique_ptr<sql::Statement> statement(link_->connection->createStatement());
    try {
      statement->execute(sql);
      return true;
    } catch (const sql::SQLException& error) {
      if (error.getErrorCode() == lock_wait_timeout) return false;
      throw;
    }
  });
}

Fallible<std::int64_t> Connection::update(std::string_view doing, const std::string& sql) {
  return attempt(*link_, {doing}, [&] {
    const std::unique_ptr<sql::Statement> statement(link_->connection->createStatement());
    return std::int64_t{statement->executeUpdate(sql)};
  });
}

Fallible<PreparedUpdate> Connection::prepare(std::string_view doing, const std::string& sql) {
  return attempt(*link_, {doing}, [&] {
    auto prepared = std::make_unique<LinkStatement>();
    prepared->link = link_;
    prepared->statement.reset(link_->connection->prepareStatement(sql));
    return PreparedUpdate(std::move(prepared));
  });
}

Fallible<Rows> Connection::query(std::string_view doing, const std::string& sql) {
  return attempt(*link_, {doing}, [&] {
    auto result = std::make_unique<LinkResult>();
    result->link = link_;
    result->statement.reset(link_->connection->createStatement());
    result->result.reset(result->statement->executeQuery(sql));
    const std::size_t width = result->result->getMetaData()->getColumnCount();
    Rows rows(std::move(result));
    rows.cells_.resize(width);
    return rows;
  });
}

Fallible<std::int64_t> Connection::query_integer(std::string_view doing, const std::string& sql) {
  auto rows = query(doing, sql);
  if (!rows) return std::unexpected(std::move(rows.error()));
  const auto found = rows->next();
  if (!found) return std::unexpected(found.error());
  if (!*found || rows->is_null(0)) {
    return fail(FailureKind::fatal, fmt::format("cannot {} {}: no answer", doing, where()));
  }
  return rows->integer(0);
}

Fallible<ServerTransaction> Connection::begin() {
  auto begun = execute("write to", "START TRANSACTION");
  if (!begun) return std::unexpected(std::move(begun.error()));
  return ServerTransaction(link_);
}

// --- transactions -------------------------------------------------------------------------------

ServerTransaction::~ServerTransaction() {
  if (link_ == nullptr || !link_->usable) return;
  // What cannot be rolled back here is by the server, once the connection is closed.
  try {
    (void)Connection(link_).execute("roll back", "ROLLBACK");
  } catch (const std::exception&) {  // no memory to say why
    link_->usable = false;
  }
}

Fallible<void> ServerTransaction::commit() {
  const std::shared_ptr<Link> link = std::exchange(link_, nullptr);
  // The connector's own commit() swallows errors.
  return attempt(*link, {.what = "commit to", .committing = true}, [&] {
    const std::unique_ptr<sql::Statement> statement(link->connection->createStatement());
    statement->execute("COMMIT");
  });
}

}  // namespace pesan::mysql
