// What a command does that waits for others: it says now and then whose work is missing, and ends
// on a signal with what is known. One thread waits; signals may come to any.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace pesan::cli {

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

/// From now on the first SIGINT or SIGTERM is only noted, unless it is ignored; one that comes a
/// second later, or more, ends the process at once.
void heed_interruption();
/// The signal that came; 0: none.
int interruption();
/// As if the signal had not been heeded, so that the parent of this process sees it.
void end_by_signal(int number);

}  // namespace pesan::cli
