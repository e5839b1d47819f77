// `--metrics`: the pages of a process that runs roles, served at an address. Start and stop from
// one thread.
#pragma once

#include <memory>
#include <string>

#include <CLI/App.hpp>

#include "adapters/http/server.hpp"
#include "adapters/runtime/observation.hpp"

namespace pesan::cli {

void add_metrics_option(CLI::App& command, std::string& address);

class MetricsServer {
 public:
  /// Serves the pages from now on. Fails where the address cannot be had.
  static Fallible<std::unique_ptr<MetricsServer>> start(const std::string& address);

  runtime::Observation& observation() { return observation_; }

 private:
  MetricsServer();

  runtime::Observation observation_;
  std::unique_ptr<http::Server> server_;  // first to go: it asks the other
};

}  // namespace pesan::cli
