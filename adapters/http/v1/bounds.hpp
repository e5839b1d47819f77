// How much one client may ask (docs/http.md#bounds): so many requests a second, and so many under
// way at a time, so that a greedy one delays no other. Time comes in as a value. Any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "adapters/http/v1/problem.hpp"

namespace pesan::http::v1 {

class Bounds {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Most {
    double a_second = 200;  // and as many at once after a second of rest
    std::size_t under_way = 32;
  };
  /// Held while a request is being answered.
  using Place = std::shared_ptr<const void>;

  explicit Bounds(const Most& most) : most_(most) {}
  Bounds(const Bounds&) = delete;
  Bounds& operator=(const Bounds&) = delete;

  /// Refused with 429, which says when to come again. The place may outlive this object.
  Answered<Place> enter(const std::string& client, Time now);

 private:
  struct Account {
    double tokens = 0;
    Time counted_at{};
    std::shared_ptr<const int> under_way = std::make_shared<const int>();  // a use each
  };

  const Most most_;
  std::mutex mutex_;  // guards what follows
  std::map<std::string, Account> accounts_;
};

}  // namespace pesan::http::v1
