// What a command does that waits for others: it says now and then whose work is missing. One
// thread.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace pesan::runtime {

/// Says whose work this waits for, ever more rarely: where nobody does it, it would wait for ever
/// without a word.
class Waiting {
 public:
  void went_on();
  /// Warns of it when it is time.
  void look(const std::function<std::string()>& for_whom);

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds first{5};
  static constexpr std::chrono::seconds longest{300};

  Clock::time_point since_ = Clock::now();
  Clock::time_point next_ = since_ + first;
  std::chrono::seconds pause_ = first;
};

}  // namespace pesan::runtime
