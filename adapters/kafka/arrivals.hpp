// Tells those who wait that something came for a partition which they read: records, the end of a
// partition, or an error. librdkafka's threads ring, any thread waits.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>

#include "events/log.hpp"

namespace pesan::kafka {

class Arrivals {
 public:
  /// Of one partition. It lives as long as its Arrivals.
  class Bell {
   public:
    Bell(Arrivals& arrivals, TopicPartition place) : arrivals_(arrivals), place_(place) {}
    void ring() noexcept;

   private:
    friend class Arrivals;
    Arrivals& arrivals_;
    const TopicPartition place_;
    std::uint64_t rung_ = 0;  // guarded by the mutex of the arrivals
  };

  Bell& bell(TopicPartition place);
  /// How often the bells of these partitions have rung.
  std::uint64_t count(LogReader::Places places) const;
  /// How many wait for this one just now.
  std::ptrdiff_t waiting_for(TopicPartition place) const;
  /// True when one of them has rung since; false after `wait`.
  bool wait(LogReader::Places places, std::uint64_t since, std::chrono::milliseconds wait);

 private:
  struct Waiter {
    explicit Waiter(LogReader::Places waits_for) : places(waits_for) {}
    LogReader::Places places;
    std::condition_variable rung;
  };
  /// With the mutex in hand.
  std::uint64_t sum(LogReader::Places places) const;

  mutable std::mutex mutex_;  // guards what follows
  std::map<TopicPartition, Bell> bells_;
  std::list<Waiter> waiters_;
};

}  // namespace pesan::kafka
