#include "adapters/cli/topics_clock.hpp"

#include <functional>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "adapters/cli/exit_code.hpp"
#include "adapters/cli/logging.hpp"
#include "adapters/cli/place_options.hpp"
#include "adapters/runtime/clock.hpp"
#include "adapters/runtime/installation.hpp"
#include "engine/log_clock.hpp"

namespace pesan::cli {
namespace {

/// Opens the log with the right to change it, and does that.
int change_clock(const runtime::Places& places, const std::function<int(Log&)>& change) {
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
  return change(**log);
}

int end_backfill(Log& log) {
  const auto switched = switch_clock(log, Clock::append, runtime::system_now());
  if (!switched) return report(switched.error());
  for (std::size_t p = 0; p < switched->size(); ++p) {
    fmt::print(stderr, "partition {}: {}\n", p,
               (*switched)[p] ? "follows the log's append time from now on"
                              : "follows the log's append time already");
  }
  return done;
}

int mend(Log& log) {
  const auto mended = mend_clock(log, runtime::system_now());
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
  int (*change)(Log&);
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
       "On Kafka stop the engines first: one that works takes its partition back.\n"
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
