// A stream of commands by seed for tests that care for what happens to the program rather than to
// the rules: a few rooms and services, many bookings, every command of the vocabulary, most of them
// accepted; now and then a line that is broken or sent before. The same seed and day give the same
// lines. Mixes of several houses stand side by side in one log. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "events/time.hpp"

namespace pesan::e2e {

class CommandMix {
 public:
  /// `house` ends the names of its resources: `villa-7` in the house `-7`.
  CommandMix(std::uint64_t seed, Date today, std::string house = "")
      : random_(seed), today_(today), house_(std::move(house)) {}

  /// An empty or a broken line among them.
  std::string next();
  /// Of the line that `next` gave.
  const std::string& resource() const { return resource_; }
  /// 0 to n − 1
  int below(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }

 private:
  struct Asked {
    std::string type;
    std::string data;
  };
  bool one_in(int n) { return below(n) == 0; }
  bool is_service() const;
  void choose(int home);
  std::string day(int first, int last);
  std::string stay();
  std::string customer();
  Asked definition();
  Asked creation();
  Asked change();
  Asked about_resource();

  std::mt19937_64 random_;
  Date today_;
  std::string house_;
  int home_ = 0;  // of the resource, among the rooms and services
  int sent_ = 0;
  std::array<int, 6> bookings_{};  // with an id of the client's, by resource
  std::string resource_;           // of the command in the making
  std::vector<std::string> past_;
};

}  // namespace pesan::e2e
