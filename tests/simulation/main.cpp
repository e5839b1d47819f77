// simulation_tests                          all tests
// simulation_tests --seed N [--partitions P] one run, with all that happened in it
// simulation_tests --seeds FROM TO          a soak: many runs, failures only
// PESAN_SEED=N and PESAN_PARTITIONS=P do what the flags do.
#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/simulation/run.hpp"

namespace pesan::simulation {
namespace {

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> number_in(const char* variable) {
  const char* text = std::getenv(variable);
  return text == nullptr ? std::nullopt : number(text);
}

struct Arguments {
  std::optional<std::uint64_t> seed = number_in("PESAN_SEED");
  std::optional<std::uint64_t> partitions = number_in("PESAN_PARTITIONS");
  std::uint64_t from = 0;
  std::uint64_t to = 0;  // more than `from`: a soak
};

/// Reads its own flags behind those of GoogleTest; false: something is not understood.
bool read(int argc, char** argv, Arguments& into) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view flag = argv[i];
    const auto value = [&] { return ++i < argc ? number(argv[i]) : std::nullopt; };
    if (flag == "--seed") {
      if (!(into.seed = value())) return false;
    } else if (flag == "--partitions") {
      if (!(into.partitions = value())) return false;
    } else if (flag == "--seeds") {
      const auto from = value();
      const auto to = value();
      if (!from || !to || *from >= *to) return false;
      into.from = *from;
      into.to = *to;
    } else {
      return false;
    }
  }
  return true;
}

int replay(const Arguments& arguments) {
  RunOptions options{.seed = arguments.seed.value_or(0)};
  if (arguments.partitions) options.partitions = static_cast<std::int32_t>(*arguments.partitions);
  if (arguments.to == 0) {
    options.verbose = true;
    const Report report = run_seed(options);
    fmt::print("{}\n", describe(report));
    return report.violation ? 1 : 0;
  }
  int failed = 0;
  std::map<std::string, std::int64_t> tally;
  for (options.seed = arguments.from; options.seed < arguments.to; ++options.seed) {
    const Report report = run_seed(options, &tally);
    if (!report.violation) continue;
    ++failed;
    fmt::print("{}\n\n", describe(report));
  }
  for (const auto& [what, count] : tally) fmt::print("{:>10} {}\n", count, what);
  fmt::print("{} of {} seeds failed\n", failed, arguments.to - arguments.from);
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace pesan::simulation

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  pesan::simulation::Arguments arguments;
  if (!pesan::simulation::read(argc, argv, arguments)) {
    fmt::print(stderr, "usage: simulation_tests [--seed N | --seeds FROM TO] [--partitions P]\n");
    return 2;
  }
  if (arguments.seed || arguments.to > 0) return pesan::simulation::replay(arguments);
  return RUN_ALL_TESTS();
}
