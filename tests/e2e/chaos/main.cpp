// chaos [--stack NAME] [--seconds N] [--seed S] [--rate N] [--keep]
//                     one run on a stack that is up (./dev chaos makes one and starts this)
// chaos ... --canary NAME   the same with that mutant instead of the program
// chaos ... --caught NAME   and it must be found wrong, for its own sake
// chaos ... --canaries      so must each of them
// Exit code 0: nothing wrong, or all that had to be was caught. 1: pesan (or the mutant) broke a
// promise; a canary lived. 2: usage. 3: the run itself broke.
#include <charconv>
#include <cstdio>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "tests/e2e/chaos/canaries.hpp"
#include "tests/e2e/chaos/run.hpp"

namespace pesan::chaos {
namespace {

constexpr int fine = 0;
constexpr int wrong = 1;
constexpr int usage = 2;
constexpr int broken = 3;

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

struct Command {
  RunOptions run{.stack = "chaos", .seed = std::random_device{}()};
  const Canary* canary = nullptr;
  std::vector<const Canary*> to_be_caught;
};

/// False: it is not understood.
bool read(int argc, char** argv, Command& into) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view flag = argv[i];
    if (flag == "--keep") {
      into.run.keep = true;
      continue;
    }
    if (flag == "--canaries") {
      for (const Canary& canary : all_canaries()) into.to_be_caught.push_back(&canary);
      continue;
    }
    if (++i == argc) return false;
    const std::string_view value = argv[i];
    const auto given = number(value);
    const Canary* canary = find_canary(value);
    if (flag == "--stack") {
      into.run.stack = value;
    } else if (flag == "--seed" && given) {
      into.run.seed = *given;
    } else if (flag == "--seconds" && given) {
      into.run.length = std::chrono::seconds{*given};
    } else if (flag == "--rate" && given && *given > 0) {
      into.run.per_second = static_cast<int>(*given);
    } else if (flag == "--canary" && canary != nullptr) {
      into.canary = canary;
    } else if (flag == "--caught" && canary != nullptr) {
      into.to_be_caught.push_back(canary);
    } else {
      return false;
    }
  }
  return true;
}

int carry_out(const Command& command) {
  if (command.to_be_caught.empty()) {
    const RunOptions options =
        command.canary == nullptr ? command.run : with(*command.canary, command.run);
    const Report report = run(options);
    fmt::print("{}", describe(options, report));
    return report.findings.empty() ? fine : wrong;
  }
  int status = fine;
  for (const Canary* canary : command.to_be_caught) {
    const RunOptions options = with(*canary, command.run);
    const Report report = run(options);
    if (is_caught(*canary, report)) {
      fmt::print("{} is caught after {} s: {}\n", canary->name,
                 report.counts.at("seconds of faults"), report.findings.front());
    } else {
      fmt::print("{} LIVES\n{}", canary->name, describe(options, report));
      status = wrong;
    }
    std::fflush(stdout);
  }
  return status;
}

}  // namespace
}  // namespace pesan::chaos

int main(int argc, char** argv) {
  using namespace pesan::chaos;
  Command command;
  if (!read(argc, argv, command)) {
    fmt::print(stderr,
               "usage: chaos [--stack NAME] [--seconds N] [--seed S] [--rate N] [--keep] "
               "[--canary NAME | --caught NAME | --canaries]\ncanaries:");
    for (const Canary& canary : all_canaries()) fmt::print(stderr, " {}", canary.name);
    fmt::print(stderr, "\n");
    return usage;
  }
  try {
    return carry_out(command);
  } catch (const std::exception& why) {
    fmt::print(stderr, "chaos, seed {}: {}\n", command.run.seed, why.what());
    return broken;
  }
}
