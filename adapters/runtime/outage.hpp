// How long something outside has been failing in passing: a server that starts again is waited for,
// one that stays away is not. One thread.
#pragma once

#include <chrono>
#include <optional>
#include <utility>

#include "events/failure.hpp"

namespace pesan::runtime {

class Outage {
 public:
  using Time = std::chrono::steady_clock::time_point;
  explicit Outage(std::chrono::milliseconds longest) : longest_(longest) {}

  /// It failed again; whether that is for good.
  bool goes_on(Failure failure, Time now);
  void end() { failure_.reset(); }
  /// The last one, while it lasts.
  const std::optional<Failure>& failure() const { return failure_; }

 private:
  const std::chrono::milliseconds longest_;
  Time since_{};
  std::optional<Failure> failure_;
};

}  // namespace pesan::runtime
