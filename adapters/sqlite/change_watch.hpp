// Tells waiting readers that the file changed: at once when this process changed it (`notify`),
// within a few ms when another did. Of all waiting threads only one looks at the file, with one
// cheap read that leaves nothing open, and the others sleep. Any thread may call anything.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "adapters/sqlite/database.hpp"

namespace pesan::sqlite {

class ChangeWatch {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static Fallible<std::unique_ptr<ChangeWatch>> open(const OpenOptions& options);

  /// Take it before reading: whatever is committed after that read ends the wait.
  std::uint64_t generation();
  /// True when something changed since `seen`; false when `deadline` passed first.
  Fallible<bool> wait(std::uint64_t seen, Time deadline);
  /// This process committed something.
  void notify();

 private:
  ChangeWatch(Database database, Statement version)
      : database_(std::move(database)), version_(std::move(version)) {}
  /// Whether another connection committed since the last look. Only by the thread that polls.
  Fallible<bool> look();

  Database database_;
  Statement version_;  // PRAGMA data_version
  std::int64_t last_version_ = 0;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::uint64_t generation_ = 0;
  bool polling_ = false;  // somebody looks at the file
  Time last_change_;
};

}  // namespace pesan::sqlite
