#include "adapters/runtime/desk_threads.hpp"

#include <algorithm>
#include <chrono>
#include <exception>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace pesan::runtime {
namespace {

using namespace std::chrono_literals;

/// What cannot be waited for is asked ever more rarely: it is late by a quarter of its time at
/// most.
constexpr std::chrono::nanoseconds shortest_pause = 500us;
constexpr std::chrono::nanoseconds longest_pause = 20ms;

}  // namespace

DeskThreads::DeskThreads(Desk& desk) : desk_(desk) {
  try {
    sender_ = std::jthread([this] { run([this](const std::stop_token& s) { send(s); }); });
    follower_ = std::jthread([this] { run([this](const std::stop_token& s) { follow(s); }); });
  } catch (...) {  // no more threads: the one that is there is joined when this goes
    stop_.request_stop();
    throw;
  }
}

DeskThreads::~DeskThreads() { stop_.request_stop(); }

/// A bug ends both: what one of them does not know any more the other waits for in vain.
void DeskThreads::run(const std::function<void(const std::stop_token&)>& loop) {
  try {
    loop(stop_.get_token());
  } catch (const std::exception& bug) {
    Failure failure{FailureKind::fatal,
                    fmt::format("a thread of the desk broke off: {}", bug.what())};
    spdlog::error("{}", failure.what);
    const std::scoped_lock lock(mutex_);
    broke_off_ = std::move(failure);
    stop_.request_stop();
  }
  if (--running_ > 0) return;
  const std::scoped_lock lock(mutex_);
  if (broke_off_) desk_.close(*broke_off_);
}

void DeskThreads::send(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (!desk_.send()) desk_.rest_from_sending(stop);
  }
}

void DeskThreads::follow(const std::stop_token& stop) {
  auto pause = shortest_pause;
  while (!stop.stop_requested()) {
    if (desk_.follow() > 0 || desk_.rest_from_following(stop, pause)) {
      pause = shortest_pause;
    } else {
      pause = std::min(pause + pause / 4, longest_pause);
    }
  }
}

}  // namespace pesan::runtime
