// The booking engine of every partition, on one thread or several.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "adapters/runtime/partition_role.hpp"
#include "adapters/runtime/snapshotter.hpp"
#include "engine/engine_worker.hpp"

namespace pesan::runtime {

class EngineRole final : public PartitionRole {
 public:
  struct Options {
    /// The partitions are dealt out to them, and each commits what it decided on all of its own at
    /// once. One is best where all commits go to one disk; on Kafka as many as there are cores.
    std::int32_t workers = 1;
    std::size_t remember = 1'000'000;
    std::size_t batch = 2000;
    std::vector<std::pair<Partition, Offset>> parked;
    bool says_old_times = true;          // of commands that follow no `time`
    bool timers = true;                  // sends what is due
    SnapshotStore* snapshots = nullptr;  // read, where they shorten a recovery
  };
  /// The snapshotter, which is told what this decides, outlives it.
  EngineRole(const RoleSurroundings& surroundings, std::unique_ptr<Claims> claims, Options options,
             Snapshotter& snapshotter);

  /// Of all partitions, since the start.
  Tally tally() const;

 protected:
  Work work_of(const Thread& thread) override;

 private:
  class OnePartition;
  /// `begun`: when its recovery did.
  EngineOptions engine_options(Partition partition, const std::stop_token& stop,
                               std::chrono::steady_clock::time_point begun) const;
  void say_old_times(const AnsweredBatch& batch);
  void note(Partition partition, const Tally& tally);

  const Options options_;
  Snapshotter& snapshotter_;
  std::atomic<bool> old_times_said_ = false;
  mutable std::mutex mutex_;    // guards what follows
  std::vector<Tally> tallies_;  // by partition
};

}  // namespace pesan::runtime
