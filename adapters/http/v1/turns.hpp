// Threads for what takes time, which take turns between clients: however much one of them asks, it
// has some of the threads alone, and the next question of another one waits for no line of its own.
// Nobody else's thread waits. `add` is for any thread; make, end and destroy it on one.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace pesan::http::v1 {

class Turns {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Most {
    std::size_t threads = 4;
    std::size_t of_a_client = 3;  // of these, at a time
  };
  /// Called once, by one of the threads, or by who ends them. `in_time`: its turn came before its
  /// deadline. It must not throw.
  using Work = std::function<void(bool in_time)>;

  explicit Turns(const Most& most);
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;
  ~Turns() { end(); }

  /// After the end: its turn never comes, and it is called at once.
  void add(const std::string& client, Time deadline, Work work);
  /// Waits for what is at work; the turn of all else never comes.
  void end();

 private:
  struct Job {
    Time deadline;
    Work work;
  };
  struct Line {
    std::string client;
    std::deque<Job> jobs{};
    std::size_t at_work = 0;
  };
  void run(const std::stop_token& stop);
  /// Of the line whose turn is next; end() where there is none.
  std::list<Line>::iterator next();

  const Most most_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable_any came_;
  bool ended_ = false;
  std::list<Line> lines_;  // the one that had its turn last stands last
  std::vector<std::jthread> threads_;
};

}  // namespace pesan::http::v1
