// Two years of two real hotels through the program, checked by a script that counts in the data
// what must come out.
#include <iostream>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/e2e/hotel_data.hpp"
#include "tests/e2e/stored.hpp"

namespace pesan::e2e {
namespace {

class Hotel : public ::testing::TestWithParam<std::string> {
 protected:
  /// The program, with what it prints in a file.
  Outcome must(const Arguments& words) {
    Outcome outcome = run(files_.on(words));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err.substr(0, 4000);
    return outcome;
  }

  Files files_;
};

TEST_P(Hotel, EveryOutcomeAndEveryNightIsWhatTheDataSay) {
  const auto data = HotelData::find(files_.folder.path());
  if (!data) GTEST_SKIP() << "no hotel_bookings.csv: set PESAN_HOTEL_CSV to try two real hotels";
  const std::string scale = "--units-scale " + GetParam();
  const std::string commands = files_.folder / "commands.jsonl";
  const std::string results = files_.folder / "results.jsonl";
  const std::string nights = files_.folder / "nights.jsonl";
  data->script("commands.py", scale, commands);
  std::cout << must({"apply", "--clock", "command", "--quiet", "--results", results, commands}).err;
  write_file(nights, must({"show", "nights", "--json"}).out);
  const std::string found = files_.folder / "found";
  data->script("check.py", fmt::format("{} --results '{}' --nights '{}'", scale, results, nights),
               found);
  std::cout << read_file(found);

  must({"verify"});
  if (GetParam() != "1") return;
  const auto before = all_rows(files_.store);
  must({"rebuild"});
  const auto after = all_rows(files_.store);
  for (const auto& [table, rows] : before) {
    EXPECT_EQ(rows.size(), after.at(table).size()) << table;
    EXPECT_TRUE(rows == after.at(table)) << "a rebuild changed " << table;
  }
  must({"verify"});
}

INSTANTIATE_TEST_SUITE_P(UnitsScale, Hotel, ::testing::Values("1", "0.8"), [](const auto& scale) {
  return scale.param == "1" ? "all_rooms" : "four_fifths_of_them";
});

}  // namespace
}  // namespace pesan::e2e
