#include "adapters/runtime/signals.hpp"

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <mutex>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <spdlog/spdlog.h>

namespace pesan::runtime {

namespace asio = boost::asio;
using boost::system::error_code;

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

class StopSignals::Listener {
 public:
  Listener() {
    signals_.async_wait([this](const error_code& error, int signal) {
      if (!error) note(signal);
    });
    thread_ = std::thread([this] { context_.run(); });
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() {
    context_.stop();
    thread_.join();
  }
  /// Whether one came, or has come before; waits for it.
  bool come(std::chrono::milliseconds wait) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, wait, [this] { return come_; });
  }

 private:
  void note(int signal) {
    // `timeout` and its like send a signal to the process and to its group: to us, twice at once.
    later_.expires_after(std::chrono::seconds{1});
    later_.async_wait([this](const error_code& error) {
      error_code ignored;  // from then on they do what they do to every program
      if (!error) static_cast<void>(signals_.clear(ignored));
    });
    spdlog::info("{}: stopping; a second one ends at once",
                 signal == SIGTERM ? "SIGTERM" : "SIGINT");
    const std::lock_guard lock(mutex_);
    come_ = true;
    changed_.notify_all();
  }

  asio::io_context context_;
  asio::signal_set signals_{context_, SIGTERM, SIGINT};
  asio::steady_timer later_{context_};
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  bool come_ = false;
  std::thread thread_;  // last: it uses all of the above
};

StopSignals::StopSignals() : listener_(std::make_unique<Listener>()) {}
StopSignals::~StopSignals() = default;

bool StopSignals::come(std::chrono::milliseconds wait) { return listener_->come(wait); }

}  // namespace pesan::runtime
