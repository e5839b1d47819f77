// Two years of two real hotels through Kafka into a real MariaDB give, row for row, the tables that
// they give on embedded files; a rebuild in the middle of it changes nothing.
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/hotel_data.hpp"
#include "tests/e2e/real/on_kafka.hpp"
#include "tests/support/mysql_server.hpp"

namespace pesan::e2e {
namespace {

struct WithDatabase {
  TestDatabase database;
};

class HotelOnServers : protected WithDatabase, public OnKafka {
 protected:
  // One partition: the order in which several meet decides which customer has which code.
  HotelOnServers() : OnKafka({.store = database.url(), .partitions = 1, .clock = "command"}) {
    EXPECT_EQ(run({"migrate", "--store", database.url()}).exit_code, 0);
  }
};

/// Every table as `show` prints it, by name.
std::map<std::string, std::string> shown(const Arguments& places) {
  std::map<std::string, std::string> tables;
  for (const char* what : {"rooms", "nights", "services", "schedules", "bookings", "history",
                           "payments", "customers", "customer-bookings"}) {
    Arguments words{"show", what, "--json", "--limit", "0"};
    words.insert(words.end(), places.begin(), places.end());
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    tables[what] = outcome.out;
  }
  return tables;
}

TEST_F(HotelOnServers, TheTablesAreThoseOfTheEmbeddedFilesRowForRow) {
  const auto data = HotelData::find(folder().path());
  if (!data) GTEST_SKIP() << "no hotel_bookings.csv: set PESAN_HOTEL_CSV to try two real hotels";
  const std::string commands = folder() / "commands.jsonl";
  data->script("commands.py", "", commands);
  const auto engine = start_engine("engine-1");
  const auto registry = start({"registry"});
  const auto projector = start({"projector"});

  Program apply(on({"apply", "--clock", "command", "--quiet", commands}));
  while (apply.running() && database.sql("SELECT COUNT(*) > 1000 FROM booking") != "1\n") {
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  const Outcome rebuilt = run(on({"rebuild"}));
  EXPECT_EQ(rebuilt.exit_code, 0) << rebuilt;
  EXPECT_THAT(rebuilt.out, ::testing::HasSubstr("no row changed"));
  const Outcome applied = apply.wait();
  EXPECT_EQ(applied.exit_code, 0) << applied.err;
  expect_verified();

  const Outcome embedded = run(embedded_on({"apply", "--clock", "command", "--quiet", commands}));
  EXPECT_EQ(embedded.exit_code, 0) << embedded.err;
  const auto expected = shown(embedded_on({}));
  const auto found = shown(on({}));
  for (const auto& [table, rows] : expected) {
    EXPECT_TRUE(rows == found.at(table)) << table << " differs";
  }
  EXPECT_GT(expected.at("bookings").size(), 100'000U);
}

}  // namespace
}  // namespace pesan::e2e
