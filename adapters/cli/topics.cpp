// `pesan topics`: makes a log and looks after its topics; its clock is the affair of
// topics_clock.cpp.
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "adapters/cli/commands.hpp"
#include "adapters/cli/exit_code.hpp"
#include "adapters/cli/place_options.hpp"
#include "adapters/cli/topics_clock.hpp"
#include "adapters/runtime/installation.hpp"
#include "engine/log_clock.hpp"
#include "engine/recovery.hpp"
#include "events/ascii.hpp"
#include "events/events.hpp"

namespace pesan::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 60s;
constexpr auto pause_between_tries = 1000ms;

struct Options {
  runtime::Places places;
  std::optional<std::int32_t> partitions;
  std::string clock;         // empty: append for a new log, any for one that is there
  std::string calling_code;  // empty: the default for a new log, any for one that is there
  bool acls = false;
};

/// As the ITU gives them out: 1 to 3 digits, of which the first is no zero.
std::string a_calling_code(const std::string& text) {
  const bool good = !text.empty() && text.size() <= 3 && all_digits(text) && text.front() != '0';
  return good ? "" : "a calling code has 1 to 3 digits, and the first is no 0";
}

int print_acls(const runtime::Places& places) {
  const auto installation = runtime::Installation::at({.log = places.log});
  if (!installation) return report(installation.error());
  const auto commands = installation->acl_commands();
  if (!commands) return report_usage("--acls: only a log on Kafka has access lists");
  fmt::print("{}", *commands);
  return done;
}

/// A broker that has just come up may need longer than a call waits, to make its own topics. What a
/// try left half-made the next one finishes.
Fallible<void> create_patiently(const runtime::Installation& installation,
                                const runtime::NewLog& new_log) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    auto created = installation.create_log(new_log);
    if (created || installation.has_embedded_log() ||
        created.error().kind != FailureKind::transient ||
        std::chrono::steady_clock::now() > deadline) {
      return created;
    }
    spdlog::warn("trying again: {}", created.error().what);
    std::this_thread::sleep_for(pause_between_tries);
  }
}

int create(const Options& options) {
  if (options.acls) return print_acls(options.places);
  const auto installation = runtime::Installation::at(options.places);
  if (!installation) return report(installation.error());
  const runtime::NewLog new_log{
      .partitions = options.partitions.value_or(installation->has_embedded_log()
                                                    ? runtime::embedded_partitions
                                                    : runtime::kafka_partitions),
      .clock = parse_enum<Clock>(options.clock).value_or(Clock::append),
      .calling_code =
          options.calling_code.empty() ? std::string(default_calling_code) : options.calling_code};
  const auto created = create_patiently(*installation, new_log);
  if (created) {
    fmt::print(stderr, "made {}: {} partition(s), clock {}\n", options.places.log,
               new_log.partitions, name_of(new_log.clock));
    return done;
  }
  if (created.error().kind != FailureKind::conflict) return report(created.error());
  const auto mended = installation->mend_log();
  if (!mended) return report(mended.error());
  for (const auto& line : *mended) fmt::print(stderr, "{}\n", line);
  auto log = installation->open_log(runtime::LogAccess::read);
  if (!log) return report(log.error());
  const auto clock = current_clock(**log);
  if (!clock) return report(clock.error());
  const auto calling_code = read_calling_code(**log);
  if (!calling_code) return report(calling_code.error());
  const auto partitions = options.partitions.value_or((*log)->partitions());
  if ((*log)->partitions() != partitions || (!options.clock.empty() && *clock != new_log.clock) ||
      (!options.calling_code.empty() && *calling_code != options.calling_code)) {
    return report_usage(fmt::format(
        "{} is there already, with {} partition(s), clock {} and calling code {}, which are fixed "
        "when a log is made. Leave the options out, or name another log",
        options.places.log, (*log)->partitions(), name_of(*clock), *calling_code));
  }
  fmt::print(stderr, "{} is there already\n", options.places.log);
  return done;
}

int check(const Options& options) {
  const auto installation = runtime::Installation::at(options.places);
  if (!installation) return report(installation.error());
  auto log = installation->open_log(runtime::LogAccess::read);
  if (!log) return report(log.error());
  if (!log->has_topics()) {
    fmt::print(stderr, "{} is a file: it has no settings\n", options.places.log);
    return done;
  }
  const auto faults = log->find_faults();
  if (!faults) return report(faults.error());
  for (const auto& fault : *faults) fmt::print("{}\n", fault.what);
  fmt::print(stderr, "{} of {}\n",
             faults->empty() ? "nothing is wrong with the topics"
                             : fmt::format("{} thing(s) are wrong with the topics", faults->size()),
             options.places.log);
  return faults->empty() ? done : answer_is_no;
}

// Each has options of its own: the environment is read for both of them, whichever was asked for.
void add_create(Program program, CLI::App& group) {
  auto options = std::make_shared<Options>();
  auto& command = *group.add_subcommand(
      "create",
      "Make the log with all its topics and LogOpened events; where it is there, mend settings of "
      "its topics that would lose records, and make the topic of dead letters where it is gone");
  add_log_option(command, options->places);
  command
      .add_option(
          "--partitions", options->partitions,
          fmt::format("Fixed from then on; {} on Kafka, {} in a file, where it is not given",
                      runtime::kafka_partitions, runtime::embedded_partitions))
      ->check(CLI::Range(1, max_partitions));
  command
      .add_option(
          "--clock", options->clock,
          "append (of a new log where it is not said): the log's own time; command: the commands' "
          "`time`, for backfills")
      ->check(CLI::IsMember({"append", "command"}));
  command
      .add_option("--calling-code", options->calling_code,
                  fmt::format("Of the country whose phone numbers are written without one; {} of a "
                              "new log where it is not given",
                              default_calling_code))
      ->check(a_calling_code);
  command.add_flag("--acls", options->acls,
                   "Make nothing: print the kafka-acls commands that give each role its rights");
  command.footer(
      "Examples:\n"
      "  pesan topics create --partitions 4\n"
      "  pesan topics create --clock command --log sqlite:D/log.db   # for a backfill\n"
      "  pesan topics create --log kafka://127.0.0.1:9092 --partitions 12\n"
      "  pesan topics create --log kafka://127.0.0.1:9092 --acls | sh\n"
      "Exit codes: 0 made or there already, 2 there already with other partitions, another clock "
      "or\nanother calling code, 3 a file that cannot be made or is no log.");
  command.callback([program, options] { program.run = [options] { return create(*options); }; });
}

void add_check(Program program, CLI::App& group) {
  auto options = std::make_shared<Options>();
  auto& command = *group.add_subcommand(
      "check",
      "Say which settings of the topics on Kafka would lose records, which topics are "
      "gone, and to which partitions were added");
  add_log_option(command, options->places);
  command.footer(
      "Example:\n"
      "  pesan topics check --log kafka://127.0.0.1:9092\n"
      "Exit codes: 0 nothing is wrong, 1 something is, 2 wrong usage, 3 the brokers do not "
      "answer.");
  command.callback([program, options] { program.run = [options] { return check(*options); }; });
}

}  // namespace

void add_topics(Program program) {
  auto& group =
      *program.app.add_subcommand("topics", "Make a log, look after its topics and its clock");
  group.require_subcommand(1);
  add_create(program, group);
  add_check(program, group);
  add_clock_commands(program, group);
}

}  // namespace pesan::cli
