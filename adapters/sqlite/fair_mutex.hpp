// A mutex that serves in the order of arrival. std::mutex lets the thread that released it take it
// again at once, and then an engine in full swing would keep a client's append waiting for seconds.
// Any thread may use it, through std::scoped_lock.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace pesan::sqlite {

class FairMutex {
 public:
  void lock() {
    std::unique_lock guard(mutex_);
    const auto ticket = next_ticket_++;
    turn_.wait(guard, [&] { return ticket == serving_; });
  }
  void unlock() {
    {
      const std::scoped_lock guard(mutex_);
      ++serving_;
    }
    turn_.notify_all();  // only the owner of the next ticket goes on
  }

 private:
  std::mutex mutex_;
  std::condition_variable turn_;
  std::uint64_t next_ticket_ = 0;
  std::uint64_t serving_ = 0;
};

}  // namespace pesan::sqlite
