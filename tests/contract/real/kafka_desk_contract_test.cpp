// A desk on Kafka and MariaDB, put through the contract. Each case has topics and a database of its
// own.
#include <cstdint>
#include <memory>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "adapters/kafka/kafka_log.hpp"
#include "adapters/mysql/migration.hpp"
#include "adapters/mysql/mysql_read_model.hpp"
#include "tests/support/must.hpp"
#include "tests/support/mysql_server.hpp"
#include "tests/support/opened.hpp"
#include "tests/support/stack.hpp"

namespace pesan {
namespace {

struct ServersDesk {
  static constexpr std::chrono::milliseconds wait{5};

  ServersDesk() {
    std::vector<OutgoingRecord> first;
    for (std::int32_t p = 0; p < 2; ++p) {
      first.push_back({.to = {Topic::events, {p}},
                       .payload = {.key = {}, .value = opened("log", 2, Clock::append, p)}});
    }
    must(KafkaLog::create(place, 2, first));
    kafka_log = must(KafkaLog::open(place));
    must(mysql::migrate(credentials()));
  }
  Log& log() { return *kafka_log; }
  std::unique_ptr<ReadModel> open_store() {
    return must(MysqlReadModel::open(credentials(), MysqlReadModel::Access::write));
  }
  mysql::Credentials credentials() const {
    return {.address = must(mysql::parse_address(database.url())), .password = {}};
  }

  kafka::Place place{.brokers = kafka_brokers(),
                     .prefix = fmt::format("desk-{:08x}", std::random_device{}()),
                     .properties = {}};
  TestDatabase database;
  std::unique_ptr<KafkaLog> kafka_log;
};

using DeskHarnesses = testing::Types<ServersDesk>;

}  // namespace
}  // namespace pesan

#include "tests/contract/desk_contract.hpp"  // tries the harness named above
