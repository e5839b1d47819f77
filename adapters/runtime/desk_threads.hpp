// The two threads of a desk: one appends, one looks what became of it. They rest while nothing is
// under way. Make and destroy it on one thread; the desk outlives it.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "adapters/runtime/desk.hpp"

namespace pesan::runtime {

class DeskThreads {
 public:
  explicit DeskThreads(Desk& desk);
  ~DeskThreads();
  DeskThreads(const DeskThreads&) = delete;
  DeskThreads& operator=(const DeskThreads&) = delete;

 private:
  void run(const std::function<void(const std::stop_token&)>& loop);
  void send(const std::stop_token& stop);
  void follow(const std::stop_token& stop);

  Desk& desk_;
  std::stop_source stop_;
  std::atomic<int> running_ = 2;
  std::mutex mutex_;  // guards what follows
  std::optional<Failure> broke_off_;
  std::jthread sender_;
  std::jthread follower_;
};

}  // namespace pesan::runtime
