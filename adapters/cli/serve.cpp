// `pesan serve`: all roles in one process until SIGTERM; and each role on its own. The servers that
// they need may come up later.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include "adapters/cli/commands.hpp"
#include "adapters/cli/exit_code.hpp"
#include "adapters/cli/version.hpp"
#include "adapters/metrics/measured_log.hpp"
#include "adapters/runtime/log_watch.hpp"
#include "adapters/runtime/observation.hpp"
#include "adapters/runtime/places.hpp"
#include "adapters/runtime/role_options.hpp"
#include "adapters/runtime/roles.hpp"
#include "adapters/runtime/stores.hpp"

namespace pesan::cli {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using namespace std::chrono_literals;

constexpr auto pause_between_looks = 1000ms;

struct Options {
  Places places;
  RoleFlags flags;
  std::optional<std::int32_t> partitions{};
  std::string metrics{};  // where they are served; empty: nowhere
  int stop_within_s = 25;
  bool engine = false;
  bool registry = false;
  bool projector = false;

  std::string roles() const {
    std::string names;
    const auto add = [&](bool has, std::string_view name) {
      if (has) names.append(names.empty() ? "" : ", ").append(name);
    };
    add(engine, "engine");
    add(registry, "registry");
    add(projector, "projector");
    return names;
  }
};

/// SIGTERM and SIGINT, heeded from the first moment on by a thread that does nothing else: also
/// while this waits for a broker. The first one is a request; a second one ends the process at
/// once, as it would without this, and leaves what a kill leaves. One thread asks.
class StopSignals {
 public:
  StopSignals() {
    signals_.async_wait([this](const error_code& error, int signal) {
      if (!error) note(signal);
    });
    thread_ = std::thread([this] { context_.run(); });
  }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals() {
    context_.stop();
    thread_.join();
  }
  /// Whether one came, or has come before; waits for it.
  bool come(std::chrono::milliseconds wait) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, wait, [this] { return come_; });
  }

 private:
  void note(int signal) {
    // `timeout` and its like send a signal to the process and to its group: to us, twice at once.
    later_.expires_after(std::chrono::seconds{1});
    later_.async_wait([this](const error_code& error) {
      error_code ignored;  // from then on they do what they do to every program
      if (!error) static_cast<void>(signals_.clear(ignored));
    });
    spdlog::info("{}: stopping; a second one ends at once",
                 signal == SIGTERM ? "SIGTERM" : "SIGINT");
    const std::lock_guard lock(mutex_);
    come_ = true;
    changed_.notify_all();
  }

  asio::io_context context_;
  asio::signal_set signals_{context_, SIGTERM, SIGINT};
  asio::steady_timer later_{context_};
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  bool come_ = false;
  std::thread thread_;  // last: it uses all of the above
};

/// Ends the process where its end takes too long, as when a server holds a step: what that leaves
/// is what a kill leaves, and recovered at the next start.
class Deadline {
 public:
  explicit Deadline(std::chrono::seconds limit)
      : thread_([this, limit](const std::stop_token& met) {
          std::mutex mutex;
          std::unique_lock lock(mutex);
          std::condition_variable_any().wait_for(lock, met, limit, [] { return false; });
          if (met.stop_requested()) return;
          spdlog::error("not stopped within {} s; ending at once", limit.count());
          std::_Exit(exit_code_);
        }) {}
  /// What mattered is done: what still ends may be cut off.
  void done_is(int exit_code) { exit_code_ = exit_code; }

 private:
  std::atomic<int> exit_code_ = outside_failed;
  std::jthread thread_;
};

/// Why this process is not ready; nothing: as its roles say.
void hold(Observation* observation, std::optional<std::string> why) {
  if (observation != nullptr) observation->metrics().health().hold(std::move(why));
}

/// The log, as soon as it can be reached; nothing where a signal came first.
Fallible<std::optional<OpenedLog>> open_patiently(const Options& options, StopSignals& signals,
                                                  Observation* observation) {
  for (;;) {
    auto log = open_or_create_log(options.places,
                                  {.partitions = options.partitions.value_or(embedded_partitions)});
    if (log) return *std::move(log);
    if (log.error().kind != FailureKind::transient) return std::unexpected(log.error());
    spdlog::warn("waiting for the log: {}", log.error().what);
    hold(observation, fmt::format("waiting for the log: {}", log.error().what));
    if (signals.come(pause_between_looks)) return std::nullopt;
  }
}

/// Where `--metrics` asks for it: what is measured is then told to it. Else nullptr.
Fallible<std::unique_ptr<Observation>> observe(Options& options, RoleOptions& roles) {
  if (options.metrics.empty()) return nullptr;
  auto observation = Observation::start(options.metrics,
                                        {.version = version_number(), .commit = version_commit()});
  if (!observation) return observation;
  auto& metrics = (*observation)->metrics();
  roles.metrics = &metrics;
  options.places.on_foreign_record = [&metrics](TopicPartition place, Offset offset) {
    say_foreign_record(place, offset);
    metrics.foreign_record(place.topic);
  };
  options.places.on_kafka_statistics = [&kafka = metrics.kafka()](std::string_view json) {
    kafka.note(json, system_now());
  };
  return observation;
}

/// Until a signal comes, or nothing is left that goes on.
void wait_for_the_end(const Roles& roles, StopSignals& signals) {
  bool ready = false;
  while (!signals.come(50ms) && !roles.over()) {
    if (ready || !roles.ready()) continue;
    ready = true;
    spdlog::info("ready");
  }
}

int serve(Options options) {
  auto role_choice = role_options(options.flags);
  if (!role_choice) return report_usage(role_choice.error().what);
  role_choice->engine = options.engine;
  role_choice->registry = options.registry;
  role_choice->projector = options.projector;

  std::optional<Deadline> deadline;  // goes last: it is met when all else has gone
  StopSignals signals;
  const auto observed = observe(options, *role_choice);
  if (!observed) return report(observed.error());
  Observation* observation = observed->get();
  auto opened = open_patiently(options, signals, observation);
  if (!opened) return report(opened.error());
  if (!*opened) return done;
  const OpenedLog& log = **opened;
  if (auto same = check_partitions(log->partitions(), options.partitions); !same) {
    return report_usage(same.error().what);
  }
  if (auto good = check_topics(log); !good) return report(good.error());
  if (auto good = check_parked(*role_choice, *log, options.engine); !good) {
    return report_asked(good.error());
  }
  if (auto placed = place_roles(*role_choice, options.flags, options.places, log); !placed) {
    return report_usage(placed.error().what);
  }
  spdlog::info("{} on {} ({} partition{}, made with clock {}, log {}), rows in {}", options.roles(),
               options.places.log, log->partitions(), log->partitions() == 1 ? "" : "s",
               name_of(log.info().clock), log.info().log_id, options.places.store);
  const auto open = [places = options.places] { return open_store(places); };
  std::optional<metrics::MeasuredLog> measured;
  if (observation != nullptr) measured.emplace(*log, observation->metrics());
  Roles roles(measured ? *measured : *log, open, *std::move(role_choice));
  roles.start();
  hold(observation, std::nullopt);
  if (observation != nullptr && options.projector) observation->watch_lag(options.places);
  LogWatch watch({.places = options.places,
                  .metrics = observation == nullptr ? nullptr : &observation->metrics(),
                  .counts_waiting = options.engine});
  wait_for_the_end(roles, signals);
  hold(observation, "stopping");
  deadline.emplace(std::chrono::seconds{options.stop_within_s});
  watch.request_stop();
  if (observation != nullptr) observation->stop_watching();
  roles.stop();
  if (const auto failure = roles.failure()) return report(*failure);
  deadline->done_is(done);
  spdlog::info("stopped; {} commands decided", roles.tally().total());
  return done;
}

void add(Program program, const char* name, const char* description, Options preset) {
  auto options = std::make_shared<Options>(std::move(preset));
  auto& command = *program.app.add_subcommand(name, description);
  add_log_option(command, options->places);
  add_store_option(command, options->places);
  if (!options->engine && !options->projector) {
    // It has no rows; a script that starts all roles alike may name them all the same.
    for (const char* unused : {"--store", "--store-password-file"}) {
      command.get_option(unused)->group("");
    }
  }
  if (options->engine) add_partitions_option(command, options->partitions);
  add_role_flags(command, options->flags,
                 {.engine = options->engine, .registry = options->registry});
  add_metrics_option(command, options->metrics);
  command
      .add_option("--stop-within", options->stop_within_s,
                  "Seconds from SIGTERM on after which the process ends though a step is not over")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  command.footer(fmt::format(
      "Examples:\n"
      "  pesan {0}\n"
      "  pesan {0} --log sqlite:D/log.db{1} --log-format json\n"
      "Exit codes: 0 stopped by SIGTERM or SIGINT, 2 wrong usage, 3 what it runs on failed.",
      name, options->engine || options->projector ? " --store sqlite:D/read.db" : ""));
  command.callback([program, options] { program.run = [options] { return serve(*options); }; });
}

}  // namespace

void add_serve(Program program) {
  add(program, "serve",
      "Run everything in one process: engine, registry and projector, until SIGTERM. "
      "`apply`, `show` and `verify` work on the same files meanwhile.",
      {.engine = true, .registry = true, .projector = true});
}

void add_roles(Program program) {
  add(program, "engine", "Run the booking engine alone", {.engine = true});
  add(program, "registry", "Run the customer registry alone", {.registry = true});
  add(program, "projector", "Run the projectors alone", {.projector = true});
}

}  // namespace pesan::cli
