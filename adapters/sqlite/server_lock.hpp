// Says whether some process runs the roles (engine, registry, projector) on an embedded log: an
// flock on `<log>.lock`, which the kernel releases however that process ends. It protects nothing
// by itself, the writers' fencing does: it keeps a second process from taking over by mistake.
// One per process and log; any thread.
#pragma once

#include <optional>
#include <string>

#include "events/failure.hpp"

namespace pesan::sqlite {

class ServerLock {
 public:
  /// Nothing when another holder has it. The lock is held until the object goes.
  static Fallible<std::optional<ServerLock>> try_acquire(const std::string& log_path);

  ServerLock(ServerLock&& other) noexcept;
  ServerLock& operator=(ServerLock&& other) noexcept;
  ~ServerLock();

 private:
  explicit ServerLock(int file) : file_(file) {}
  int file_ = -1;
};

}  // namespace pesan::sqlite
