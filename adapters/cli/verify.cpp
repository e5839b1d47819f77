// `pesan verify`: proves that the read models are the fold of the log, or says where they are not.
#include "projections/verify.hpp"

#include <chrono>
#include <memory>

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "adapters/cli/commands.hpp"
#include "adapters/cli/exit_code.hpp"
#include "adapters/cli/place_options.hpp"
#include "adapters/cli/terminal/differences.hpp"
#include "adapters/cli/terminal/progress.hpp"
#include "adapters/metrics/drift_file.hpp"
#include "adapters/runtime/clock.hpp"
#include "adapters/runtime/installation.hpp"
#include "adapters/runtime/row_follower.hpp"

namespace pesan::cli {
namespace {

struct Options {
  runtime::Places places;
  bool json = false;
  std::size_t limit = 100;
  std::size_t memory_mib = 512;
  std::string metrics_file{};
};

Fallible<VerifyReport> verify_all(LogReader& log, ReadModel& store, const Options& options,
                                  const OnDifference& on_difference) {
  VerifyReport total;
  for (const Topic topic : {Topic::events, Topic::customers}) {
    Progress bar(fmt::format("verify {}", name_of(topic)), 0);
    RefoldOptions refold{.memory = options.memory_mib << 20};
    refold.on_progress = [&](const FoldProgress& p) {
      bar.update(static_cast<std::size_t>(p.done), fmt::format("{} folded", p.done));
    };
    const auto report = verify(log, store, topic, refold, on_difference);
    bar.finish();
    if (!report) return report;
    total.records += report->records;
    total.rows += report->rows;
    total.differences += report->differences;
  }
  return total;
}

Fallible<int> verify_places(const Options& options) {
  const auto started = std::chrono::steady_clock::now();
  const auto installation = runtime::Installation::at(options.places);
  if (!installation) return std::unexpected(installation.error());
  auto log = installation->open_log(runtime::LogAccess::read);
  if (!log) return std::unexpected(log.error());
  auto store = installation->open_store(runtime::StoreAccess::read);
  if (!store) return std::unexpected(store.error());
  Differences differences(options.limit, options.json ? Format::json : Format::table);
  const auto report = verify_all(**log, **store, options, differences.collect());
  // What was found before a failure is worth reading too.
  if (auto printed = differences.print(); !printed) return std::unexpected(printed.error());
  if (!report) return std::unexpected(report.error());

  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;
  const std::string found = report->differences == 0
                                ? std::string("no drift")
                                : fmt::format("drift: {} difference{}", report->differences,
                                              report->differences == 1 ? "" : "s");
  fmt::print(options.json ? stderr : stdout, "{}: {} events, {} rows ({})\n", found,
             report->records, report->rows, rate(report->records, seconds.count()));
  for (const Topic topic : {Topic::events, Topic::customers}) {
    const auto rest = runtime::unfolded(**log, **store, topic);
    if (!rest) return std::unexpected(rest.error());
    if (*rest == 0) continue;
    fmt::print(stderr, "{} records of {} are not folded yet; nothing is said of them\n", *rest,
               name_of(topic));
  }
  if (!options.metrics_file.empty()) {
    const auto written =
        metrics::write_drift(options.metrics_file, {.differences = report->differences,
                                                    .events = report->records,
                                                    .rows = report->rows,
                                                    .seconds = seconds.count(),
                                                    .at = runtime::system_now()});
    // Drift is the graver news.
    if (!written && report->differences > 0) spdlog::error("{}", written.error().what);
    if (!written && report->differences == 0) return std::unexpected(written.error());
  }
  return report->differences == 0 ? done : answer_is_no;
}

}  // namespace

void add_verify(Program program) {
  auto options = std::make_shared<Options>();
  auto& command = *program.app.add_subcommand(
      "verify",
      "Fold the log anew and compare every column of every row; print each difference. Works while "
      "others write.");
  add_log_option(command, options->places);
  add_store_option(command, options->places);
  command.add_flag("--json", options->json, "Differences as JSON lines");
  command.add_option("--limit", options->limit, "Print at most so many differences; 0 for all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command
      .add_option("--memory", options->memory_mib,
                  "MiB for folded rows; a log too long for that is read several times")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  command.add_option("--metrics-file", options->metrics_file,
                     "Write what was found to this file, for the textfile collector of Prometheus' "
                     "node_exporter (its name ends in .prom there)");
  command.footer(
      "Examples:\n"
      "  pesan verify\n"
      "  pesan verify --json --limit 0 > drift.jsonl\n"
      "Exit codes: 0 no drift, 1 drift, 2 wrong usage, 3 a file that is not there or cannot be "
      "read.\n`pesan rebuild` repairs.");
  command.callback([program, options] {
    program.run = [options] {
      const auto answer = verify_places(*options);
      return answer ? *answer : report(answer.error());
    };
  });
}

}  // namespace pesan::cli
