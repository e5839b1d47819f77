// `pesan serve`: all roles in one process until SIGTERM; and each role on its own. The servers that
// they need may come up later.
#include <chrono>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include "adapters/cli/commands.hpp"
#include "adapters/cli/exit_code.hpp"
#include "adapters/cli/gateway_server.hpp"
#include "adapters/cli/metrics_server.hpp"
#include "adapters/cli/place_options.hpp"
#include "adapters/cli/role_flags.hpp"
#include "adapters/metrics/measured_log.hpp"
#include "adapters/runtime/deadline.hpp"
#include "adapters/runtime/log_watch.hpp"
#include "adapters/runtime/parked.hpp"
#include "adapters/runtime/roles.hpp"
#include "adapters/runtime/signals.hpp"

namespace pesan::cli {
namespace {

using namespace std::chrono_literals;
using runtime::RoleKind;

constexpr auto pause_between_looks = 1000ms;

struct Options {
  runtime::Places places{};
  RoleFlags flags{};
  std::optional<std::int32_t> partitions{};
  std::string metrics{};  // where they are served; empty: nowhere
  int stop_within_s = 25;
  std::set<RoleKind> roles;
  std::optional<GatewayOptions> gateway{};
  bool asks_for_gateway = false;  // --http was said, in whatever way

  bool runs(RoleKind role) const { return roles.contains(role); }
  std::string names() const {
    std::vector<std::string_view> names;
    names.reserve(roles.size());
    for (const RoleKind role : roles) names.push_back(name_of(role));
    if (names.empty()) names.push_back("gateway");
    return fmt::format("{}", fmt::join(names, ", "));
  }
};

/// Why this process is not ready; nothing: as its roles say.
void hold(runtime::Observation* observation, std::optional<std::string> why) {
  if (observation != nullptr) observation->metrics().health().hold(std::move(why));
}

/// The log, as soon as it can be reached; nothing where a signal came first.
Fallible<std::optional<runtime::OpenedLog>> open_patiently(
    const runtime::Installation& installation, const runtime::NewLog& new_log,
    runtime::StopSignals& signals, runtime::Observation* observation) {
  for (;;) {
    auto log = installation.open_or_create_log(new_log);
    if (log) return *std::move(log);
    if (log.error().kind != FailureKind::transient) return std::unexpected(log.error());
    spdlog::warn("waiting for the log: {}", log.error().what);
    hold(observation, fmt::format("waiting for the log: {}", log.error().what));
    if (signals.come(pause_between_looks)) return std::nullopt;
  }
}

/// The gateway, as soon as the log and the rows can be reached; nothing where the end came first,
/// or where nobody asked for it and its place is taken.
Fallible<std::unique_ptr<GatewayServer>> start_gateway(const Options& options,
                                                       const runtime::Installation& installation,
                                                       const runtime::OpenedLog& log,
                                                       const runtime::Roles& roles,
                                                       runtime::StopSignals& signals) {
  if (!options.gateway || options.gateway->http == "none") return nullptr;
  for (;;) {
    auto started = GatewayServer::start(*options.gateway, installation, log);
    if (started) return started;
    if (started.error().kind != FailureKind::transient) {
      if (options.asks_for_gateway || options.roles.empty()) return started;
      spdlog::warn("no HTTP: {}; --http says another address, or none", started.error().what);
      return nullptr;
    }
    spdlog::warn("HTTP has to wait: {}", started.error().what);
    if (roles.over() || signals.come(pause_between_looks)) return nullptr;
  }
}

/// Until a signal comes, or nothing is left that goes on. `says_ready`: an engine is waited for.
void wait_for_the_end(const runtime::Roles& roles, runtime::StopSignals& signals, bool says_ready,
                      const GatewayServer* gateway, runtime::Observation* observation) {
  while (!signals.come(says_ready ? 50ms : 500ms) && !roles.over()) {
    if (gateway != nullptr && observation != nullptr) {
      observation->metrics().health().trouble("gateway", gateway->trouble());
    }
    if (!says_ready || !roles.ready()) continue;
    says_ready = false;
    spdlog::info("ready");
  }
}

/// Whether what was asked for fits the log that is there, as an exit code where it does not.
std::optional<int> check(const Options& options, const runtime::RoleOptions& roles,
                         const runtime::OpenedLog& log) {
  if (auto same = check_partitions(log->partitions(), options.partitions); !same) {
    return report(same.error());
  }
  if (auto good = runtime::check_topics(log); !good) return report(good.error());
  const bool decides = options.runs(RoleKind::engine);
  if (auto good = runtime::check_parked(roles.engine.parked, *log, decides); !good) {
    return report(good.error());
  }
  return std::nullopt;
}

int serve(const Options& options) {
  auto role_choice = role_options(options.flags);
  if (!role_choice) return report(role_choice.error());
  role_choice->roles = options.roles;

  std::optional<runtime::Deadline> deadline;  // goes last: it is met when all else has gone
  runtime::StopSignals signals;
  std::unique_ptr<MetricsServer> server;
  if (!options.metrics.empty()) {
    auto started = MetricsServer::start(options.metrics);
    if (!started) return report(started.error());
    server = *std::move(started);
  }
  runtime::Observation* observation = server == nullptr ? nullptr : &server->observation();
  auto installation = runtime::Installation::at(options.places);
  if (!installation) return report(installation.error());
  if (observation != nullptr) {
    role_choice->metrics = &observation->metrics();
    *installation = observation->observed(*installation);
  }
  if (options.gateway) {
    if (auto good = GatewayServer::check(*options.gateway, *installation); !good) {
      return report(good.error());
    }
  }
  auto opened = open_patiently(
      *installation, {.partitions = options.partitions.value_or(runtime::embedded_partitions)},
      signals, observation);
  if (!opened) return report(opened.error());
  if (!*opened) return done;
  const runtime::OpenedLog& log = **opened;
  if (const auto wrong = check(options, *role_choice, log)) return *wrong;
  if (auto placed = place_roles(*role_choice, options.flags.settings, *installation, log);
      !placed) {
    return report(placed.error());
  }
  spdlog::info("{} on {} ({} partition{}, made with clock {}, log {}), rows in {}", options.names(),
               options.places.log, log->partitions(), log->partitions() == 1 ? "" : "s",
               name_of(log.info().clock), log.info().log_id, options.places.store);
  std::optional<metrics::MeasuredLog> measured;
  if (observation != nullptr) measured.emplace(*log, observation->metrics());
  runtime::Roles roles(
      measured ? *measured : *log, [own = *installation] { return own.open_store(); },
      *std::move(role_choice));
  roles.start();
  hold(observation, "no gateway listens yet");
  if (observation != nullptr && options.runs(RoleKind::projector)) {
    observation->watch_lag(*installation);
  }
  runtime::LogWatch watch({.installation = *installation,
                           .metrics = observation == nullptr ? nullptr : &observation->metrics(),
                           .counts_waiting = options.runs(RoleKind::engine)});
  auto gateway = start_gateway(options, *installation, log, roles, signals);
  if (gateway) {
    hold(observation, std::nullopt);
    wait_for_the_end(roles, signals, options.runs(RoleKind::engine), gateway->get(), observation);
  }
  hold(observation, "stopping");
  deadline.emplace(std::chrono::seconds{options.stop_within_s}, outside_failed);
  const std::optional<Failure> no_gateway = gateway ? std::nullopt : std::optional(gateway.error());
  if (gateway) gateway->reset();  // while somebody still decides what it is waited for
  watch.request_stop();
  if (observation != nullptr) observation->stop_watching();
  roles.stop();
  if (no_gateway) return report(*no_gateway);
  if (const auto failure = roles.failure()) return report(*failure);
  deadline->done_is(done);
  spdlog::info("stopped; {} commands decided", roles.decided());
  return done;
}

void add(Program program, const char* name, const char* description, std::set<RoleKind> roles) {
  auto options = std::make_shared<Options>(Options{.roles = std::move(roles)});
  auto& command = *program.app.add_subcommand(name, description);
  add_log_option(command, options->places);
  add_store_option(command, options->places);
  const bool is_gateway = options->roles.empty();
  const bool has_rows =
      options->runs(RoleKind::engine) || options->runs(RoleKind::projector) || is_gateway;
  if (!has_rows) {
    // A script that starts all roles alike may name them all the same.
    for (const char* unused : {"--store", "--store-password-file"}) {
      command.get_option(unused)->group("");
    }
  }
  if (options->runs(RoleKind::engine)) add_partitions_option(command, options->partitions);
  if (!is_gateway) add_role_flags(command, options->flags, options->places, options->roles);
  if (is_gateway || options->roles.size() > 1) {
    add_gateway_options(command, options->gateway.emplace());
  }
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
      name, has_rows ? " --store sqlite:D/read.db" : ""));
  command.callback([program, options, &command] {
    options->asks_for_gateway = options->gateway && !command.get_option("--http")->empty();
    program.run = [options] { return serve(*options); };
  });
}

}  // namespace

void add_serve(Program program) {
  add(program, "serve",
      "Run everything in one process: engine, registry, projector and gateway, until SIGTERM. "
      "`apply`, `show` and `verify` work on the same files meanwhile.",
      {RoleKind::engine, RoleKind::registry, RoleKind::projector});
}

void add_roles(Program program) {
  add(program, "engine", "Run the booking engine alone", {RoleKind::engine});
  add(program, "registry", "Run the customer registry alone", {RoleKind::registry});
  add(program, "projector", "Run the projectors alone", {RoleKind::projector});
  add(program, "gateway", "Run the gateway alone: HTTP for who does not speak Kafka", {});
}

}  // namespace pesan::cli
