#include "adapters/sqlite/change_watch.hpp"

#include <algorithm>
#include <utility>

namespace pesan::sqlite {
namespace {

// A look costs a few microseconds. While records come, latency counts; when it has been quiet for a
// while, so does an idle processor.
constexpr auto busy_interval = std::chrono::milliseconds(1);
constexpr auto quiet_interval = std::chrono::milliseconds(3);
constexpr auto quiet_after = std::chrono::milliseconds(250);

}  // namespace

Fallible<std::unique_ptr<ChangeWatch>> ChangeWatch::open(const OpenOptions& options) {
  auto database = Database::open(options);
  if (!database) return std::unexpected(std::move(database.error()));
  auto version = database->prepare("PRAGMA data_version");
  if (!version) return std::unexpected(std::move(version.error()));
  std::unique_ptr<ChangeWatch> watch(new ChangeWatch(std::move(*database), std::move(*version)));
  if (auto first = watch->look(); !first) return std::unexpected(std::move(first.error()));
  return watch;
}

Fallible<bool> ChangeWatch::look() {
  auto row = version_.step();
  if (!row) return std::unexpected(std::move(row.error()));
  const auto version = version_.integer(0);
  version_.reset();
  return std::exchange(last_version_, version) != version;
}

std::uint64_t ChangeWatch::generation() {
  const std::scoped_lock lock(mutex_);
  return generation_;
}

void ChangeWatch::notify() {
  {
    const std::scoped_lock lock(mutex_);
    ++generation_;
    last_change_ = std::chrono::steady_clock::now();
  }
  changed_.notify_all();
}

Fallible<bool> ChangeWatch::wait(std::uint64_t seen, Time deadline) {
  std::unique_lock lock(mutex_);
  while (generation_ == seen) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= deadline) return false;
    if (polling_) {
      changed_.wait_until(lock, deadline, [&] { return generation_ != seen || !polling_; });
      continue;
    }
    polling_ = true;
    lock.unlock();
    auto changed = look();
    lock.lock();
    if (changed && *changed) {
      ++generation_;
      last_change_ = now;
    } else if (changed) {
      const auto interval = now - last_change_ < quiet_after ? busy_interval : quiet_interval;
      const auto next_look = std::min<Time>(deadline, now + interval);
      changed_.wait_until(lock, next_look, [&] { return generation_ != seen; });
    }
    // Another thread that waits takes over, or this one again.
    polling_ = false;
    changed_.notify_all();
    if (!changed) return std::unexpected(std::move(changed.error()));
  }
  return true;
}

}  // namespace pesan::sqlite
