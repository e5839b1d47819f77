#include "adapters/runtime/observation.hpp"

#include <chrono>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "adapters/http/address.hpp"
#include "adapters/runtime/stores.hpp"
#include "adapters/sqlite/sqlite_log.hpp"

namespace pesan::cli {
namespace {

constexpr unsigned service_unavailable = 503;

http::Response line(std::string_view good, const std::optional<std::string>& bad) {
  if (bad) return {.status = service_unavailable, .body = *bad + "\n"};
  return {.body = std::string(good) + "\n"};
}

}  // namespace

void add_metrics_option(CLI::App& command, std::string& address) {
  command
      .add_option("--metrics", address,
                  "Serve /metrics (for Prometheus), /healthz and /readyz at this address; a PORT "
                  "alone is on loopback, and 0 any that is free")
      ->check([](const std::string& text) {
        const auto parsed = http::parse_address(text);
        return parsed ? std::string() : parsed.error().what;
      })
      ->type_name("HOST:PORT");
}

Observation::~Observation() {
  server_.reset();
  metrics_.ask_lags(nullptr);
}

Fallible<std::unique_ptr<Observation>> Observation::start(const std::string& address,
                                                          const metrics::Build& build) {
  const auto parsed = http::parse_address(address);
  if (!parsed) return std::unexpected(parsed.error());
  auto observation = std::unique_ptr<Observation>(new Observation(build));
  auto server = http::Server::start(
      *parsed, http::serve_pages([raw = observation.get()](std::string_view path) {
        return raw->page(path);
      }),
      {.connections = 32});
  if (!server) {
    return fail(server.error().kind, fmt::format("--metrics: {}", server.error().what));
  }
  observation->server_ = *std::move(server);
  spdlog::info("metrics at http://{}/metrics", to_string(observation->server_->address()));
  return observation;
}

void Observation::stop_watching() {
  if (lag_ != nullptr) lag_->request_stop();
}

std::optional<http::Response> Observation::page(std::string_view path) const {
  const auto& health = metrics_.health();
  if (path == "/healthz") {
    return line("alive", health.not_alive(std::chrono::steady_clock::now()));
  }
  if (path == "/readyz") return line("ready", health.not_ready(std::chrono::steady_clock::now()));
  if (path != "/metrics") return std::nullopt;
  return http::Response{.body = metrics_.text(system_now()),
                        .content_type = "text/plain; version=0.0.4; charset=utf-8"};
}

void Observation::watch_lag(const Places& places) {
  const Places own = without_fetching_ahead(places);
  lag_ = std::make_unique<metrics::LagWatch>(
      metrics::LagWatch::Options{.sources = [this] { return metrics_.health().own("projector"); },
                                 .open_log = [own]() -> Fallible<std::shared_ptr<LogReader>> {
                                   auto opened = open_log(own, /*read_only=*/true);
                                   if (!opened) return std::unexpected(opened.error());
                                   const auto log = std::make_shared<OpenedLog>(*std::move(opened));
                                   return std::shared_ptr<LogReader>(log, &**log);
                                 },
                                 .open_store = [own] { return open_store(own, StoreAccess::read); },
                                 .now = system_now});
  metrics_.ask_lags([this] { return lag_->lags(); });
  lag_->start();
}

}  // namespace pesan::cli
