#include "adapters/kafka/group_claims.hpp"

#include "adapters/kafka/membership.hpp"

namespace pesan::kafka {

GroupClaims::GroupClaims(Place place, Options options)
    : place_(std::move(place)), options_(std::move(options)) {}

GroupClaims::~GroupClaims() = default;

Fallible<Claim> GroupClaims::begin(TopicPartition place) {
  {
    const std::lock_guard turn(turn_);
    if (membership_ == nullptr) {
      auto joined = Membership::join(place_, {.group = place_.prefix + "-" + options_.group,
                                              .instance = options_.instance,
                                              .topics = options_.topics,
                                              .commits_reached = options_.commits_reached});
      if (!joined) return std::unexpected(joined.error());
      membership_ = *std::move(joined);
    }
  }
  return membership_->enter(place);
}

void GroupClaims::done(TopicPartition place) { membership_->exit(place); }
void GroupClaims::give_up(TopicPartition place) { membership_->give_up(place); }
void GroupClaims::reached(TopicPartition place, Offset next) { membership_->reached(place, next); }

}  // namespace pesan::kafka
