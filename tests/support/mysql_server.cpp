#include "tests/support/mysql_server.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/temp_folder.hpp"

namespace pesan {
namespace {

constexpr const char* script = PESAN_SOURCE_DIR "/tests/support/mariadb";
constexpr const char* shared_folder = PESAN_TEST_SERVER;

/// What a command writes to stdout. Throws with what it wrote to stderr when it fails.
std::string output_of(const std::string& command) {
  const TempFolder errors;
  std::FILE* pipe = ::popen(fmt::format("{} 2>'{}'", command, errors / "err").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
  std::string out;
  char buffer[4096];
  while (const std::size_t size = std::fread(buffer, 1, sizeof buffer, pipe)) {
    out.append(buffer, size);
  }
  if (const int status = ::pclose(pipe); status != 0) {
    std::ifstream file(errors / "err");
    throw std::runtime_error(std::string(std::istreambuf_iterator<char>(file), {}));
  }
  return out;
}

std::string first_line_of(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

}  // namespace

MysqlServer& MysqlServer::shared() {
  static MysqlServer server;
  return server;
}

MysqlServer::MysqlServer() : folder_(shared_folder) {
  if (const char* given = std::getenv("PESAN_TEST_MYSQL")) {
    url_ = given;
  } else {
    const std::string url_file = folder_ + "/url";
    stop_at_end_ = first_line_of(url_file).empty();
    output_of(fmt::format("'{}' start '{}'", script, folder_));
    url_ = first_line_of(url_file);
  }
  learn();
}

MysqlServer::MysqlServer(std::string folder, const std::string& options)
    : folder_(std::move(folder)), stop_at_end_(true) {
  output_of(fmt::format("'{}' start '{}' 0 {}", script, folder_, options));
  url_ = first_line_of(folder_ + "/url");
  learn();
}

void MysqlServer::learn() {
  const std::size_t user = std::string_view("mysql://").size();
  const std::size_t host = url_.find('@', user) + 1;
  const std::size_t port = url_.rfind(':') + 1;
  user_ = url_.substr(user, host - user - 1);
  host_ = url_.substr(host, port - host - 1);
  port_ = url_.substr(port);
  is_mariadb_ = sql("", "SELECT VERSION()").find("MariaDB") != std::string::npos;
}

MysqlServer::~MysqlServer() {
  if (!stop_at_end_) return;
  try {
    output_of(fmt::format("'{}' stop '{}'", script, folder_));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "the test's MariaDB could not be stopped: %s\n", error.what());
  }
}

std::string MysqlServer::sql(std::string_view database, std::string_view statements,
                             std::string_view user) const {
  const TempFolder temporary;
  const std::string path = temporary / "statements.sql";
  std::ofstream(path, std::ios::binary) << statements;
  return output_of(fmt::format(
      "mariadb --no-defaults --protocol=tcp -h '{}' -P '{}' -u '{}' --batch --skip-column-names "
      "--default-character-set=utf8mb4 '{}' <'{}'",
      host_, port_, user.empty() ? std::string_view(user_) : user, database, path));
}

TestDatabase::TestDatabase(const MysqlServer& server) : server_(server) {
  static std::atomic<int> made = 0;
  name_ = fmt::format("pesan_test_{}_{}", ::getpid(), ++made);
}

TestDatabase::~TestDatabase() {
  try {
    server_.sql("", "DROP DATABASE IF EXISTS " + name_);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s stays: %s\n", name_.c_str(), error.what());
  }
}

}  // namespace pesan
