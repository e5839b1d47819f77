#include "adapters/runtime/engine_role.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "adapters/runtime/clock.hpp"

namespace pesan::runtime {
namespace {

/// Commands of a worker, and their bytes: a round is to end long before a transaction's time is
/// over.
constexpr std::size_t most_in_a_round = 8'000;
constexpr std::size_t most_bytes_in_a_round = std::size_t{32} << 20;

}  // namespace

class EngineRole::OnePartition final : public Duty {
 public:
  OnePartition(EngineRole& role, const Thread& thread, TopicPartition place,
               std::shared_ptr<EngineWorker> worker)
      : Duty(fmt::format("engine of partition {}", place.partition.value), place),
        role_(role),
        thread_(thread),
        worker_(std::move(worker)) {}

  Fallible<Step> step(const ClaimProof& proof) override {
    thread_.beat();
    const Partition partition = place().partition;
    role_.snapshotter_.deciding(partition, true);
    const bool takes = !worker_->has(partition, proof);
    const auto begun = std::chrono::steady_clock::now();
    const auto engine = worker_->enter(partition, proof, [this, begun](auto, const auto& stop) {
      return role_.engine_options(place().partition, stop, begun);
    });
    if (!engine) return std::unexpected(engine.error());
    if (*engine == nullptr) return Step{.soon = true, .begins = true};
    // That may have taken long: the others of the round are not to wait for more.
    if (takes) return Step{.soon = true};
    const auto decided = worker_->decide(partition);
    if (!decided) return std::unexpected(decided.error());
    if (*decided == 0) worker_->idle();
    if (auto* metrics = role_.surroundings().metrics) {
      metrics->clock_stands(partition, (*engine)->processor().position().now, system_now());
      metrics->timers_due(partition, (*engine)->timers_due());
    }
    return Step{.done = *decided, .open = *decided > 0};
  }

  void settled(bool committed) override {
    if (!committed) return;
    const Engine& engine = *worker_->engine(place().partition);
    if (auto* metrics = role_.surroundings().metrics) {
      metrics->answered(engine.answered(), system_now());
    }
    role_.snapshotter_.answered(place().partition, engine.answered().commands.size());
    role_.say_old_times(engine.answered());
    role_.note(place().partition, tally());
  }

  void end() override {
    role_.snapshotter_.deciding(place().partition, false);
    if (auto* metrics = role_.surroundings().metrics) metrics->timers_due(place().partition, 0);
    ended_ = tally();
    worker_->leave(place().partition);
  }
  /// The worker takes the partition anew, and sees whether its engine stands where the log does.
  void restart() override {}

 private:
  Tally tally() const {
    Tally all = ended_;
    if (const Engine* engine = worker_->engine(place().partition))
      all += engine->processor().tally();
    return all;
  }

  EngineRole& role_;
  const Thread& thread_;
  const std::shared_ptr<EngineWorker> worker_;
  Tally ended_;  // of engines that are no more
};

EngineRole::EngineRole(const RoleSurroundings& surroundings, std::unique_ptr<Claims> claims,
                       Options options, Snapshotter& snapshotter)
    : PartitionRole(RoleKind::engine, surroundings, std::move(claims),
                    reading_their_own(
                        deal_out(Topic::commands, surroundings.log.partitions(), options.workers))),
      options_(std::move(options)),
      snapshotter_(snapshotter),
      tallies_(static_cast<std::size_t>(surroundings.log.partitions())) {}

Work EngineRole::work_of(const Thread& thread) {
  const auto worker = std::make_shared<EngineWorker>(log());
  Work work{.duties = {}, .commit = [worker] { return worker->commit(); }};
  for (const TopicPartition place : thread.places) {
    work.duties.push_back(std::make_unique<OnePartition>(*this, thread, place, worker));
  }
  return work;
}

Tally EngineRole::tally() const {
  const std::lock_guard lock(mutex_);
  Tally sum;
  for (const Tally& tally : tallies_) sum += tally;
  return sum;
}

void EngineRole::note(Partition partition, const Tally& tally) {
  const std::lock_guard lock(mutex_);
  tallies_[static_cast<std::size_t>(partition.value)] = tally;
}

EngineOptions EngineRole::engine_options(Partition partition, const std::stop_token& stop,
                                         std::chrono::steady_clock::time_point begun) const {
  EngineOptions options;
  options.recovery.partition = partition;
  options.recovery.remember = options_.remember;
  options.recovery.reading.stop = stop;
  options.recovery.snapshots = options_.snapshots;
  options.recovery.say = [](std::string_view note) { spdlog::warn("{}", note); };
  options.recovery.inform = [](std::string_view note) { spdlog::info("{}", note); };
  for (const auto& [where, offset] : options_.parked) {
    if (where == partition) options.recovery.parked.insert(offset);
  }
  options.recovery.replayed = [metrics = surroundings().metrics, partition,
                               begun](std::int64_t events) {
    if (metrics == nullptr) return;
    metrics->recovered({.partition = partition,
                        .took = std::chrono::steady_clock::now() - begun,
                        .events = events});
  };
  // What a worker commits at once is bounded, and each of its partitions has its part of that.
  const auto mine = std::max<std::size_t>(
      1, static_cast<std::size_t>(log().partitions() / std::max(1, options_.workers)));
  options.batch = std::min(options_.batch, std::max<std::size_t>(most_in_a_round / mine, 200));
  options.batch_bytes = std::max(most_bytes_in_a_round / mine, std::size_t{1} << 20);
  options.wall_clock = system_now;
  options.timers = options_.timers;
  options.stopwatch = [] { return std::chrono::steady_clock::now().time_since_epoch(); };
  return options;
}

/// Says once that a backfill was sent to a log that follows its append time.
void EngineRole::say_old_times(const AnsweredBatch& batch) {
  if (old_times_said_ || !options_.says_old_times) return;
  const auto is_old = [](const Answered& a) { return a.time == TimeNote::not_followed; };
  if (!std::ranges::any_of(batch.commands, is_old)) return;
  if (old_times_said_.exchange(true)) return;
  spdlog::warn(
      "commands bring a `time` of long ago, and this log follows its append time: they "
      "are decided as of now. A backfill needs a log of its own, made with --clock "
      "command");
}

}  // namespace pesan::runtime
