#include "adapters/runtime/partition_role.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <functional>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "adapters/runtime/thrown.hpp"

namespace pesan::runtime {
namespace {

using namespace std::chrono_literals;

/// On Kafka each transaction is work for the servers, however small. Where few records come at a
/// time they gather for as long as the last ones took: the more crowded the servers, the fewer
/// transactions they are given.
constexpr std::chrono::nanoseconds shortest_rest = 5ms;
constexpr std::chrono::nanoseconds longest_rest = 50ms;

}  // namespace

std::vector<std::vector<TopicPartition>> deal_out(Topic topic, std::int32_t partitions,
                                                  std::int32_t threads) {
  std::vector<std::vector<TopicPartition>> places(static_cast<std::size_t>(threads));
  for (std::int32_t p = 0; p < partitions; ++p) {
    places[static_cast<std::size_t>(p % threads)].push_back({topic, Partition{p}});
  }
  return places;
}

void PartitionRole::Thread::recovers() const {
  if (loop != nullptr) loop->recovers(std::chrono::steady_clock::now());
}

void PartitionRole::Thread::beat() const {
  if (loop != nullptr) loop->beat(std::chrono::steady_clock::now());
}

std::vector<PartitionRole::Share> PartitionRole::reading_their_own(
    std::vector<std::vector<TopicPartition>> places) {
  std::vector<Share> shares;
  for (auto& some : places) shares.push_back({.places = some, .sources = some});
  return shares;
}

PartitionRole::PartitionRole(RoleKind kind, const RoleSurroundings& surroundings,
                             std::unique_ptr<Claims> claims, std::vector<Share> shares)
    : kind_(kind), around_(surroundings), claims_(std::move(claims)) {
  for (auto& share : shares) {
    auto* loop = around_.metrics == nullptr
                     ? nullptr
                     : &around_.metrics->health().add_loop(std::string(name_of(kind)));
    parts_.push_back({std::move(share), loop});
  }
}

void PartitionRole::run(const std::stop_token& stop) {
  std::vector<std::jthread> others;
  for (std::size_t i = 1; i < parts_.size(); ++i) {
    try {
      others.emplace_back([this, &part = parts_[i], &stop] { run_part(part, stop); });
    } catch (const std::exception& error) {  // no more threads; those that are there go on
      broke_off(parts_[i], sentence_of(error).c_str());
    }
  }
  run_part(parts_.front(), stop);
  others.clear();
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any().wait(lock, stop, [] { return false; });
  // It leaves its group as soon as it has ended: nobody waits for the slowest role.
  claims_.reset();
}

RoleHealth PartitionRole::health() const {
  const auto counts = [topic = parts_.front().share.places.front().topic](
                          const TopicPartition place) { return place.topic == topic; };
  std::ptrdiff_t all = 0;
  for (const Part& part : parts_) all += std::ranges::count_if(part.share.places, counts);
  const std::lock_guard lock(mutex_);
  return {.failure = failure_,
          .failed_at = failed_at_,
          .stopped = stopped_,
          .begun = begun_ == parts_.size(),
          .over = std::ranges::count_if(stopped_, counts) == all};
}

void PartitionRole::run_part(const Part& part, const std::stop_token& stop) {
  try {
    const Thread thread{.places = part.share.places,
                        .sources = part.share.sources,
                        .loop = part.loop,
                        .stop = stop,
                        .claims = *claims_};
    Duties duties({.role = std::string(name_of(kind_)), .patience = around_.patience}, *claims_,
                  work_of(thread));
    drive(duties, thread);
  } catch (const std::exception& bug) {  // or no memory; the other threads go on
    broke_off(part, sentence_of(bug).c_str());
  }
}

void PartitionRole::broke_off(const Part& part, const char* why) noexcept try {
  const Failure failure{FailureKind::fatal,
                        fmt::format("a thread of this process broke off: {}", why)};
  spdlog::error("{}", failure.what);
  std::vector<metrics::DutyStanding> standings;
  const std::lock_guard lock(mutex_);
  for (const TopicPartition place : part.share.places) {
    stopped_.insert(place);
    standings.push_back({.place = place, .standing = metrics::Standing::stopped});
  }
  note(failure);
  if (part.loop == nullptr) return;
  part.loop->report(std::move(standings), std::chrono::steady_clock::now());
  part.loop->end();
} catch (const std::exception& bug) {  // no memory for that either
  spdlog::error("{}", bug.what());
}

void PartitionRole::drive(Duties& duties, const Thread& thread) {
  bool begun = false;
  const auto show = [&] {
    if (thread.loop == nullptr) return;
    thread.loop->report(duties.standings(), std::chrono::steady_clock::now());
  };
  duties.on_taking(show);
  while (!thread.stop.stop_requested() && !duties.all_stopped()) {
    // Before looking: whatever is committed after it ends the wait below.
    const auto seen = log().changes(thread.sources);
    const auto round = duties.round();
    record(duties);
    log().idle();
    show();
    if (!begun && duties.all_begun()) {
      begun = true;
      ++begun_;
    }
    if (round.done == 0) {
      wait(thread, seen, round);
    } else if (round.done < around_.few) {
      std::this_thread::sleep_for(std::clamp(round.worked, shortest_rest, longest_rest));
    }
  }
  if (thread.loop != nullptr) thread.loop->end();
}

void PartitionRole::wait(const Thread& thread, std::uint64_t seen, const Duties::Round& round) {
  thread.beat();
  auto slice = idle_wait;
  if (round.again) {
    const auto left = *round.again - std::chrono::steady_clock::now();
    slice = std::clamp(std::chrono::ceil<std::chrono::milliseconds>(left), 0ms, slice);
  }
  const auto changed = log().wait_for_change(thread.sources, seen, slice);
  if (!changed) std::this_thread::sleep_for(slice);  // the next round says why
}

void PartitionRole::note(const Failure& failure) {
  if (failure_) return;
  failure_ = failure;
  failed_at_ = std::chrono::steady_clock::now();
}

void PartitionRole::record(const Duties& duties) {
  for (const auto& [places, failure] : duties.stops()) {
    spdlog::error("{}", failure.what);
    const std::lock_guard lock(mutex_);
    note(failure);
    stopped_.insert(places.begin(), places.end());
  }
}

}  // namespace pesan::runtime
