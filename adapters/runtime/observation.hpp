// How a process that runs roles is looked at from outside: what is measured in it, and the pages
// /metrics, /healthz and /readyz. It is there before the log is, so that waiting for servers can be
// seen, and outlives the roles. Pages are asked for by any thread; all else is one thread's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/metrics/metrics.hpp"
#include "adapters/runtime/installation.hpp"

namespace pesan::runtime {

struct Page {
  unsigned status = 200;
  std::string body;
  std::string content_type = "text/plain; charset=utf-8";
};

class Observation {
 public:
  explicit Observation(const metrics::Build& build) : metrics_(build) {}
  Observation(const Observation&) = delete;
  Observation& operator=(const Observation&) = delete;
  ~Observation();

  metrics::Metrics& metrics() { return metrics_; }
  /// The same places, of which what happens there is told to the metrics.
  Installation observed(const Installation& installation);
  /// Measures from now on how far the projectors of this process are behind.
  void watch_lag(const Installation& installation);
  /// Asks that thread to end, so that nobody has to wait for it later.
  void stop_watching();

  /// What stands at a path; nothing: there is none.
  std::optional<Page> page(std::string_view path) const;

 private:
  metrics::Metrics metrics_;
  std::unique_ptr<metrics::LagWatch> lag_;
};

}  // namespace pesan::runtime
