#include "adapters/kafka/arrivals.hpp"

#include <algorithm>

namespace pesan::kafka {

void Arrivals::Bell::ring() noexcept {
  const std::scoped_lock lock(arrivals_.mutex_);
  ++rung_;
  for (Waiter& waiter : arrivals_.waiters_) {
    if (std::ranges::find(waiter.places, place_) != waiter.places.end()) waiter.rung.notify_one();
  }
}

Arrivals::Bell& Arrivals::bell(TopicPartition place) {
  const std::scoped_lock lock(mutex_);
  return bells_.try_emplace(place, *this, place).first->second;
}

std::uint64_t Arrivals::sum(LogReader::Places places) const {
  std::uint64_t all = 0;
  for (const TopicPartition place : places) {
    if (const auto found = bells_.find(place); found != bells_.end()) all += found->second.rung_;
  }
  return all;
}

std::uint64_t Arrivals::count(LogReader::Places places) const {
  const std::scoped_lock lock(mutex_);
  return sum(places);
}

std::ptrdiff_t Arrivals::waiting_for(TopicPartition place) const {
  const std::scoped_lock lock(mutex_);
  return std::ranges::count_if(waiters_, [&](const Waiter& waiter) {
    return std::ranges::find(waiter.places, place) != waiter.places.end();
  });
}

bool Arrivals::wait(LogReader::Places places, std::uint64_t since, std::chrono::milliseconds wait) {
  std::unique_lock lock(mutex_);
  const auto waiter = waiters_.emplace(waiters_.end(), places);
  const bool changed = waiter->rung.wait_for(lock, wait, [&] { return sum(places) != since; });
  waiters_.erase(waiter);
  return changed;
}

}  // namespace pesan::kafka
