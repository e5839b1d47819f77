// Makes a call again as long as its refusal asks for that, with pauses that grow: a refusal may
// come at once, and a core that asks all the time leaves none to answer. Of its caller's
// thread.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <thread>

#include "adapters/kafka/kafka_error.hpp"

namespace pesan::kafka {

struct Repeating {
  using Clock = std::chrono::steady_clock;
  std::chrono::milliseconds patience;
  std::function<Clock::time_point()> now = Clock::now;
  std::function<void(std::chrono::milliseconds)> sleep = [](auto time) {
    std::this_thread::sleep_for(time);
  };
};

/// `call` says what refused it; nothing when it was done.
std::optional<Refusal> repeat(const std::function<std::optional<Refusal>()>& call,
                              const Repeating& how);

}  // namespace pesan::kafka
