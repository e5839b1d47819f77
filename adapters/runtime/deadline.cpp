#include "adapters/runtime/deadline.hpp"

#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <stop_token>

#include <spdlog/spdlog.h>

namespace pesan::runtime {

Deadline::Deadline(std::chrono::seconds limit, int exit_code)
    : exit_code_(exit_code), thread_([this, limit](const std::stop_token& met) {
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any().wait_for(lock, met, limit, [] { return false; });
        if (met.stop_requested()) return;
        spdlog::error("not stopped within {} s; ending at once", limit.count());
        std::_Exit(exit_code_);
      }) {}

}  // namespace pesan::runtime
