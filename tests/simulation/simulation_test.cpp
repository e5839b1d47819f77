// Thousands of seeds, each a run of its own; the cases are shares of them, so that shards split the
// work. A failure names the seed, and `simulation_tests --seed N` tells its whole story.
#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "events/rejection.hpp"
#include "tests/simulation/run.hpp"

namespace pesan::simulation {
namespace {

class EverySeed : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(EverySeed, ConvergesToWhatTheAuditorSays) {
  const std::uint64_t first = GetParam() * seeds_per_case();
  for (std::uint64_t seed = first; seed < first + seeds_per_case(); ++seed) {
    const auto report = run_seed({.seed = seed});
    ASSERT_FALSE(report.violation) << describe(report);
  }
}

INSTANTIATE_TEST_SUITE_P(Simulation, EverySeed, ::testing::Range<std::uint64_t>(0, 40));

std::vector<std::string> everything_that_can_happen() {
  std::vector<std::string> all{"RoomDefined",
                               "RoomChanged",
                               "ServiceDefined",
                               "ServiceChanged",
                               "ScheduleAdded",
                               "ScheduleChanged",
                               "ScheduleClosed",
                               "ScheduleOpened",
                               "BookingCreated",
                               "BookingStatusChanged",
                               "BookingCheckedIn",
                               "BookingCheckedOut",
                               "BookingRescheduled",
                               "BookingChanged",
                               "PaymentRecorded",
                               "BookingDeleted",
                               "ClockSwitched",
                               "CustomerRegistered",
                               "CustomerUpdated",
                               "BookingLinked",
                               "duplicate",
                               "forwarded",
                               "nothing"};
  for (const std::string_view code : EnumNames<Code>::names) {
    if (code != name_of(Code::booking_archived)) all.emplace_back(code);  // nobody says it yet
  }
  return all;
}

/// A workload that never comes to a rule proves nothing of it.
TEST(Workload, ReachesEveryRejectionAndEveryEvent) {
  constexpr std::uint64_t most_seeds = 400;
  std::vector<std::string> missing = everything_that_can_happen();
  std::map<std::string, std::int64_t> tally;
  for (std::uint64_t seed = 0; seed < most_seeds && !missing.empty(); ++seed) {
    run_seed({.seed = 1'000'000 + seed}, &tally);
    std::erase_if(missing, [&](const std::string& what) { return tally.contains(what); });
  }
  EXPECT_EQ(missing, std::vector<std::string>{});
}

}  // namespace
}  // namespace pesan::simulation
