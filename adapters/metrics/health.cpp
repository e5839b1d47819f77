#include "adapters/metrics/health.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace pesan::metrics {
namespace {

/// A round makes a few steps, each of which may wait for brokers and databases some ten seconds.
constexpr std::chrono::minutes longest_round{10};
/// A recovery after a failure in passing is one too.
constexpr std::chrono::seconds in_passing{10};

std::size_t index_of(Standing standing) { return static_cast<std::size_t>(standing); }

std::string sentence_of(const Health::Count& count) {
  const auto waiting = count.duties[index_of(Standing::waiting)];
  const auto stopped = count.duties[index_of(Standing::stopped)];
  std::size_t all = 0;
  for (const auto duties : count.duties) all += duties;
  std::string sentence;
  if (waiting > 0) sentence = fmt::format("{} of {} waiting", waiting, all);
  if (stopped > 0) {
    sentence += fmt::format("{}{} of {} stopped", waiting > 0 ? ", " : "", stopped, all);
  }
  return sentence;
}

}  // namespace

void Health::Loop::report(std::vector<DutyStanding> duties, Time now) {
  beat(now);
  const std::lock_guard lock(health_.mutex_);
  duties_ = std::move(duties);
}

Health::Loop& Health::add_loop(std::string role) {
  const std::lock_guard lock(mutex_);
  return loops_.emplace_back(*this, std::move(role));
}

void Health::hold(std::optional<std::string> why) {
  const std::lock_guard lock(mutex_);
  held_ = std::move(why);
}

void Health::trouble(const std::string& who, std::optional<std::string> what) {
  const std::lock_guard lock(mutex_);
  if (what) {
    troubles_.insert_or_assign(who, *std::move(what));
  } else {
    troubles_.erase(who);
  }
}

std::optional<std::string> Health::not_ready(Time now) const {
  std::string missing;
  const auto add = [&](std::string_view what) {
    missing += fmt::format("{}{}", missing.empty() ? "" : "; ", what);
  };
  {
    const std::lock_guard lock(mutex_);
    if (held_) return held_;
    for (const Loop& loop : loops_) {
      if (loop.duties_.empty()) return fmt::format("{}: not begun", loop.role_);
      const Time since{Time::duration{loop.recovers_since_.load()}};
      if (since != Time{} && now - since >= in_passing) {
        return fmt::format("{}: recovers", loop.role_);
      }
    }
    for (const auto& [who, what] : troubles_) add(what);
  }
  for (const Count& count : counts()) {
    const auto sentence = sentence_of(count);
    if (sentence.empty()) continue;
    add(fmt::format("{}: {}", count.role, sentence));
  }
  if (missing.empty()) return std::nullopt;
  return missing;
}

std::optional<std::string> Health::not_alive(Time now) const {
  const std::lock_guard lock(mutex_);
  for (const Loop& loop : loops_) {
    const Time last{Time::duration{loop.last_beat_.load()}};
    if (loop.ended_ || last == Time{} || now - last < longest_round) continue;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - last).count();
    return fmt::format("{}: its loop has stood still for {} s", loop.role_, seconds);
  }
  return std::nullopt;
}

std::vector<Health::Count> Health::counts() const {
  const std::lock_guard lock(mutex_);
  std::vector<Count> counts;
  for (const Loop& loop : loops_) {
    auto count = std::ranges::find(counts, loop.role_, &Count::role);
    if (count == counts.end()) count = counts.insert(counts.end(), {.role = loop.role_});
    for (const DutyStanding& duty : loop.duties_) ++count->duties[index_of(duty.standing)];
  }
  return counts;
}

std::vector<TopicPartition> Health::own(std::string_view role) const {
  const std::lock_guard lock(mutex_);
  std::vector<TopicPartition> own;
  for (const Loop& loop : loops_) {
    if (loop.role_ != role) continue;
    for (const DutyStanding& duty : loop.duties_) {
      // Also what waits: that is what makes it late.
      if (duty.standing != Standing::others) own.push_back(duty.place);
    }
  }
  return own;
}

}  // namespace pesan::metrics
