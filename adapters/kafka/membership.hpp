// This process's membership in a role's consumer group, which says which partitions are its to work
// on. It consumes nothing: what is assigned is paused at its end, and the role reads through the
// Log. While the group rebalances, steps that are under way are waited for, so that the next
// owner of a partition seldom has to fence the one before. Whoever commits shows the coordinator
// the membership that its partitions were dealt out to (docs/adr/0006).
// A partition that comes back after a rebalance is gone on with where its role stood. Any thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "adapters/kafka/client.hpp"
#include "events/claims.hpp"

namespace pesan::kafka {

class Membership {
 public:
  struct Options {
    std::string group;     // the whole name
    std::string instance;  // group.instance.id: a static member; empty: a dynamic one
    std::vector<Topic> topics;
    /// Commits what `reached` says as the group's offsets, for tools that show lag.
    bool commits_reached = false;
  };
  /// Joins in the background: everything is `settling` until the group has answered.
  static Fallible<std::unique_ptr<Membership>> join(const Place& place, Options options);
  Membership(const Membership&) = delete;
  Membership& operator=(const Membership&) = delete;
  /// Leaves the group at once, so that others need not wait for the session's end; a static member
  /// leaves nothing, as it is expected back.
  ~Membership();

  /// After `mine` a rebalance waits for `exit`, but not for ever. The proof is the membership as it
  /// was when the partitions were dealt out. fatal: this membership is over, as when another
  /// process joined under its instance.
  Fallible<Claim> enter(TopicPartition place);
  void exit(TopicPartition place);
  void reached(TopicPartition place, Offset next);
  /// It cannot be worked on here. A member that can work on nothing it was given leaves the group,
  /// as the reason may be this machine's; one of several stays where it is, as it may be the log's.
  void give_up(TopicPartition place);

 private:
  Membership(const Place& place, Options options);
  void run();
  /// Its thread looks whether it is to go on.
  void wake();
  /// What is thrown ends this membership; the next call says so.
  template <class Call>
  void guarded(Call call) noexcept;
  void note_the_end(rd_kafka_resp_err_t code, std::string_view why);
  /// Nothing is left to be a member for.
  bool goes();
  void on_rebalance(rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* partitions);
  void assign(rd_kafka_topic_partition_list_t* partitions);
  void revoke(bool lost);
  void commit_reached();
  std::set<TopicPartition> places_of(const rd_kafka_topic_partition_list_t& list) const;

  const Place place_;
  const Options options_;
  std::unique_ptr<Client> client_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable step_done_;
  bool settled_ = false;  // the group has dealt the partitions out
  bool ending_ = false;
  std::optional<Failure> over_;
  std::set<TopicPartition> given_up_;
  bool left_ = false;  // of its own accord
  std::set<TopicPartition> assigned_;
  ClaimProof proof_;  // of what is assigned
  std::multiset<TopicPartition> in_step_;
  std::map<TopicPartition, Offset> reached_;  // not committed yet

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace pesan::kafka
