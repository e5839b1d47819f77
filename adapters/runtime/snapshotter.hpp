// Makes snapshots beside the engines of this process, so that recovery does not grow with history.
// It reads the log by itself, on a log object of its own, and shares nothing with an engine: no
// lock, no state. Its one thread has the lowest priority and works at most a quarter of the time,
// one partition after the other. A process that decides a partition makes its snapshots; one that
// stands by leaves them to the other, and makes its own where none came for twice as long. Where a
// snapshot fails, that is said, and engines go on.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "adapters/runtime/opened_log.hpp"
#include "adapters/runtime/role.hpp"
#include "engine/snapshots.hpp"

namespace pesan::runtime {

struct SnapshotOptions {
  std::shared_ptr<SnapshotStore> store;  // none: there are no snapshots here
  std::int64_t every = 100'000;          // commands; 0: they are read, and none is made
  std::size_t remember = 1'000'000;
  std::function<Fallible<OpenedLog>()> open_log;  // to read
};

class Snapshotter final : public Role {
 public:
  Snapshotter(SnapshotOptions options, std::int32_t partitions);

  /// Asked to stop it gives up what it is at, soon.
  void run(const std::stop_token& stop) override;
  /// Whatever fails here stops nobody.
  RoleHealth health() const override { return {.begun = true}; }
  /// Whether this process decides a partition now. Any thread.
  void deciding(Partition partition, bool now) {
    deciding_[static_cast<std::size_t>(partition.value)] = now;
  }

 private:
  /// Until it is asked to stop, or something is thrown.
  void watch(const std::stop_token& stop);
  /// Makes one where it is due.
  Fallible<void> look_at(LogReader& log, Partition partition, const std::stop_token& stop);

  SnapshotOptions options_;
  std::vector<std::atomic<bool>> deciding_;       // by partition
  std::vector<std::optional<Offset>> looked_at_;  // by partition: where results ended then
};

}  // namespace pesan::runtime
