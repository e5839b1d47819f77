// A real MySQL or MariaDB for tests: the one that PESAN_TEST_MYSQL names (mysql://user@host:port),
// or the MariaDB that CTest has started for the build (tests/support/mariadb), or one that this
// starts for a test that is run by hand, and stops with it. Talks to it through the ordinary
// command-line client, as operators do. One thread.
#pragma once

#include <string>
#include <string_view>

namespace pesan {

class MysqlServer {
 public:
  /// Starts it where it must. Throws when there is none to be had.
  static MysqlServer& shared();
  /// A MariaDB of a test's own, in a folder of its own and with these options, for settings that
  /// would be in the way of others.
  MysqlServer(std::string folder, const std::string& options);

  /// mysql://user@host:port
  const std::string& url() const { return url_; }
  bool is_mariadb() const { return is_mariadb_; }
  /// What the client answers: a line a row, columns separated by tabs, NULL for null. Throws with
  /// the client's words when it is refused. `user` instead of the administrator.
  std::string sql(std::string_view database, std::string_view statements,
                  std::string_view user = {}) const;

  MysqlServer(const MysqlServer&) = delete;
  MysqlServer& operator=(const MysqlServer&) = delete;
  ~MysqlServer();

 private:
  MysqlServer();
  void learn();
  std::string folder_;
  std::string url_;
  std::string user_;
  std::string host_;
  std::string port_;
  bool is_mariadb_ = true;
  bool stop_at_end_ = false;
};

/// A database of a test's own, which goes when the test ends. It is not made here: `pesan migrate`
/// (or the test) does that.
class TestDatabase {
 public:
  explicit TestDatabase(const MysqlServer& server = MysqlServer::shared());
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;
  ~TestDatabase();

  const std::string& name() const { return name_; }
  /// mysql://user@host:port/name
  std::string url() const { return server_.url() + "/" + name_; }
  std::string sql(std::string_view statements, std::string_view user = {}) const {
    return server_.sql(name_, statements, user);
  }

 private:
  const MysqlServer& server_;
  std::string name_;
};

}  // namespace pesan
