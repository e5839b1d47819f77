// What SIGINT and SIGTERM ask of a process. Either it looks now and then whether one came, or it
// waits for one. Signals may come to any thread.
#pragma once

#include <chrono>
#include <memory>

namespace pesan::runtime {

/// From now on the first SIGINT or SIGTERM is only noted, unless it is ignored; one that comes a
/// second later, or more, ends the process at once.
void heed_interruption();
/// The signal that came; 0: none.
int interruption();
/// As if the signal had not been heeded, so that the parent of this process sees it.
void end_by_signal(int number);

/// SIGTERM and SIGINT, heeded from the first moment on by a thread that does nothing else: also
/// while others wait for a broker. The first one is a request; a second one ends the process at
/// once, as it would without this, and leaves what a kill leaves. One thread asks.
class StopSignals {
 public:
  StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();
  /// Whether one came, or has come before; waits for it.
  bool come(std::chrono::milliseconds wait);

 private:
  class Listener;
  std::unique_ptr<Listener> listener_;
};

}  // namespace pesan::runtime
