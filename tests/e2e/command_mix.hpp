// A stream of commands by seed for tests that care for what happens to the program rather than to
// the rules: a few rooms and services, many bookings, every command of the vocabulary, most of them
// accepted; now and then a line that is broken or sent before. The same seed and day give the same
// lines. One thread.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "events/time.hpp"

namespace pesan::e2e {

class CommandMix {
 public:
  CommandMix(std::uint64_t seed, Date today) : random_(seed), today_(today) {}

  std::string next();
  /// 0 to n − 1
  int below(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }

 private:
  struct Asked {
    std::string type;
    std::string data;
  };
  bool one_in(int n) { return below(n) == 0; }
  std::string day(int first, int last);
  std::string stay();
  std::string customer();
  Asked definition();
  Asked creation();
  Asked change();
  Asked about_resource();

  std::mt19937_64 random_;
  Date today_;
  int sent_ = 0;
  int bookings_ = 0;
  std::string resource_;  // of the command in the making
  std::vector<std::string> past_;
};

}  // namespace pesan::e2e
