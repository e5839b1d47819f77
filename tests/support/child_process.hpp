// A second process of a test, by fork: it runs one function and tells its parent, line by line
// through a pipe, what it has done. It is killed when the object goes. Fork only while the test has
// no other thread and no database open: neither survives a fork.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <sys/types.h>

namespace pesan {

class ChildProcess {
 public:
  /// Writes one number to the parent; it is there even if the child is killed right after.
  using Tell = std::function<void(std::int64_t)>;
  /// Exit code 0 when `work` returns, 1 (and a line on stderr) when it throws.
  explicit ChildProcess(const std::function<void(const Tell&)>& work);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  /// The next number that it told; nothing when it ended without another.
  std::optional<std::int64_t> next();
  /// SIGKILL, and waits until it is gone.
  void kill();
  /// Waits for its end. The exit code, or minus the signal that ended it.
  int wait();

 private:
  pid_t process_ = -1;
  int told_ = -1;
};

}  // namespace pesan
