#include "adapters/runtime/snapshotter.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

namespace pesan::runtime {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

constexpr milliseconds between_looks = 1s;
constexpr milliseconds after_a_failure = 60s;
constexpr int rest = 3;                      // times as long as the work took, and
constexpr milliseconds longest_rest = 1min;  // no longer: there may be much to catch up with
constexpr int looks_a_snapshot = 8;          // at the store, which may be a server far away
constexpr int lowest_priority = 19;
constexpr int when_standing_by = 2;  // times the distance
constexpr milliseconds between_looks_standing_by = 1min;

void sleep_for(milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any().wait_for(lock, stop, time, [] { return false; });
}

}  // namespace

Snapshotter::Snapshotter(SnapshotOptions options, std::int32_t partitions)
    : options_(std::move(options)), partitions_(static_cast<std::size_t>(partitions)) {}

void Snapshotter::run(const std::stop_token& stop) {
  if (options_.store == nullptr || options_.every <= 0) return;
  while (!stop.stop_requested()) {
    try {
      watch(stop);
    } catch (const std::exception& bug) {  // or no memory; engines go on
      spdlog::warn("snapshots: {}", bug.what());
      sleep_for(after_a_failure, stop);
    }
  }
}

void Snapshotter::watch(const std::stop_token& stop) {
  // Of this thread alone, as Linux has it. Without it snapshots are made all the same.
  static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), lowest_priority));
  std::optional<OpenedLog> log;
  while (!stop.stop_requested()) {
    milliseconds pause = between_looks;
    const auto failed = [&](std::string_view at, const Failure& failure) {
      spdlog::warn("{}: {}; again in {} s", at, failure.what, after_a_failure / 1s);
      pause = after_a_failure;
    };
    if (!log) {
      auto opened = options_.open_log();
      if (opened) {
        log = *std::move(opened);
      } else {
        failed("snapshots", opened.error());
      }
    }
    for (std::size_t i = 0; log && i < partitions_.size() && !stop.stop_requested(); ++i) {
      if (!is_due(partitions_[i])) continue;
      const Partition partition{static_cast<std::int32_t>(i)};
      const auto begun = Steady::now();
      const auto looked = look_at(**log, partition, stop);
      if (stop.stop_requested()) return;
      if (!looked) failed(fmt::format("snapshot of partition {}", i), looked.error());
      // Whatever came of it: a place that refuses them must not make this a full-time work.
      const auto took = std::chrono::ceil<milliseconds>(Steady::now() - begun);
      sleep_for(std::min(rest * took, longest_rest), stop);
    }
    if (log) (*log)->idle();
    sleep_for(pause, stop);
  }
}

bool Snapshotter::is_due(const Watched& watched) const {
  if (!watched.looked_at) return true;
  if (watched.deciding) {
    return watched.answered >= std::max<std::int64_t>(1, options_.every / looks_a_snapshot);
  }
  return Steady::now() - *watched.looked_at >= between_looks_standing_by;
}

Fallible<void> Snapshotter::look_at(LogReader& log, Partition partition,
                                    const std::stop_token& stop) {
  Watched& place = watched(partition);
  const std::int64_t answered = place.answered;
  const bool deciding = place.deciding;
  const auto begun = Steady::now();
  const RecoveryOptions options{
      .partition = partition,
      .remember = options_.remember,
      .snapshots = options_.store.get(),
      .say = [](std::string_view note) { spdlog::warn("{}", note); },
      .reading = {.threads = std::launch::deferred, .stop = stop},
  };
  const auto make = [&]() -> Fallible<std::optional<SnapshotName>> {
    try {
      return make_snapshot(
          log, options, {.every = deciding ? options_.every : when_standing_by * options_.every});
    } catch (const std::exception& bug) {  // or no memory for the image; engines go on
      return fail(FailureKind::fatal, bug.what());
    }
  };
  const auto made = make();
  if (!made) return std::unexpected(made.error());
  place.answered -= answered;
  place.looked_at = Steady::now();
  if (!*made) return {};
  const auto took = std::chrono::ceil<milliseconds>(Steady::now() - begun);
  spdlog::info("partition {}: snapshot {} made, up to result {}, in {} ms", partition.value,
               (*made)->serial, (*made)->results.value, took.count());
  return {};
}

}  // namespace pesan::runtime
