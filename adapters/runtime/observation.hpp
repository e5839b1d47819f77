// How a process that runs roles is looked at from outside: `--metrics` and the pages behind it,
// /metrics, /healthz and /readyz. It is there before the log is, so that waiting for servers can be
// seen, and outlives the roles. Start and stop from one thread.
#pragma once

#include <memory>
#include <string>

#include <CLI/App.hpp>

#include "adapters/http/pages.hpp"
#include "adapters/metrics/metrics.hpp"
#include "adapters/runtime/places.hpp"

namespace pesan::cli {

void add_metrics_option(CLI::App& command, std::string& address);

class Observation {
 public:
  /// Serves the pages from now on. Fails where the address cannot be had.
  static Fallible<std::unique_ptr<Observation>> start(const std::string& address,
                                                      const metrics::Build& build);
  Observation(const Observation&) = delete;
  Observation& operator=(const Observation&) = delete;
  ~Observation();

  metrics::Metrics& metrics() { return metrics_; }
  /// Measures from now on how far the projectors of this process are behind.
  void watch_lag(const Places& places);
  /// Asks that thread to end, so that nobody has to wait for it later.
  void stop_watching();

 private:
  explicit Observation(const metrics::Build& build) : metrics_(build) {}
  std::optional<http::Response> page(std::string_view path) const;

  metrics::Metrics metrics_;
  std::unique_ptr<metrics::LagWatch> lag_;
  std::unique_ptr<http::Server> server_;  // first to go: it asks the others
};

}  // namespace pesan::cli
