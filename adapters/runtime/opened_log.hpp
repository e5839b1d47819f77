// A log with what is fixed about it, and what its technology can do beside the Log port. As the
// log: any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/log_writer.hpp"
#include "events/log.hpp"

namespace pesan::runtime {

/// What of a log's topics is not as it must be.
struct TopicFault {
  bool only_added = false;  // partitions, which nobody reads
  std::string what;         // a sentence without its end
};

class OpenedLog {
 public:
  using FindFaults = std::function<Fallible<std::vector<TopicFault>>()>;
  /// `find_faults`: of topics on Kafka.
  OpenedLog(std::unique_ptr<Log> log, LogInfo info, FindFaults find_faults = nullptr)
      : log_(std::move(log)), info_(std::move(info)), find_faults_(std::move(find_faults)) {}

  Log& operator*() const { return *log_; }
  Log* operator->() const { return log_.get(); }
  const LogInfo& info() const { return info_; }
  /// Whether it has topics, whose settings others may change.
  bool has_topics() const { return find_faults_ != nullptr; }
  /// Only where it has topics.
  Fallible<std::vector<TopicFault>> find_faults() const { return find_faults_(); }

 private:
  std::unique_ptr<Log> log_;
  LogInfo info_;
  FindFaults find_faults_;
};

}  // namespace pesan::runtime
