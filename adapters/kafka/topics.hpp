// The topics of a log on the brokers: which are there and as they should be, and making those that
// are not there, each with the settings of topic_settings.hpp. One thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "adapters/kafka/client.hpp"

namespace pesan::kafka {

/// Partitions by topic; 0 where it is not there.
using PartitionCounts = std::array<std::int32_t, topic_count>;

constexpr std::int32_t& count_of(PartitionCounts& counts, Topic topic) {
  return counts[static_cast<std::size_t>(topic)];
}
constexpr std::int32_t count_of(const PartitionCounts& counts, Topic topic) {
  return counts[static_cast<std::size_t>(topic)];
}

/// Of a log with so many partitions: customers and dead letters have one.
PartitionCounts wanted_counts(std::int32_t partitions);

Fallible<PartitionCounts> count_partitions(Client& client, const Place& place);

/// Makes the topics that are missing in `there`, and waits until the brokers know them. One that
/// somebody else made meanwhile is as good. Replicated three times where there are three brokers.
Fallible<void> make_topics(Client& client, const Place& place, const PartitionCounts& wanted,
                           const PartitionCounts& there);

/// What is not with a topic as it must be.
struct TopicFault {
  enum class Kind : std::uint8_t {
    missing,  // it, or a partition of it, is not there
    added,    // somebody added partitions to it
    setting,  // it would lose records, or decide them by another time
  };
  Topic topic;
  Kind kind;
  std::string what;  // a sentence without its end
};

/// Of a log that was made with so many partitions.
Fallible<std::vector<TopicFault>> find_faults(Client& client, const Place& place,
                                              std::int32_t partitions);

}  // namespace pesan::kafka
