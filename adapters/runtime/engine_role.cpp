#include "adapters/runtime/engine_role.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "adapters/runtime/clock.hpp"

namespace pesan::runtime {

class EngineRole::OnePartition final : public Duty {
 public:
  OnePartition(EngineRole& role, const Thread& thread, TopicPartition place)
      : Duty(fmt::format("engine of partition {}", place.partition.value), place),
        role_(role),
        thread_(thread) {}

  Fallible<Step> step() override {
    const Partition partition = place().partition;
    if (engine_ == nullptr) {
      thread_.recovers();
      auto started = role_.start_engine(partition, thread_.stop);
      if (!started) return std::unexpected(started.error());
      engine_ = *std::move(started);
      role_.snapshotter_.deciding(partition, true);
    }
    const auto decided = engine_->step();
    if (!decided) return std::unexpected(decided.error());
    if (auto* metrics = role_.surroundings().metrics) {
      metrics->answered(engine_->answered(), system_now());
      metrics->clock_stands(partition, engine_->processor().position().now, system_now());
    }
    role_.say_old_times(engine_->answered());
    if (*decided > 0) role_.note(partition, tally());
    return Step{.done = *decided};
  }

  void end() override {
    role_.snapshotter_.deciding(place().partition, false);
    ended_ = tally();
    engine_.reset();
  }

 private:
  Tally tally() const {
    Tally all = ended_;
    if (engine_ != nullptr) all += engine_->processor().tally();
    return all;
  }

  EngineRole& role_;
  const Thread& thread_;
  std::unique_ptr<Engine> engine_;
  Tally ended_;  // of engines that are no more
};

EngineRole::EngineRole(const RoleSurroundings& surroundings, std::unique_ptr<Claims> claims,
                       Options options, Snapshotter& snapshotter)
    : PartitionRole(RoleKind::engine, surroundings, std::move(claims),
                    reading_their_own(
                        deal_out(Topic::commands, surroundings.log.partitions(), options.threads))),
      options_(std::move(options)),
      snapshotter_(snapshotter),
      tallies_(static_cast<std::size_t>(surroundings.log.partitions())) {}

std::vector<std::unique_ptr<Duty>> EngineRole::duties_of(const Thread& thread) {
  std::vector<std::unique_ptr<Duty>> duties;
  duties.reserve(thread.places.size());
  for (const TopicPartition place : thread.places) {
    duties.push_back(std::make_unique<OnePartition>(*this, thread, place));
  }
  return duties;
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

EngineOptions EngineRole::engine_options(Partition partition, const std::stop_token& stop) const {
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
  options.batch = options_.batch;
  options.wall_clock = system_now;
  options.stopwatch = [] { return std::chrono::steady_clock::now().time_since_epoch(); };
  return options;
}

Fallible<std::unique_ptr<Engine>> EngineRole::start_engine(Partition partition,
                                                           const std::stop_token& stop) {
  EngineOptions options = engine_options(partition, stop);
  metrics::Metrics::Recovery recovery{.partition = partition};
  options.recovery.replayed = [&recovery](std::int64_t events) { recovery.events = events; };
  const auto begun = std::chrono::steady_clock::now();
  auto engine = Engine::start(log(), std::move(options));
  if (!engine) return engine;
  recovery.took = std::chrono::steady_clock::now() - begun;
  if (surroundings().metrics != nullptr) surroundings().metrics->recovered(recovery);
  return engine;
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
