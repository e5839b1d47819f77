// A role that works on partitions: threads, each with its duties, which look for work, rest while
// there is none, and say how they stand. A partition that must not go on stops alone. What is done
// on a partition is said by the role that derives from it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adapters/metrics/metrics.hpp"
#include "adapters/runtime/duties.hpp"
#include "adapters/runtime/role.hpp"
#include "engine/log_writer.hpp"
#include "events/claims.hpp"

namespace pesan::runtime {

inline constexpr TopicPartition customers_topic{Topic::customers, Partition{0}};
/// At most, before `stop` is heeded, and before claims are looked at again.
inline constexpr std::chrono::milliseconds idle_wait{100};
/// No more: a backlog of large records, of which a read brings few, is not to rest.
inline constexpr std::size_t few_records = 200;

/// What every role of a process is given. Log and metrics outlive it.
struct RoleSurroundings {
  Log& log;
  /// How long anything may go on failing before it stops; for ever without.
  std::optional<std::chrono::milliseconds> patience{};
  /// Fewer records than this in a round are few: more are waited for before the next one.
  std::size_t few = 0;
  metrics::Metrics* metrics = nullptr;  // nothing is measured without
};

/// `first`, `first + threads`, and so on, for each thread.
std::vector<std::vector<TopicPartition>> deal_out(Topic topic, std::int32_t partitions,
                                                  std::int32_t threads);

class PartitionRole : public Role {
 public:
  void run(const std::stop_token& stop) final;
  RoleHealth health() const final;

 protected:
  /// Of one thread.
  struct Share {
    std::vector<TopicPartition> places;
    std::vector<TopicPartition> sources;
  };
  /// Each thread works on the places of its share, as far as the claims say that they are this
  /// process's. It is over when all of the first place's topic must not go on.
  PartitionRole(RoleKind kind, const RoleSurroundings& surroundings, std::unique_ptr<Claims> claims,
                std::vector<Share> shares);
  /// Each thread reads its own places.
  static std::vector<Share> reading_their_own(std::vector<std::vector<TopicPartition>> places);

  struct Thread {
    std::vector<TopicPartition> places;
    std::vector<TopicPartition> sources;  // what is read for them; its changes wake the thread
    metrics::Health::Loop* loop;          // nothing: nobody asks how it stands
    const std::stop_token& stop;
    Claims& claims;

    /// Its next step recovers, however long that takes.
    void recovers() const;
    void beat() const;
  };
  /// Of one thread, which makes them, in the order of its places. It outlives them.
  virtual Work work_of(const Thread& thread) = 0;

  const RoleSurroundings& surroundings() const { return around_; }
  Log& log() const { return around_.log; }

 private:
  struct Part {
    Share share;
    metrics::Health::Loop* loop = nullptr;
  };
  void run_part(const Part& part, const std::stop_token& stop);
  /// Rounds until it is asked to stop, or until nothing is left to do.
  void drive(Duties& duties, const Thread& thread);
  /// Until there may be something to do.
  void wait(const Thread& thread, std::uint64_t seen, const Duties::Round& round);
  void record(const Duties& duties);
  /// With the mutex in hand.
  void note(const Failure& failure);
  /// A thread cannot go on at all, and with it what it worked on.
  void broke_off(const Part& part, const char* why) noexcept;

  const RoleKind kind_;
  const RoleSurroundings around_;
  std::unique_ptr<Claims> claims_;
  std::vector<Part> parts_;
  std::atomic<std::size_t> begun_ = 0;  // parts
  mutable std::mutex mutex_;            // guards what follows
  std::optional<Failure> failure_;
  std::chrono::steady_clock::time_point failed_at_;
  std::set<TopicPartition> stopped_;
};

}  // namespace pesan::runtime
