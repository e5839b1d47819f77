// The most that the end of a process may take. It goes last: it is met when all else has gone.
#pragma once

#include <atomic>
#include <chrono>
#include <thread>

namespace pesan::runtime {

/// Ends the process where its end takes too long, as when a server holds a step: what that leaves
/// is what a kill leaves, and recovered at the next start.
class Deadline {
 public:
  /// The process ends with this exit code then.
  Deadline(std::chrono::seconds limit, int exit_code);
  /// What mattered is done: what still ends may be cut off.
  void done_is(int exit_code) { exit_code_ = exit_code; }

 private:
  std::atomic<int> exit_code_;
  std::jthread thread_;
};

}  // namespace pesan::runtime
