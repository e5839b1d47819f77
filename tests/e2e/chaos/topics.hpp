// All that readers of a log may see, read by a plain consumer of its own: every committed record of
// every topic, from the first on, with its offset. It knows topics by their names, and no adapter's
// log. One thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/kafka/handles.hpp"
#include "events/log.hpp"

namespace pesan::chaos {

class Topics {
 public:
  struct Options {
    std::string brokers;
    std::string prefix;
    std::int32_t partitions = 1;
  };
  explicit Topics(Options options);

  /// Reads on, to the end that each partition has now. Throws where it does not get there.
  void read_on();
  const std::vector<Record>& of(Topic topic, std::int32_t partition) const;
  std::int32_t partitions() const { return options_.partitions; }

 private:
  std::int32_t partitions_of(Topic topic) const;

  Options options_;
  kafka::ClientHandle consumer_;
  std::map<TopicPartition, std::vector<Record>> records_;
};

/// A topic's name.
std::string topic_name(const std::string& prefix, Topic topic);

}  // namespace pesan::chaos
