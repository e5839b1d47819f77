// How much one client may ask (docs/http.md#bounds): so many commands and questions a second, and
// so many under way at a time, with so many bytes, so that a greedy one delays no other. Time comes
// in as a value. Any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "adapters/http/v1/problem.hpp"

namespace pesan::http::v1 {

class Bounds {
 public:
  using Time = std::chrono::steady_clock::time_point;
  struct Most {
    double a_second = 200;  // and as many at once after a second of rest
    std::size_t under_way = 32;
    std::size_t commands = 1000;                     // of arrays, under way
    std::size_t bytes = std::size_t{8} << 20;        // of bodies, under way
    std::size_t all_arrays = std::size_t{64} << 20;  // bytes of all clients' arrays together
  };
  /// What a client has under way, and of it one request's share, as long as that is answered.
  struct Load {
    std::atomic<std::size_t> requests = 0;
    std::atomic<std::size_t> commands = 0;
    std::atomic<std::size_t> bytes = 0;
  };
  class Share {
   public:
    Share(std::shared_ptr<Load> load, std::size_t bytes);
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share();
    void add_commands(std::size_t commands);

   private:
    const std::shared_ptr<Load> load_;
    const std::size_t bytes_;
    std::size_t commands_ = 0;
  };
  /// It may outlive this object.
  using Place = std::shared_ptr<Share>;

  explicit Bounds(const Most& most) : most_(most) {}
  Bounds(const Bounds&) = delete;
  Bounds& operator=(const Bounds&) = delete;

  /// Refused with 429, which says when to come again.
  Answered<Place> enter(const std::string& client, std::size_t bytes, Time now);
  /// For the body of an array, before it is read: among the client's bytes, and those of all. It
  /// is given back by its end, which may come after this object's.
  Answered<std::shared_ptr<void>> take_room(const std::string& client, std::size_t bytes, Time now);
  /// An array turned out to be so many commands: each counts as one that comes by itself, and the
  /// client's next request waits for what they are too many. For the place's holder.
  Answered<void> unpack(const std::string& client, const Place& place, std::size_t commands,
                        Time now);

 private:
  struct Account {
    double tokens = 0;  // below 0 after an array
    Time counted_at{};
    std::shared_ptr<Load> load = std::make_shared<Load>();
  };
  Account& account_of(const std::string& client, Time now);

  const Most most_;
  std::mutex mutex_;  // guards what follows
  std::map<std::string, Account> accounts_;
  const std::shared_ptr<Load> arrays_ = std::make_shared<Load>();  // of all clients
};

}  // namespace pesan::http::v1
