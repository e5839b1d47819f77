// `pesan apply`: commands from a file or a pipe, one result a line.
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <system_error>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "adapters/cli/commands.hpp"
#include "adapters/cli/exit_code.hpp"
#include "adapters/cli/logging.hpp"
#include "adapters/cli/place_options.hpp"
#include "adapters/cli/role_flags.hpp"
#include "adapters/cli/terminal/progress.hpp"
#include "adapters/cli/terminal/result_sink.hpp"
#include "adapters/files/line_source.hpp"
#include "adapters/runtime/apply_run.hpp"
#include "adapters/runtime/apply_session.hpp"
#include "adapters/runtime/backfill_times.hpp"
#include "adapters/runtime/clock.hpp"
#include "adapters/runtime/desk_threads.hpp"
#include "adapters/runtime/dry_run.hpp"
#include "adapters/runtime/installation.hpp"
#include "adapters/runtime/parked.hpp"
#include "adapters/runtime/roles.hpp"
#include "adapters/runtime/signals.hpp"
#include "engine/log_clock.hpp"

namespace pesan::cli {
namespace {

using namespace std::chrono_literals;
using files::LineSource;
using runtime::BackfillTimes;
using runtime::Installation;
using runtime::NewLog;
using runtime::RoleOptions;
using runtime::system_now;

constexpr LineSource::Most a_batch{.lines = 2'000, .bytes = std::size_t{8} << 20};
constexpr Instant end_of_time{std::numeric_limits<std::int64_t>::max()};
constexpr auto patience = 10s;  // with a disk that stays full, or a file that stays locked

struct Options {
  runtime::Places places{};
  RoleFlags roles{};
  std::optional<std::int32_t> partitions;
  std::string clock;
  std::string file = "-";
  std::string results;
  bool quiet = false;
  bool future = false;
  bool dry_run = false;
};

/// A look at lines that are about to be sent; a failure sends neither them nor any later one.
using BeforeSending = std::function<Fallible<void>(const std::vector<std::string>&)>;

/// All lines of a file, which is then at its beginning again.
Fallible<void> look_at_all(LineSource& file, BackfillTimes& times, Instant now) {
  while (!file.at_end()) {
    const auto lines = file.next(a_batch, 1'000ms);
    if (!lines) return std::unexpected(lines.error());
    if (auto good = times.look(*lines, now); !good) return good;
  }
  return file.rewind();
}

/// Of a log that follows the commands' time the lines are looked at first: those of a file all of
/// them before any is sent, those of a pipe as they come.
Fallible<BeforeSending> check_times(LineSource& lines, BackfillTimes& times, Clock clock,
                                    bool future) {
  const auto no_look = [](const auto&) -> Fallible<void> { return {}; };
  if (clock == Clock::append) return no_look;  // they decide nothing
  const auto latest = [future] { return future ? end_of_time : system_now(); };
  if (!lines.can_rewind()) {
    return [&times, latest](const auto& some) { return times.look(some, latest()); };
  }
  if (auto good = look_at_all(lines, times, latest()); !good) return std::unexpected(good.error());
  return no_look;
}

void summarise(const BackfillTimes& times) {
  if (times.unreadable() > 0) {
    fmt::print(
        stderr,
        "  {} without a time that could be read (the first in line {}), decided at the clock "
        "as it stood\n",
        times.unreadable(), times.first_unreadable());
  }
  if (times.went_back() > 0) {
    fmt::print(stderr,
               "  {} with a time before that of one before, decided at the clock as it stood\n",
               times.went_back());
  }
}

/// Says once that a backfill was sent to a log that follows its append time.
void warn_of_old_times(const std::optional<Instant>& oldest, Clock clock) {
  constexpr std::int64_t a_day_ms = 24 * 60 * ms_per_minute;
  if (clock != Clock::append || !oldest || oldest->ms > system_now().ms - a_day_ms) return;
  spdlog::warn(
      "the commands bring times of long ago (the oldest {}), and this log follows its "
      "append time: they are decided as of now. A backfill needs a log of its own: apply "
      "--clock command",
      to_string(*oldest));
}

void summarise(const runtime::ApplyTally& tally, double seconds) {
  fmt::print(stderr, "{} commands in {:.1f} s: {} accepted, {} rejected, {} of them repeats\n",
             tally.total(), seconds, tally.accepted, tally.rejected, tally.duplicates);
  for (const auto& [code, count] : tally.by_code) fmt::print(stderr, "  {} {}\n", count, code);
  if (tally.first_malformed > 0) {
    fmt::print(stderr, "  the first that is malformed: line {}\n", tally.first_malformed);
  }
}

std::string other_clock(Clock of_the_log, Clock asked_for) {
  return fmt::format(
      "this log follows the clock `{}`, not `{}`: name another log, and rows of its "
      "own (--log, --store)",
      name_of(of_the_log), name_of(asked_for));
}

int end_interrupted(const LineSource& lines, const runtime::ApplySession& session,
                    runtime::Roles& roles) {
  roles.stop();
  if (session.outstanding() > 0) {
    say_failure(
        fmt::format("interrupted: {}. They stand in the log, and applying the same lines "
                    "again gives their outcomes",
                    session.waits_for()));
  } else if (lines.at_end()) {
    say_failure(
        "interrupted: every command has its result; customers are not linked yet, which "
        "`pesan registry` and `pesan projector` (or `serve`) do");
  }
  if (!lines.at_end() && lines.size() > 0) {
    say_failure(fmt::format("the lines after byte {} were not sent", lines.consumed()));
  }
  runtime::end_by_signal(runtime::interruption());
  return outside_failed;
}

/// A path that was mistaken, or a pipe whose other end failed, is not done in silence.
void warn_of_no_lines(std::int64_t lines, const Options& options) {
  const bool standard = options.file.empty() || options.file == "-";
  if (lines == 0) spdlog::warn("{} holds no line", standard ? "stdin" : options.file);
}

/// Whether parked commands make sense; asked before this process runs the roles, or does not.
Fallible<void> check_parked(const Installation& installation, const RoleOptions& roles,
                            LogReader& log) {
  if (roles.engine.parked.empty()) return {};
  const auto free = installation.take_roles_right();
  if (!free) return std::unexpected(free.error());
  return runtime::check_parked(roles.engine.parked, log,
                               installation.has_embedded_log() && free->has_value());
}

/// Whether writing to `path` would write over what is read or kept here.
bool is_in_use(const std::string& path, const Installation& installation, const Options& options) {
  std::error_code unknown;  // what is not there is not the same
  const std::string input =
      options.file.empty() || options.file == "-" ? "/dev/stdin" : options.file;
  for (const std::string& other : {input, installation.log_file(), installation.store_file()}) {
    if (std::filesystem::is_regular_file(path, unknown) &&
        std::filesystem::equivalent(path, other, unknown)) {
      return true;
    }
  }
  return false;
}

/// What the lines would come to; the log that they would make where there is none.
Fallible<std::unique_ptr<runtime::DryRun>> start_dry_run(const Options& options,
                                                         const RoleOptions& roles,
                                                         const NewLog& new_log) {
  const auto installation = Installation::at(options.places);
  if (!installation) return std::unexpected(installation.error());
  runtime::DryRunOptions dry{
      .remember = roles.engine.remember, .snapshots = nullptr, .parked = roles.engine.parked};
  if (installation->has_embedded_log() && !std::filesystem::exists(installation->log_file())) {
    return runtime::DryRun::on_new_log(new_log, dry);
  }
  const auto log = installation->open_log(runtime::LogAccess::read_without_trace);
  if (!log) return std::unexpected(log.error());
  // Those in a database are left alone: what may only be looked at needs no account there.
  const auto snapshots = installation->snapshots_in_a_folder(log->info().log_id);
  dry.snapshots = snapshots.get();
  return runtime::DryRun::on(**log, dry);
}

int dry_run(const Options& options, const RoleOptions& roles, const NewLog& new_log) {
  const auto started = std::chrono::steady_clock::now();
  auto lines = LineSource::open(options.file);
  if (!lines) return report(lines.error());
  auto dry = start_dry_run(options, roles, new_log);
  if (!dry) return report(dry.error());
  if (auto same = check_partitions((*dry)->partitions(), options.partitions); !same) {
    return report(same.error());
  }
  BackfillTimes times((*dry)->partitions());
  const auto before_deciding = check_times(*lines, times, (*dry)->clock(), options.future);
  if (!before_deciding) return report(before_deciding.error());
  if (!options.clock.empty() && (*dry)->clock() != new_log.clock) {
    return report_usage(other_clock((*dry)->clock(), new_log.clock));
  }
  ResultSink sink({.quiet = options.quiet, .file = options.results});
  runtime::ApplyTally tally;
  ResultDecoder decoder;
  while (!lines->at_end()) {
    auto batch = lines->next(a_batch, 50ms);
    if (!batch) return report(batch.error());
    if (auto good = (*before_deciding)(*batch); !good) return report(good.error());
    if ((*dry)->clock() == Clock::append) static_cast<void>(times.look(*batch, end_of_time));
    for (std::string& line : *batch) {
      const auto text = (*dry)->decide(std::move(line));
      if (!text) {
        static_cast<void>(sink.flush());
        return report(text.error());
      }
      sink.write(*text);
      tally.count(brief_of(decoder.decode(*text).value()), tally.total() + 1);
    }
    if (auto flushed = sink.flush(); !flushed) return report(flushed.error());
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;
  warn_of_no_lines(tally.total(), options);
  fmt::print(stderr, "dry run: nothing was written. ");
  summarise(tally, seconds.count());
  if ((*dry)->clock() == Clock::command) summarise(times);
  warn_of_old_times(times.oldest(), (*dry)->clock());
  return tally.malformed > 0 ? answer_is_no : done;
}

class Ends final : public runtime::ApplyEnds {
 public:
  Ends(LineSource& lines, const BeforeSending& look, ResultSink& sink, Progress& progress)
      : lines_(lines), look_(look), sink_(sink), progress_(progress) {}

  Fallible<std::vector<std::string>> next(std::chrono::milliseconds wait) override {
    auto batch = lines_.next(a_batch, wait);
    if (!batch || batch->empty()) return batch;
    if (auto good = look_(*batch); !good) return std::unexpected(good.error());
    return batch;
  }
  bool at_end() const override { return lines_.at_end(); }
  bool full() const override { return sink_.full(); }
  Fallible<void> flush() override { return sink_.flush(); }
  void went_on(std::int64_t decided) override {
    progress_.update(lines_.consumed(), fmt::format("{} decided", decided));
  }

 private:
  LineSource& lines_;
  const BeforeSending& look_;
  ResultSink& sink_;
  Progress& progress_;
};

int apply(const Options& options) {
  const auto started = std::chrono::steady_clock::now();
  auto role_choice = role_options(options.roles);
  if (!role_choice) return report(role_choice.error());
  NewLog new_log{.partitions = options.partitions.value_or(runtime::embedded_partitions)};
  if (!options.clock.empty()) new_log.clock = *parse_enum<Clock>(options.clock);
  if (options.dry_run) return dry_run(options, *role_choice, new_log);
  auto lines = LineSource::open(options.file);
  if (!lines) return report(lines.error());
  const auto installation = Installation::at(options.places);
  if (!installation) return report(installation.error());
  auto log = installation->open_or_create_log(new_log);
  if (!log) return report(log.error());
  if (auto same = check_partitions((*log)->partitions(), options.partitions); !same) {
    return report(same.error());
  }
  const auto clock = current_clock(**log);
  if (!clock) return report(clock.error());
  if (!options.clock.empty() && *clock != new_log.clock) {
    return report_usage(other_clock(*clock, new_log.clock));
  }
  BackfillTimes times((*log)->partitions());
  const auto before_sending = check_times(*lines, times, *clock, options.future);
  if (!before_sending) return report(before_sending.error());
  if (auto good = check_parked(*installation, *role_choice, **log); !good) {
    return report(good.error());
  }
  auto store = installation->open_store();
  if (!store) return report(store.error());
  // Only now: what a former run wrote there is worth keeping when this one cannot begin.
  if (is_in_use(options.results, *installation, options)) {
    return report_usage(
        fmt::format("--results {} would write over the commands, the log or the rows: name another "
                    "file",
                    options.results));
  }
  ResultSink sink({.quiet = options.quiet, .file = options.results});
  if (!sink.open()) return report_usage(fmt::format("cannot write {}", options.results));

  if (auto placed = place_roles(*role_choice, options.roles.settings, *installation, *log);
      !placed) {
    return report(placed.error());
  }
  role_choice->patience = patience;
  role_choice->engine.says_old_times = false;  // this says it once for all
  // Over Kafka the roles are others' business.
  if (!installation->has_embedded_log()) role_choice->roles.clear();
  auto desk = runtime::Desk::open(**log, *std::move(store),
                                  {.log_id = log->info().log_id,
                                   // A line in flight counts twice where it is all resource.
                                   .most_bytes = std::size_t{256} << 20});
  if (!desk) return report(desk.error());
  runtime::ApplySession session(*std::move(desk), [&](std::string_view r) { sink.write(r); });
  const runtime::DeskThreads desk_threads(session.desk());
  runtime::Roles roles(
      **log, [own = *installation] { return own.open_store(); }, *std::move(role_choice));
  roles.start();
  runtime::heed_interruption();

  Progress progress("apply", lines->size());
  Ends ends(*lines, *before_sending, sink, progress);
  const auto applied = runtime::run_lines(ends, **log, session, roles);
  progress.finish();
  if (!applied) {
    static_cast<void>(sink.flush());  // what was answered is said, whatever came then
    return report(applied.error());
  }
  if (lines->at_end()) warn_of_no_lines(session.tally().total(), options);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;
  summarise(session.tally(), seconds.count());
  summarise(times);
  warn_of_old_times(session.oldest_time(), *clock);
  if (runtime::interruption() != 0) return end_interrupted(*lines, session, roles);
  return session.tally().malformed > 0 ? answer_is_no : done;
}

}  // namespace

void add_apply(Program program) {
  auto options = std::make_shared<Options>();
  auto& command = *program.app.add_subcommand(
      "apply",
      "Append commands (JSON lines) to the log, wait until each is decided and projected, and "
      "print one result a line, in the order of the lines. Exit code 1 when a line was malformed.");
  command.add_option("FILE", options->file, "The commands; - is stdin")->capture_default_str();
  add_log_option(command, options->places);
  add_store_option(command, options->places);
  command
      .add_option("--clock", options->clock,
                  "The clock of the log: a new one is made with it, any other must have it")
      ->check(CLI::IsMember({"append", "command"}));
  add_partitions_option(command, options->partitions);
  auto* results =
      command.add_option("--results", options->results, "Write the results to this file too");
  command.add_flag("--quiet", options->quiet, "Print no results");
  command.add_flag("--future", options->future,
                   "Let the times of a backfill be beyond this machine's clock");
  command
      .add_flag("--dry-run", options->dry_run,
                "Decide the commands on a copy of the log's state as it is now, print what their "
                "results would be, and write nothing")
      ->excludes(results);
  add_role_flags(command, options->roles, options->places, RoleOptions{}.roles);
  command.footer(
      "Examples:\n"
      "  pesan apply commands.jsonl > results.jsonl\n"
      "  pesan apply --dry-run commands.jsonl\n"
      "  pesan apply --clock command --log sqlite:D/log.db --store sqlite:D/read.db "
      "backfill.jsonl");
  command.callback([program, options] {
    program.run = [options] { return apply(*options); };
    if (program.app.get_option("--log-level")->empty()) program.logging.level = "warning";
  });
}

}  // namespace pesan::cli
