// What the tests of the MySQL adapter share: a migrated database on the tests' server, a log with
// a stream of events, and everything that the read model holds as one text. One thread.
#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "adapters/mysql/migration.hpp"
#include "adapters/mysql/mysql_read_model.hpp"
#include "projections/projector.hpp"
#include "projections/verify.hpp"
#include "tests/support/event_stream.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/must.hpp"
#include "tests/support/mysql_server.hpp"

namespace pesan {

class MysqlTest : public ::testing::Test {
 protected:
  using Access = MysqlReadModel::Access;

  explicit MysqlTest(const MysqlServer& server = MysqlServer::shared()) : database(server) {}

  static mysql::Credentials at(const std::string& url, const std::string& password = {}) {
    return {.address = must(mysql::parse_address(url)), .password = password};
  }
  mysql::Credentials credentials() const { return at(database.url()); }
  /// As another account; all accounts of tests have the same password.
  mysql::Credentials as(const std::string& user) const {
    const std::string url = database.url();
    return at("mysql://" + user + url.substr(url.find('@')), account_password);
  }
  /// Through a proxy.
  mysql::Credentials through(const std::string& proxy_url) const {
    return at(proxy_url + "/" + database.name());
  }
  std::unique_ptr<MysqlReadModel> open(const mysql::Credentials& credentials,
                                       Access access = Access::write) {
    return must(MysqlReadModel::open(credentials, access));
  }

  void write(int events) {
    if (!opened_) stream.open();
    opened_ = true;
    stream.write(events);
  }
  void project(ReadModel& model) {
    for (const Topic topic : {Topic::events, Topic::customers}) {
      for (std::int32_t p = 0; p < partitions_of(log, topic); ++p) {
        Projector projector(log, model, {topic, Partition{p}}, {.records = 100});
        while (must(projector.step()).kind == ProjectorStep::Kind::progress) {
        }
      }
    }
  }
  std::int64_t drift(ReadModel& model) {
    std::int64_t differences = 0;
    for (const Topic topic : {Topic::events, Topic::customers}) {
      differences += must(verify(log, model, topic, {}, [](const Difference&) {})).differences;
    }
    return differences;
  }
  /// Every table's name, every row and every checkpoint.
  std::string content(ReadModel& model) {
    std::string text = database.sql("SHOW TABLES");
    const auto snapshot = must(model.snapshot());
    for (const Checkpoint& c : must(snapshot->checkpoints())) {
      text += to_string(c.updated_at) + " " + std::to_string(c.fold) + " " +
              std::to_string(c.next_offset.value) + "\n";
    }
    for (const Table table : all_tables) {
      auto cursor = must(snapshot->scan(table));
      StoredRow row;
      while (must(cursor->next(row))) {
        for (const StoredValue& value : row) text += to_string(value) + "|";
        text += "\n";
      }
    }
    return text;
  }

  static constexpr const char* account_password = "Sekrit-of-tests-1";
  TestDatabase database;
  MemoryLog log{{.partitions = 2, .clock = [] { return Instant{0}; }}};
  EventStream stream{log, 21};

 private:
  bool opened_ = false;
};

}  // namespace pesan
