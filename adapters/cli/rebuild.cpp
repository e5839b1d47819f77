// `pesan rebuild`: folds the tables anew beside the live ones and swaps them, with no downtime.
#include "projections/rebuild.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include <CLI/App.hpp>
#include <fmt/format.h>

#include "adapters/cli/commands.hpp"
#include "adapters/cli/exit_code.hpp"
#include "adapters/cli/place_options.hpp"
#include "adapters/cli/terminal/differences.hpp"
#include "adapters/cli/terminal/progress.hpp"
#include "adapters/runtime/installation.hpp"

namespace pesan::cli {
namespace {

struct Options {
  runtime::Places places;
  std::string topic;
  bool json = false;
  bool replace = false;
  bool migrate = false;
  std::size_t limit = 100;
  std::size_t memory_mib = 512;
};

std::string outcome(const RebuildReport& report) {
  if (report.incomparable) {
    return "the old tables were of another fold or log and could not be compared";
  }
  if (report.differences == 0) return "no row changed";
  return fmt::format("{} difference{} repaired", report.differences,
                     report.differences == 1 ? "" : "s");
}

constexpr int most_attempts = 5;
constexpr std::chrono::milliseconds pause_after_conflict{100};

/// A conflict changes nothing: a partition was projected for the first time meanwhile, which the
/// next attempt knows, or another rebuild lives, which may be about to end.
Fallible<RebuildReport> rebuild_at_last(LogReader& log, ReadModel& live, RebuildStore& store,
                                        Topic topic, const RefoldOptions& refold,
                                        const std::function<OnDifference()>& begin) {
  for (int attempt = 1;; ++attempt) {
    auto report = rebuild(log, live, store, topic, refold, begin());
    if (report || report.error().kind != FailureKind::conflict || attempt == most_attempts) {
      return report;
    }
    std::this_thread::sleep_for(pause_after_conflict);
  }
}

Fallible<void> rebuild_topic(LogReader& log, const runtime::Installation& installation,
                             const Options& options, Topic topic) {
  const auto started = std::chrono::steady_clock::now();
  auto live = installation.open_store(runtime::StoreAccess::write);
  if (!live) return std::unexpected(live.error());
  auto store = installation.open_rebuild();
  if (!store) return std::unexpected(store.error());

  const auto length = length_of(log, topic);
  if (!length) return std::unexpected(length.error());
  RefoldOptions refold{.memory = options.memory_mib << 20};
  Progress bar(fmt::format("rebuild {}", name_of(topic)),
               static_cast<std::size_t>(*length * ranges_for(*length, refold)));
  refold.on_progress = [&](const FoldProgress& p) {
    bar.update(static_cast<std::size_t>(p.done), fmt::format("{} folded", p.done));
  };
  std::optional<Differences> differences;  // of the attempt that succeeds
  const auto report = rebuild_at_last(log, **live, **store, topic, refold, [&] {
    return differences.emplace(options.limit, options.json ? Format::json : Format::table)
        .collect();
  });
  bar.finish();
  if (!report) return std::unexpected(report.error());
  if (auto printed = differences->print(); !printed) return printed;
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;
  fmt::print(options.json ? stderr : stdout, "{} rebuilt: {} events, {} rows; {} ({})\n",
             name_of(topic), report->records, report->rows, outcome(*report),
             rate(report->records, seconds.count()));
  return {};
}

/// Without it a forgotten --store would replace the rows of another log by those of this one.
Fallible<void> check_whose_rows(const runtime::OpenedLog& log,
                                const runtime::Installation& installation, const Options& options,
                                Topic topic) {
  if (options.replace) return {};
  const auto store = installation.open_store(runtime::StoreAccess::read);
  if (!store) return std::unexpected(store.error());
  for (std::int32_t p = 0; p < partitions_of(*log, topic); ++p) {
    const auto checkpoint = (*store)->checkpoint({topic, Partition{p}});
    if (!checkpoint) return std::unexpected(checkpoint.error());
    if (!*checkpoint || (*checkpoint)->log_id == log.info().log_id) continue;
    return fail(FailureKind::usage,
                fmt::format("the rows in {} are of log {}, and {} is log {}: look at --log and "
                            "--store. --replace makes them anew from this log",
                            options.places.store, (*checkpoint)->log_id, options.places.log,
                            log.info().log_id));
  }
  return {};
}

Fallible<void> rebuild_topics(const Options& options) {
  const auto installation = runtime::Installation::at(options.places);
  if (!installation) return std::unexpected(installation.error());
  auto log = installation->open_log(runtime::LogAccess::read);
  if (!log) return std::unexpected(log.error());
  if (options.migrate) {
    if (auto migrated = installation->migrate_store(); !migrated) {
      return std::unexpected(migrated.error());
    }
  }
  for (const Topic topic : {Topic::events, Topic::customers}) {
    if (!options.topic.empty() && options.topic != name_of(topic)) continue;
    if (auto right = check_whose_rows(*log, *installation, options, topic); !right) return right;
    if (auto rebuilt = rebuild_topic(**log, *installation, options, topic); !rebuilt)
      return rebuilt;
  }
  return {};
}

}  // namespace

void add_rebuild(Program program) {
  auto options = std::make_shared<Options>();
  auto& command = *program.app.add_subcommand(
      "rebuild",
      "Fold the tables of a topic anew beside the live ones, compare both, and swap them at once. "
      "Readers and projectors go on meanwhile; a kill anywhere leaves one side whole.");
  add_log_option(command, options->places);
  add_store_option(command, options->places);
  command.add_option("TOPIC", options->topic, "events or customers; both without it")
      ->check(CLI::IsMember({"events", "customers"}));
  command.add_flag("--json", options->json, "What differed as JSON lines");
  command.add_flag("--replace", options->replace, "Also where the rows are of another log");
  command.add_flag("--migrate", options->migrate,
                   "Bring the schema to this program's version first: an upgrade in one command, "
                   "beside the projector of the older program");
  command
      .add_option("--limit", options->limit,
                  "Print at most so many differences to the old tables; "
                  "0 for all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command
      .add_option("--memory", options->memory_mib,
                  "MiB for folded rows; a log too long for that is read several times")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  command.footer(
      "Examples:\n"
      "  pesan rebuild\n"
      "  pesan rebuild customers --store sqlite:D/read.db --log sqlite:D/log.db\n"
      "Exit codes: 0 rebuilt (also when rows differed: they are right now), 2 wrong usage, 3 a "
      "file\n"
      "that is not there or cannot be used, or another rebuild that runs.");
  command.callback([program, options] {
    program.run = [options] {
      const auto rebuilt = rebuild_topics(*options);
      return rebuilt ? done : report(rebuilt.error());
    };
  });
}

}  // namespace pesan::cli
