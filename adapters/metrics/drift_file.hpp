// What a `verify` found, as a file for node_exporter's textfile collector: a run that ends has no
// page to be looked at. Any thread.
#pragma once

#include <cstdint>
#include <string>

#include "events/failure.hpp"
#include "events/time.hpp"

namespace pesan::metrics {

struct Drift {
  std::int64_t differences = 0;
  std::int64_t events = 0;  // folded
  std::int64_t rows = 0;    // compared
  double seconds = 0;       // that it took
  Instant at;
};

std::string drift_text(const Drift& drift);
/// The whole file or none of it: it is written beside and then renamed.
Fallible<void> write_drift(const std::string& path, const Drift& drift);

}  // namespace pesan::metrics
