// Who waits until the rows are as far as a position (docs/http.md#waiting). All who wait share one
// look at the positions, at most every hundredth of a second, however many they are; with nobody
// there nothing is looked at. A look that takes long holds up no deadline. `wait` is for any
// thread; make, end and destroy it on one. The rows outlive it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "adapters/http/v1/wishes.hpp"
#include "projections/row_reader.hpp"

namespace pesan::http::v1 {

class PositionWatch {
 public:
  using Time = std::chrono::steady_clock::time_point;
  /// Called once, by a thread of the watch or by who ends it; false: the time was over before. It
  /// must neither wait nor throw.
  using Told = std::function<void(const Fallible<bool>& reached)>;

  explicit PositionWatch(RowReader& rows);
  PositionWatch(const PositionWatch&) = delete;
  PositionWatch& operator=(const PositionWatch&) = delete;
  ~PositionWatch() { end(); }

  /// After the end it is told at once that the time is over.
  void wait(std::vector<Position> wanted, Time deadline, Told told);
  /// The time of all who wait is over.
  void end();

 private:
  struct Waiter {
    std::vector<Position> wanted;
    Time deadline;
    Told told;
  };
  void look(const std::stop_token& stop);
  void expire(const std::stop_token& stop);
  Time next_deadline() const;
  template <class Chosen>
  std::list<Waiter> take_out(Chosen chosen);

  RowReader& rows_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable_any came_;
  bool ended_ = false;
  std::list<Waiter> waiters_;
  std::jthread looks_;
  std::jthread expires_;
};

}  // namespace pesan::http::v1
