#include "adapters/runtime/dry_run.hpp"

#include <chrono>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "adapters/runtime/clock.hpp"
#include "engine/deciders.hpp"
#include "engine/engine.hpp"
#include "engine/snapshots.hpp"
#include "events/partitioner.hpp"

namespace pesan::runtime {
namespace {

using namespace std::chrono_literals;

constexpr ReadLimit a_batch{.records = 4000, .bytes = std::size_t{16} << 20};
/// An engine at work commits events and results together, and this reads them one after the other:
/// between two of its commits, soon, the two fit.
constexpr auto patience = 30s;
constexpr auto between_looks = 3ms;

bool fits(const Replay& replay) {
  return replay.marks.needed <= replay.marks.answered &&
         replay.marks.answered <= replay.processor->position().sequence;
}

std::set<Offset> parked_in(Partition partition, const DryRunOptions& options) {
  std::set<Offset> parked;
  for (const auto& [where, offset] : options.parked) {
    if (where == partition) parked.insert(offset);
  }
  return parked;
}

Fallible<std::unique_ptr<CommandProcessor>> fold(LogReader& log, Partition partition,
                                                 const DryRunOptions& options) {
  const RecoveryOptions recovery{.partition = partition,
                                 .remember = options.remember,
                                 .parked = parked_in(partition, options),
                                 .snapshots = options.snapshots};
  auto replayed = replay_log(log, recovery);
  if (!replayed) return std::unexpected(replayed.error());
  Replay& replay = replayed->replay;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!fits(replay)) {
    if (std::chrono::steady_clock::now() > deadline) {
      return fail(FailureKind::fatal,
                  fmt::format("events and results of partition {} did not come to fit within {} s: "
                              "an engine writes faster than this reads, or one of the topics was "
                              "cut or restored without the other",
                              partition.value, patience / 1s));
    }
    std::this_thread::sleep_for(between_looks);
    if (auto more = catch_up(log, replay, {.threads = std::launch::deferred, .stop = {}}); !more) {
      return std::unexpected(more.error());
    }
  }
  const auto commands = log.range({Topic::commands, partition});
  if (!commands) return std::unexpected(commands.error());
  replay.processor->resume_at(replay.marks.result ? replay.processor->position().next_command
                                                  : commands->begin);
  return std::move(replay.processor);
}

}  // namespace

Fallible<std::unique_ptr<DryRun>> DryRun::on(LogReader& log, const DryRunOptions& options) {
  if (auto known = check_time_zone(default_timezone); !known) {
    return std::unexpected(known.error());
  }
  auto run = std::unique_ptr<DryRun>(new DryRun);
  for (std::int32_t p = 0; p < log.partitions(); ++p) {
    auto folded = fold(log, Partition{p}, options);
    if (!folded) return std::unexpected(folded.error());
    run->processors_.push_back(*std::move(folded));
  }
  if (auto decided = run->decide_what_waits(log); !decided) {
    return std::unexpected(decided.error());
  }
  return run;
}

std::unique_ptr<DryRun> DryRun::on_new_log(const NewLog& log, const DryRunOptions& options) {
  auto run = std::unique_ptr<DryRun>(new DryRun);
  for (std::int32_t p = 0; p < log.partitions; ++p) {
    run->processors_.push_back(
        std::make_unique<CommandProcessor>(Position{.log_id = "dry-run",
                                                    .partition = Partition{p},
                                                    .partitions = log.partitions,
                                                    .clock = log.clock},
                                           options.remember));
  }
  return run;
}

Fallible<void> DryRun::decide_what_waits(LogReader& log) {
  std::vector<Record> records;
  for (const auto& processor : processors_) {
    const TopicPartition from{Topic::commands, processor->position().partition};
    const auto range = log.range(from);
    if (!range) return std::unexpected(range.error());
    for (Offset next = processor->position().next_command; next < range->end;) {
      if (auto read = log.read(from, next, a_batch, records); !read) return read;
      if (records.empty()) break;  // what is left are gaps
      for (const Record& record : records) {
        if (auto done = process(from.partition, record); !done) {
          return std::unexpected(done.error());
        }
      }
      next = records.back().offset.next();
    }
    // What comes next stands behind all that is there, as it would in the log.
    if (processor->position().next_command < range->end) processor->resume_at(range->end);
  }
  for (auto& record : std::exchange(forwarded_, {})) {
    const Partition to = record.to.partition;
    const auto& position = processors_[static_cast<std::size_t>(to.value)]->position();
    auto done = process(to, {.offset = position.next_command,
                             .timestamp = system_now(),
                             .payload = std::move(record.payload)});
    if (!done) return std::unexpected(done.error());
  }
  return {};
}

Fallible<std::string_view> DryRun::process(Partition partition, const Record& record) {
  CommandProcessor& processor = *processors_[static_cast<std::size_t>(partition.value)];
  transaction_.clear();
  const auto done = processor.process(record, system_now(), transaction_);
  if (!done) return std::unexpected(done.error());
  processor.commit();
  std::string_view result;
  for (auto& made : transaction_.records) {
    if (made.to.topic == Topic::results) result = made.payload.value;
    if (made.to.topic == Topic::commands) forwarded_.push_back(std::move(made));
  }
  return result;
}

Partition DryRun::home_of(std::string_view line, Payload& payload) {
  const Envelope& envelope = reader_.read(line);
  if (!envelope.resource) return {};
  payload.key = std::string(*envelope.resource);
  return partition_of(*envelope.resource, static_cast<std::int32_t>(processors_.size()));
}

Fallible<std::string_view> DryRun::decide(std::string line) {
  Record record;
  const Partition home = home_of(line, record.payload);
  record.offset = processors_[static_cast<std::size_t>(home.value)]->position().next_command;
  record.timestamp = system_now();
  record.payload.value = std::move(line);
  return process(home, record);
}

}  // namespace pesan::runtime
