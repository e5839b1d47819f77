// What commands would come to if they were applied now, decided by the very CommandProcessor of the
// engine on a state that is folded from the log into memory. It reads the log and nothing else, has
// no writer, no group and no store, and leaves no trace: engines may be at work on the same log
// meanwhile. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/runtime/new_log.hpp"
#include "engine/command_processor.hpp"
#include "engine/snapshot_store.hpp"

namespace pesan::runtime {

struct DryRunOptions {
  std::size_t remember = 1'000'000;
  SnapshotStore* snapshots = nullptr;  // read, where they shorten the recovery
  std::vector<std::pair<Partition, Offset>> parked;
};

class DryRun {
 public:
  /// Folds every partition, and decides what waits in the log without an answer.
  static Fallible<std::unique_ptr<DryRun>> on(LogReader& log, const DryRunOptions& options);
  /// As on a log that `apply` would make.
  static std::unique_ptr<DryRun> on_new_log(const NewLog& log, const DryRunOptions& options);

  /// The result of a command line, as `apply` would print it; lives until the next call. A failure
  /// is what would stop the engine.
  Fallible<std::string_view> decide(std::string line);
  std::int32_t partitions() const { return static_cast<std::int32_t>(processors_.size()); }
  Clock clock() const { return processors_.front()->position().clock; }

 private:
  DryRun() = default;
  Fallible<void> decide_what_waits(LogReader& log);
  /// The result; commands that it forwards are kept in `forwarded_`.
  Fallible<std::string_view> process(Partition partition, const Record& record);
  Partition home_of(std::string_view line, Payload& payload);

  std::vector<std::unique_ptr<CommandProcessor>> processors_;  // by partition
  std::vector<OutgoingRecord> forwarded_;
  Transaction transaction_;
  CommandReader reader_;
};

}  // namespace pesan::runtime
