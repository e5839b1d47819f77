// A log with what is fixed about it, and what its technology can do beside the Log port. As the
// log: any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/log_writer.hpp"
#include "events/log.hpp"

namespace pesan::runtime {

/// Changes of an embedded log, which can be waited for.
class LogChanges {
 public:
  LogChanges() = default;
  LogChanges(const LogChanges&) = delete;
  LogChanges& operator=(const LogChanges&) = delete;
  virtual ~LogChanges() = default;

  /// How often the log is known to have changed. Take it before looking for work.
  virtual std::uint64_t count() = 0;
  /// True when it changed since, in any process; false after `wait` without a change.
  virtual Fallible<bool> wait(std::uint64_t since, std::chrono::milliseconds wait) = 0;
};

/// What of a log's topics is not as it must be.
struct TopicFault {
  bool only_added = false;  // partitions, which nobody reads
  std::string what;         // a sentence without its end
};

class OpenedLog {
 public:
  struct Beside {
    std::unique_ptr<LogChanges> changes;                               // of a file
    std::function<Fallible<std::vector<TopicFault>>()> find_faults{};  // of topics on Kafka
  };
  OpenedLog(std::unique_ptr<Log> log, LogInfo info, Beside beside)
      : log_(std::move(log)), info_(std::move(info)), beside_(std::move(beside)) {}

  Log& operator*() const { return *log_; }
  Log* operator->() const { return log_.get(); }
  const LogInfo& info() const { return info_; }
  /// Of a log that is a file of this machine, else nullptr.
  LogChanges* changes() const { return beside_.changes.get(); }
  /// Whether it has topics, whose settings others may change.
  bool has_topics() const { return beside_.find_faults != nullptr; }
  /// Only where it has topics.
  Fallible<std::vector<TopicFault>> find_faults() const { return beside_.find_faults(); }

 private:
  std::unique_ptr<Log> log_;
  LogInfo info_;
  Beside beside_;  // of the log, so it goes first
};

}  // namespace pesan::runtime
