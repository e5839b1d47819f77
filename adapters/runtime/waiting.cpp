#include "adapters/runtime/waiting.hpp"

#include <algorithm>

#include <spdlog/spdlog.h>

namespace pesan::runtime {

void Waiting::went_on() {
  since_ = Clock::now();
  pause_ = first;
  next_ = since_ + pause_;
}

void Waiting::look(const std::function<std::string()>& for_whom) {
  const auto now = Clock::now();
  if (now < next_) return;
  spdlog::warn("nothing came for {} s: {}",
               std::chrono::floor<std::chrono::seconds>(now - since_).count(), for_whom());
  pause_ = std::min(2 * pause_, longest);
  next_ = now + pause_;
}

}  // namespace pesan::runtime
