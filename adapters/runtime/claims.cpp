#include "adapters/runtime/claims.hpp"

#include <filesystem>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "adapters/kafka/membership.hpp"
#include "adapters/sqlite/server_lock.hpp"

namespace pesan::cli {
namespace {

class AllClaims final : public Claims {
 public:
  Fallible<Claim> begin(TopicPartition /*place*/) override { return Claim::mine; }
  void done(TopicPartition /*place*/) override {}
  void release(TopicPartition /*place*/) override {}
};

class LockClaims final : public Claims {
 public:
  explicit LockClaims(std::string file) : file_(std::move(file)) {}

  Fallible<Claim> begin(TopicPartition place) override {
    const std::lock_guard turn(turn_);
    if (held_.contains(place)) return Claim::mine;
    if (!lock_) {
      // The lock may be the first file there.
      std::error_code ignored;
      std::filesystem::create_directories(std::filesystem::path(file_).parent_path(), ignored);
      auto opened = sqlite::ServerLock::open(file_);
      if (!opened) return std::unexpected(opened.error());
      lock_ = *std::move(opened);
    }
    const auto taken = lock_->try_take(place);
    if (!taken) return std::unexpected(taken.error());
    if (!*taken) return Claim::others;
    held_.insert(place);
    return Claim::mine;
  }
  void done(TopicPartition /*place*/) override {}
  void release(TopicPartition place) override {
    const std::lock_guard turn(turn_);
    if (held_.erase(place) > 0) lock_->release(place);
  }

 private:
  std::string file_;
  std::mutex turn_;  // guards what follows
  std::optional<sqlite::ServerLock> lock_;
  std::set<TopicPartition> held_;
};

class GroupClaims final : public Claims {
 public:
  GroupClaims(kafka::Place place, GroupOptions options)
      : place_(std::move(place)), options_(std::move(options)) {}

  Fallible<Claim> begin(TopicPartition place) override {
    {
      const std::lock_guard turn(turn_);
      if (membership_ == nullptr) {
        auto joined =
            kafka::Membership::join(place_, {.group = place_.prefix + "-" + options_.group,
                                             .instance = options_.instance,
                                             .topics = options_.topics,
                                             .commits_reached = options_.commits_reached});
        if (!joined) return std::unexpected(joined.error());
        membership_ = *std::move(joined);
      }
    }
    const auto answer = membership_->enter(place);
    if (!answer) return std::unexpected(answer.error());
    switch (*answer) {
      case kafka::Membership::Answer::assigned: return Claim::mine;
      case kafka::Membership::Answer::others: return Claim::others;
      case kafka::Membership::Answer::rebalancing: return Claim::settling;
    }
    return Claim::settling;
  }
  void done(TopicPartition place) override { membership_->exit(place); }
  /// The group chooses its next owner.
  void release(TopicPartition /*place*/) override {}
  void give_up(TopicPartition place) override { membership_->give_up(place); }
  void reached(TopicPartition place, Offset next) override { membership_->reached(place, next); }

 private:
  kafka::Place place_;
  GroupOptions options_;
  std::mutex turn_;  // guards the joining
  std::unique_ptr<kafka::Membership> membership_;
};

}  // namespace

std::unique_ptr<Claims> claim_all() { return std::make_unique<AllClaims>(); }

std::unique_ptr<Claims> claim_by_lock(std::string file) {
  return std::make_unique<LockClaims>(std::move(file));
}

std::unique_ptr<Claims> claim_by_group(kafka::Place place, GroupOptions options) {
  return std::make_unique<GroupClaims>(std::move(place), std::move(options));
}

}  // namespace pesan::cli
