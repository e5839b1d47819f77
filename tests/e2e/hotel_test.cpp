// Two years of two real hotels (examples/hotel-demand) through the program, checked by a script
// that counts in the data what must come out. The data are not part of the repository: they are
// looked for at $PESAN_HOTEL_CSV and beside the checkout.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/e2e/stored.hpp"

namespace pesan::e2e {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int every = 40;  // too slow for all of them: every fortieth booking
#else
constexpr int every = 1;
#endif

/// Where the data are, looked up before anything takes PESAN_… out of the environment.
std::optional<std::string> hotel_csv() {
  const char* named = std::getenv("PESAN_HOTEL_CSV");
  if (named != nullptr && std::filesystem::exists(named)) return named;
  const std::string beside = PESAN_SOURCE_DIR "/../shared/data/hotel_bookings.csv.xz";
  if (std::filesystem::exists(beside)) return beside;
  return std::nullopt;
}

class Hotel : public ::testing::TestWithParam<std::string> {
 protected:
  /// Its output goes to a file; what it says on stderr is seen where the test's is.
  void script(const std::string& name, const std::string& arguments, const std::string& output) {
    const std::string command = fmt::format("python3 '{}/examples/hotel-demand/{}' '{}' {} > '{}'",
                                            PESAN_SOURCE_DIR, name, csv_, arguments, output);
    ASSERT_EQ(std::system(command.c_str()), 0) << command << "\n" << read_file(output);
  }
  /// A file of every so-manieth booking.
  void take_sample() {
    const std::string sample = files_.folder / "sample.csv";
    const std::string command = fmt::format(
        "python3 -c 'import lzma, sys; f = sys.argv[1]; "
        "lines = (lzma.open if f.endswith(\".xz\") else open)(f, \"rt\").readlines(); "
        "sys.stdout.writelines(lines[:1] + lines[1::{}])' '{}' > '{}'",
        every, csv_, sample);
    ASSERT_EQ(std::system(command.c_str()), 0);
    csv_ = sample;
  }
  /// The program, with what it prints in a file.
  Outcome must(const Arguments& words) {
    Outcome outcome = run(files_.on(words));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err.substr(0, 4000);
    return outcome;
  }

  Files files_;
  std::string csv_;
};

TEST_P(Hotel, EveryOutcomeAndEveryNightIsWhatTheDataSay) {
  const auto csv = hotel_csv();
  if (!csv) GTEST_SKIP() << "no hotel_bookings.csv: set PESAN_HOTEL_CSV to try two real hotels";
  csv_ = *csv;
  if (every > 1) take_sample();
  if (HasFatalFailure()) return;
  const std::string scale = "--units-scale " + GetParam();
  const std::string commands = files_.folder / "commands.jsonl";
  const std::string results = files_.folder / "results.jsonl";
  const std::string nights = files_.folder / "nights.jsonl";
  script("commands.py", scale, commands);
  if (HasFatalFailure()) return;
  std::cout << must({"apply", "--clock", "command", "--quiet", "--results", results, commands}).err;
  write_file(nights, must({"show", "nights", "--json"}).out);
  const std::string found = files_.folder / "found";
  script("check.py", fmt::format("{} --results '{}' --nights '{}'", scale, results, nights), found);
  if (HasFatalFailure()) return;
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
