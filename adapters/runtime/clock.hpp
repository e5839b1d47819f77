// The clock of this machine, to be handed to the pure rooms. Any thread.
#pragma once

#include <chrono>

#include "events/time.hpp"

namespace pesan::runtime {

/// In whole milliseconds.
inline Instant system_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::floor<std::chrono::milliseconds>(now).count()};
}

}  // namespace pesan::runtime
