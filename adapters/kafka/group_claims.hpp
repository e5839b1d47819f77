// Claims on partitions by a consumer group of Kafka, which deals those of some topics out. One
// object serves all threads of a role.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "adapters/kafka/place.hpp"
#include "events/claims.hpp"

namespace pesan::kafka {

class Membership;

class GroupClaims final : public Claims {
 public:
  struct Options {
    std::string group;  // without the prefix: "engine"
    /// Makes the membership a static one: a process that comes back under it within the session's
    /// time gets its partitions back at once; empty: a member like any other.
    std::string instance;
    std::vector<Topic> topics;
    bool commits_reached = false;  // the group's offsets are what `reached` says
  };
  /// Joins the group at the first claim.
  GroupClaims(Place place, Options options);
  ~GroupClaims() override;

  Fallible<Claim> begin(TopicPartition place) override;
  void done(TopicPartition place) override;
  /// The group chooses its next owner.
  void release(TopicPartition /*place*/) override {}
  void give_up(TopicPartition place) override;
  void reached(TopicPartition place, Offset next) override;

 private:
  Place place_;
  Options options_;
  std::mutex turn_;  // guards the joining
  std::unique_ptr<Membership> membership_;
};

}  // namespace pesan::kafka
