// Holds that all ended while no engine ran (docs/holds.md#who-sends-it): the real program, killed
// again and again while it works them off, beside commands that come in meanwhile.
#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/stored.hpp"

namespace pesan::e2e {
namespace {

using std::chrono::milliseconds;

constexpr int holds = 12'000;

/// A villa, and holds of it; each ends a second before the one that was booked before it. They are
/// of long ago, so they are due as soon as the log follows its append time.
std::string booked_long_ago() {
  std::string lines = Line{.id = "villa",
                           .type = "DefineRoom",
                           .resource = "villa",
                           .data = R"("name":"Villa","units":100000,"inventory":"counter")",
                           .time = "2015-07-01T00:00:00Z"}
                          .text() +
                      "\n";
  for (int i = 0; i < holds; ++i) {
    const int left = holds - 1 - i;
    lines += Line{.id = fmt::format("hold-{}", i),
                  .type = "CreateBooking",
                  .resource = "villa",
                  .data = fmt::format(R"("customer":{{"name":"Guest"}},"hold_until":)"
                                      R"("2015-07-02T{:02}:{:02}:{:02}Z")",
                                      left / 3600, left / 60 % 60, left % 60),
                  .time = "2015-07-01T00:00:00Z"}
                 .text() +
             "\n";
  }
  return lines;
}

TEST(Timers, ThatBecameDueInAnOutageAreWorkedOffInOrderWhoeverIsKilledMeanwhile) {
  const Files files;
  const Outcome booked =
      run(files.on({"apply", "--clock", "command", "--quiet"}), booked_long_ago());
  ASSERT_EQ(booked.exit_code, 0) << booked;
  ASSERT_EQ(run(files.on_log({"topics", "end-backfill"})).exit_code, 0);

  const auto expired = [&] {
    return number_of(files.store, "SELECT COUNT(*) FROM booking WHERE status = 'expired'");
  };
  // Each life but the last ends as soon as it is seen to have got on.
  std::int64_t seen = 0;
  for (int life = 0; life < 3; ++life) {
    Program server(files.on({"serve", "--batch", "500"}));
    ASSERT_TRUE(server.wait_for_err("ready", std::chrono::seconds{60})) << server.err();
    while (expired() == seen && seen < holds) std::this_thread::sleep_for(milliseconds{1});
    server.signal(SIGKILL);
    server.wait();
    seen = expired();
    RecordProperty(fmt::format("left_after_life_{}", life), static_cast<int>(holds - seen));
  }
  Program server(files.on({"serve", "--batch", "500"}));
  ASSERT_TRUE(server.wait_for_err("ready", std::chrono::seconds{60})) << server.err();
  int live = 0;
  while (live == 0 || expired() < holds) {
    const Outcome one = run(files.on({"apply"}), Line{.id = fmt::format("live-{}", ++live),
                                                      .type = "CreateBooking",
                                                      .resource = "villa",
                                                      .data = R"("customer":{"name":"Live"})"}
                                                     .text());
    ASSERT_THAT(words_of(one.lines()), ::testing::ElementsAre("accepted")) << one;
  }
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait().exit_code, 0);

  std::vector<std::string> order;
  for (const Row& row : rows_of(files.store,
                                "SELECT booking_id FROM booking_history "
                                "WHERE new_status = 'expired' ORDER BY sequence")) {
    order.emplace_back(row.at("booking_id").as_string());
  }
  ASSERT_EQ(order.size(), static_cast<std::size_t>(holds)) << "each once";
  for (int i = 0; i < holds; ++i) {
    ASSERT_EQ(order[static_cast<std::size_t>(i)], fmt::format("villa.{}", holds - i));
  }
  EXPECT_EQ(number_of(files.store, "SELECT active_bookings FROM room_availability"), 0);
  const Outcome verified = run(files.on({"verify"}));
  EXPECT_THAT(verified.out, ::testing::HasSubstr("no drift")) << verified;
}

}  // namespace
}  // namespace pesan::e2e
