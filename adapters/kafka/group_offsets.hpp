// The offsets that a role's consumer group has committed. It joins no group: partitions are owned
// by the process that opened the writer last. Any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "adapters/kafka/client.hpp"

namespace pesan::kafka {

class GroupOffsets {
 public:
  static Fallible<std::unique_ptr<GroupOffsets>> open(const Place& place, const std::string& group);

  /// Waits for a commit that is under way; nullopt where the group never committed, or forgot.
  Fallible<std::optional<Offset>> committed(TopicPartition source);

 private:
  GroupOffsets(const Place& place, std::string group, std::unique_ptr<Client> client)
      : place_(place), group_(std::move(group)), client_(std::move(client)) {}

  const Place& place_;
  std::string group_;
  std::unique_ptr<Client> client_;
};

}  // namespace pesan::kafka
