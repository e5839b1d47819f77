// How fast a partition is ready for its next command: recovery of the log named on the command
// line, events and results, from a cold process. With a folder named too: the same from a snapshot
// there, which is made first of all but the last commands (as many as come between two snapshots).
// With a number instead, the log is made: so many commands of bench/workload.hpp, decided.
#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "adapters/files/snapshot_folder.hpp"
#include "adapters/sqlite/sqlite_log.hpp"
#include "bench/must.hpp"
#include "bench/workload.hpp"
#include "engine/forwarded_log.hpp"
#include "engine/recovery.hpp"
#include "events/event_codec.hpp"
#include "tests/support/lone_engine.hpp"

namespace {

using namespace pesan;
using bench::must;

/// The log as it was some records ago.
class Before final : public ForwardedLog {
 public:
  Before(Log& log, std::int64_t records) : ForwardedLog(log), records_(records) {}
  Fallible<OffsetRange> range(TopicPartition source) override {
    auto range = ForwardedLog::range(source);
    if (range) range->end = std::max(range->begin, Offset{range->end.value - records_});
    return range;
  }

 private:
  std::int64_t records_;
};

void make(const std::string& path, std::int64_t count) {
  OutgoingRecord opened{.to = {Topic::events, {}}, .payload = {}};
  append_event(opened.payload.value, {.log_id = "recovery",
                                      .sequence = {},
                                      .time = {},
                                      .what = LogOpened{.log_id = "recovery",
                                                        .partition = 0,
                                                        .partitions = 1,
                                                        .partitioner = "murmur2",
                                                        .clock = Clock::command,
                                                        .format = 1}});
  const LogInfo info{.log_id = "recovery", .partitions = 1, .clock = Clock::command, .format = 1};
  if (!SqliteLog::create({.path = path, .info = info}, {opened})) std::exit(3);
  const auto log = must(SqliteLog::open({.path = path}));
  const auto engine = must(LoneEngine::start(*log, {.batch = 5000, .wall_clock = system_now}));
  const bench::Workload workload({.commands = count});
  std::vector<OutgoingRecord> records;
  for (std::size_t i = 0; i < workload.commands().size(); ++i) {
    auto& record = records.emplace_back();
    record.to = {Topic::commands, {}};
    record.payload.value = workload.record(i);
    if (records.size() < 5000 && i + 1 < workload.commands().size()) continue;
    must(log->append(records));
    records.clear();
    while (must(engine->step()) > 0) {
    }
  }
}

double recover_once(LogReader& log, SnapshotStore* snapshots, std::int64_t& events) {
  const auto start = std::chrono::steady_clock::now();
  RecoveryOptions options{.snapshots = snapshots};
  options.say = [](std::string_view note) { fmt::print(stderr, "{}\n", note); };
  const auto processor = must(recover(log, options, std::nullopt));
  events = processor->position().sequence.value;
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  return seconds.count();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) {
    fmt::print(stderr, "usage: recovery_bench LOG.db [FOLDER | COMMANDS]\n");
    return 2;
  }
  if (argc == 3 && std::isdigit(static_cast<unsigned char>(*argv[2])) != 0) {
    make(argv[1], std::atoll(argv[2]));
    return 0;
  }
  const auto log = must(SqliteLog::open({.path = argv[1], .read_only = true}));
  std::int64_t events = 0;
  if (argc == 2) {
    const double seconds = recover_once(*log, nullptr, events);
    fmt::print("{{\"seconds\": {:.3f}, \"events\": {}, \"events_per_s\": {:.0f}}}\n", seconds,
               events, static_cast<double>(events) / seconds);
    return 0;
  }
  SnapshotFolder snapshots(argv[2], log->info().log_id);
  if (must(snapshots.list({})).empty()) {
    const SnapshotPolicy policy;
    Before before(*log, policy.every);
    RecoveryOptions options{.snapshots = &snapshots};
    if (!must(make_snapshot(before, options, {.every = 1}))) return 3;
  }
  const auto image = must(snapshots.fetch(must(snapshots.list({})).front())).size();
  const double seconds = recover_once(*log, &snapshots, events);
  fmt::print("{{\"seconds\": {:.3f}, \"events\": {}, \"image_mb\": {:.1f}}}\n", seconds, events,
             static_cast<double>(image) / 1e6);
}
