// chaos --stack NAME [--seconds N] [--seed S]: one run on a stack that is up; see ./dev chaos.
// chaos --stack NAME --canary MUTANT:          the same with a program that has this fault.
// Exit code 0: nothing wrong. 1: pesan broke a promise. 3: the run itself broke.
#include <charconv>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "tests/e2e/chaos/canaries.hpp"
#include "tests/e2e/chaos/run.hpp"

namespace pesan::chaos {
namespace {

constexpr int nothing_wrong = 0;
constexpr int wrong = 1;
constexpr int usage = 2;
constexpr int broken = 3;

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

int main(int argc, char** argv) {
  RunOptions options{.stack = "chaos", .seed = std::random_device{}()};
  std::optional<std::uint64_t> given = 0;
  for (int i = 1; i < argc; ++i) {
    const std::string_view flag = argv[i];
    if (flag == "--keep") {
      options.keep = true;
      continue;
    }
    if (++i == argc) return usage;
    const std::string_view value = argv[i];
    if (flag == "--stack") {
      options.stack = value;
    } else if (flag == "--seed" && (given = number(value))) {
      options.seed = *given;
    } else if (flag == "--seconds" && (given = number(value))) {
      options.length = std::chrono::seconds{*given};
    } else if (flag == "--rate" && (given = number(value)) && *given > 0) {
      options.per_second = static_cast<int>(*given);
    } else if (flag == "--canary") {
      if (!put_canary(value, options)) {
        fmt::print(stderr, "there is no canary {}\n", value);
        return usage;
      }
    } else {
      fmt::print(stderr,
                 "usage: chaos [--stack NAME] [--seconds N] [--seed S] [--rate N] [--keep] "
                 "[--canary NAME]\n");
      return usage;
    }
  }
  try {
    const Report report = run(options);
    fmt::print("{}", describe(options, report));
    return report.findings.empty() ? nothing_wrong : wrong;
  } catch (const Broken& why) {
    fmt::print(stderr, "chaos, seed {}: {}\n", options.seed, why.what);
    return broken;
  }
}

}  // namespace
}  // namespace pesan::chaos

int main(int argc, char** argv) { return pesan::chaos::main(argc, argv); }
