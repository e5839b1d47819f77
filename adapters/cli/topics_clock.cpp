#include "adapters/cli/topics_clock.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "adapters/cli/exit_code.hpp"
#include "adapters/cli/logging.hpp"
#include "adapters/cli/place_options.hpp"
#include "adapters/runtime/claimed_all.hpp"
#include "adapters/runtime/clock.hpp"
#include "adapters/runtime/installation.hpp"
#include "engine/log_clock.hpp"

namespace pesan::cli {
namespace {

using Change = std::function<int(Log&, std::span<const ClaimProof>)>;

/// Longer than a group waits for a member that is gone, and for its deal.
constexpr std::chrono::seconds claim_patience{15};

/// Opens the log with the right to change it, and does that.
int change_clock(const runtime::Places& places, const Change& change) {
  const auto installation = runtime::Installation::at(places);
  if (!installation) return report(installation.error());
  auto log = installation->open_log();
  if (!log) return report(log.error());
  auto right = installation->take_roles_right();
  if (!right) return report(right.error());
  if (!*right) {
    return report({FailureKind::fatal,
                   "another process runs on this log: stop it first, because its clock is "
                   "changed in all partitions at once"});
  }
  // As an engine would: Kafka takes nothing from one who has not claimed it. On files the right to
  // run the roles holds all claims.
  std::unique_ptr<Claims> claims = std::make_unique<AllClaims>();
  if (!installation->has_embedded_log()) {
    claims = installation->claims(runtime::RoleKind::engine, {});
  }
  const auto claimed =
      runtime::ClaimedAll::claim(std::move(claims), (*log)->partitions(), claim_patience);
  if (!claimed) return report(claimed.error());
  return change(**log, (*claimed)->proofs());
}

int end_backfill(Log& log, std::span<const ClaimProof> proofs) {
  const auto switched = switch_clock(log, Clock::append, runtime::system_now(), proofs);
  if (!switched) return report(switched.error());
  for (std::size_t p = 0; p < switched->size(); ++p) {
    fmt::print(stderr, "partition {}: {}\n", p,
               (*switched)[p] ? "follows the log's append time from now on"
                              : "follows the log's append time already");
  }
  return done;
}

int mend(Log& log, std::span<const ClaimProof> proofs) {
  const auto mended = mend_clock(log, runtime::system_now(), proofs);
  if (!mended) return report(mended.error());
  for (std::size_t p = 0; p < mended->size(); ++p) {
    const auto& clock = (*mended)[p];
    fmt::print(
        stderr, "partition {}: {}\n", p,
        clock ? fmt::format("set back from {} to {}", to_string(clock->from), to_string(clock->to))
              : "is not ahead of this machine's clock");
  }
  return done;
}

struct Clocks {
  const char* name;
  const char* description;
  const char* footer;
  int (*change)(Log&, std::span<const ClaimProof>);
};

}  // namespace

void add_clock_commands(Program program, CLI::App& group) {
  const Clocks all[] = {
      {"end-backfill",
       "From here on the log follows its append time: one ClockSwitched a partition. Refused while "
       "commands are undecided, or a partition's clock is ahead of this machine's",
       "Example:\n"
       "  pesan topics end-backfill --log sqlite:D/log.db\n"
       "Exit codes: 0 switched, or switched before, 2 wrong usage, 3 a process runs on the log, it "
       "is\nnot there, or a clock is ahead.",
       &end_backfill},
      {"mend-clock",
       "Set the clock of each partition that is ahead of this machine's back to it, on the record "
       "(one ClockMended each): a wrong year in a backfill, or a machine's clock that was wrong, "
       "has put it there. What was decided meanwhile stays as it is",
       "Example:\n"
       "  pesan topics mend-clock --log sqlite:D/log.db\n"
       "On Kafka stop the engines first: it is refused while one has a partition.\n"
       "Exit codes: 0 none is ahead any more, 2 wrong usage, 3 a process runs on the file, or the "
       "log is\nnot there.",
       &mend}};
  for (const Clocks& clocks : all) {
    // Each has places of its own: the environment is read for all, whichever was asked for.
    auto places = std::make_shared<runtime::Places>();
    auto& command = *group.add_subcommand(clocks.name, clocks.description);
    add_log_option(command, *places);
    command.footer(clocks.footer);
    command.callback([program, places, change = clocks.change] {
      program.run = [places, change] { return change_clock(*places, change); };
    });
  }
}

}  // namespace pesan::cli
