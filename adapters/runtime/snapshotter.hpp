// Makes snapshots beside the engines of this process, so that recovery does not grow with history.
// It reads the log by itself, on a log object of its own, and shares nothing with an engine: no
// lock, no state. Its one thread has the lowest priority and works at most a quarter of the time,
// one partition after the other. A process that decides a partition makes its snapshots; one that
// stands by leaves them to the other, and makes its own where none came for twice as long. It is
// told what the engines here answer, and asks nobody while that is little. Where a snapshot fails,
// that is said, and engines go on.
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
    Watched& place = watched(partition);
    const bool before = place.deciding.exchange(now);
    // Whoever had it before may have left one to make.
    if (now && !before) place.answered += options_.every;
  }
  /// This process has answered so many more commands. Any thread.
  void answered(Partition partition, std::size_t commands) {
    watched(partition).answered += static_cast<std::int64_t>(commands);
  }

 private:
  struct Watched {
    std::atomic<bool> deciding = false;
    std::atomic<std::int64_t> answered = 0;  // since the last look
    std::optional<std::chrono::steady_clock::time_point> looked_at{};
  };
  Watched& watched(Partition partition) {
    return partitions_[static_cast<std::size_t>(partition.value)];
  }
  /// Until it is asked to stop, or something is thrown.
  void watch(const std::stop_token& stop);
  /// Whether there may be one to make.
  bool is_due(const Watched& watched) const;
  /// Makes one where it is time for it.
  Fallible<void> look_at(LogReader& log, Partition partition, const std::stop_token& stop);

  SnapshotOptions options_;
  std::vector<Watched> partitions_;
};

}  // namespace pesan::runtime
