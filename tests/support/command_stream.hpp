// Random command records by seed, as nasty as a world with few resources, small capacities and
// boundary times allows: all actors, invalid fields, duplicates, conflicting ids, misplaced
// records. The same seed gives the same stream on every machine. It knows the wire and nothing of
// the rules; answers only help it to name bookings that exist. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pesan {

/// SplitMix64: small, and the same everywhere.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  std::uint64_t roll();
  /// 0 to n − 1; n ≥ 1.
  std::int64_t below(std::int64_t n) {
    return static_cast<std::int64_t>(roll() % static_cast<std::uint64_t>(n));
  }
  std::int64_t between(std::int64_t low, std::int64_t high) { return low + below(high - low + 1); }
  bool one_in(std::int64_t n) { return below(n) == 0; }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[static_cast<std::size_t>(below(static_cast<std::int64_t>(from.size())))];
  }

 private:
  std::uint64_t state_;
};

struct StreamOptions {
  std::uint64_t seed = 0;
  std::int32_t partitions = 1;
  /// One command in so many is damaged, sent again, or sent to a wrong partition; 0 = none is.
  std::int64_t fault_every = 12;
};

/// One record as a client would append it.
struct StreamRecord {
  std::int32_t partition = 0;
  std::int64_t timestamp_ms = 0;
  std::string value;
};

class CommandStream {
 public:
  explicit CommandStream(const StreamOptions& options);

  StreamRecord next();
  /// A booking id that an answer named: later commands may use it.
  void learn(std::string_view booking_id);

 private:
  struct Home {
    std::string id;
    std::string inventory;  // counter, nightly or slots
    std::vector<std::string> bookings;
  };

  /// The first commands define the resources, the next ones their schedules.
  std::int64_t openings() const { return static_cast<std::int64_t>(homes_.size()); }
  std::string data_of(std::string& type, Home& home);
  std::string definition(std::string& type, const Home& home);
  std::string schedule(std::string& type);
  std::string booking(std::string& type, Home& home);
  std::string creation(Home& home);
  std::string place(const Home& home);
  std::string customer();
  std::string change();
  std::string day();
  std::string actor();
  std::string damaged(std::string data);
  void move_time();

  StreamOptions options_;
  Dice dice_;
  std::vector<Home> homes_;
  std::int64_t now_ms_ = 0;
  std::int64_t base_day_ = 0;
  std::int64_t sent_ = 0;
  std::vector<StreamRecord> past_;
};

}  // namespace pesan
