#include "adapters/cli/metrics_server.hpp"

#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "adapters/cli/version.hpp"
#include "adapters/http/address.hpp"
#include "adapters/http/pages.hpp"

namespace pesan::cli {

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

MetricsServer::MetricsServer()
    : observation_({.version = version_number(), .commit = version_commit()}) {}

Fallible<std::unique_ptr<MetricsServer>> MetricsServer::start(const std::string& address) {
  const auto parsed = http::parse_address(address);
  if (!parsed) return std::unexpected(parsed.error());
  auto served = std::unique_ptr<MetricsServer>(new MetricsServer);
  const auto page =
      [&pages = served->observation_](std::string_view path) -> std::optional<http::Response> {
    auto found = pages.page(path);
    if (!found) return std::nullopt;
    return http::Response{.status = found->status,
                          .body = std::move(found->body),
                          .content_type = std::move(found->content_type)};
  };
  auto server = http::Server::start(*parsed, http::serve_pages(page), {.connections = 32});
  if (!server) {
    return fail(server.error().kind, fmt::format("--metrics: {}", server.error().what));
  }
  served->server_ = *std::move(server);
  spdlog::info("metrics at http://{}/metrics", to_string(served->server_->address()));
  return served;
}

}  // namespace pesan::cli
