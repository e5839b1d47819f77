// Looks after a log from outside while roles work on it, in a thread with a handle of its own: each
// minute whether its topics are as they must be, and every few seconds how many commands wait. What
// it finds is said once, makes the process not ready, and is measured. Start and stop from one
// thread.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "adapters/metrics/metrics.hpp"
#include "adapters/metrics/waiting.hpp"
#include "adapters/runtime/installation.hpp"

namespace pesan::runtime {

/// Before roles start: `fatal` where records would be lost.
Fallible<void> check_topics(const OpenedLog& log);

class LogWatch {
 public:
  struct Options {
    Installation installation;
    metrics::Metrics* metrics = nullptr;  // nothing is measured without
    bool counts_waiting = false;          // of an engine
    std::chrono::milliseconds pause{5'000};
    std::chrono::milliseconds between_checks{60'000};
  };
  explicit LogWatch(Options options);
  void request_stop() { thread_.request_stop(); }

 private:
  void run(const std::stop_token& stop);
  void look_at_topics();
  void cannot_look(const Failure& failure);
  void count_waiting(const std::stop_token& stop);
  /// Opens it where that is not done; nothing while it cannot be.
  OpenedLog* log();

  const Options options_;
  std::optional<OpenedLog> log_;
  std::string said_;  // of the topics' faults, or why they are not known
  std::map<Partition, metrics::WaitingMeasure> waiting_;
  std::jthread thread_;  // last: it ends before the rest goes
};

}  // namespace pesan::runtime
