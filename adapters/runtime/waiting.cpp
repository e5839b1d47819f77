#include "adapters/runtime/waiting.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <ctime>

#include <spdlog/spdlog.h>

namespace pesan::cli {
namespace {

volatile std::sig_atomic_t interrupted_by = 0;
std::atomic<std::int64_t> interrupted_at_ms = 0;
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

/// `timeout` and its like send a signal to the process and to its group: to us, twice at once.
constexpr std::int64_t one_signal_ms = 1000;

void on_signal(int number) {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const std::int64_t ms = now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
  if (interrupted_by == 0) {
    interrupted_at_ms = ms;  // first: another thread may be told at the same time
    interrupted_by = number;
  } else if (ms - interrupted_at_ms > one_signal_ms) {
    end_by_signal(number);
  }
}

}  // namespace

void Waiting::went_on() {
  since_ = Clock::now();
  pause_ = first;
  next_ = since_ + pause_;
}

void Waiting::look(const std::function<std::string()>& for_whom) {
  const auto now = Clock::now();
  if (now < next_) return;
  spdlog::warn("nothing came for {} s: {}",
               std::chrono::floor<std::chrono::seconds>(now - since_).count(), for_whom());
  pause_ = std::min(2 * pause_, longest);
  next_ = now + pause_;
}

void heed_interruption() {
  for (const int number : {SIGINT, SIGTERM}) {
    struct sigaction action{};
    if (::sigaction(number, nullptr, &action) != 0 || action.sa_handler == SIG_IGN) continue;
    action.sa_handler = on_signal;
    action.sa_flags = 0;
    ::sigaction(number, &action, nullptr);
  }
}

int interruption() { return interrupted_by; }

void end_by_signal(int number) {
  std::signal(number, SIG_DFL);
  static_cast<void>(::raise(number));
}

}  // namespace pesan::cli
