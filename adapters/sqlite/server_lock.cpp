#include "adapters/sqlite/server_lock.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

namespace pesan::sqlite {

Fallible<std::optional<ServerLock>> ServerLock::try_acquire(const std::string& log_path) {
  const std::string path = log_path + ".lock";
  // The file stays when the lock goes: removing it could take the lock from under a newcomer.
  // CLOEXEC, because a lock lives as long as any process that inherited the descriptor.
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) {
    return fail(
        FailureKind::fatal,
        fmt::format("cannot open {}: {}. Whoever runs the engine on this log needs to write "
                    "to its folder.",
                    path, std::generic_category().message(errno)));
  }
  ServerLock lock(file);
  int answer = 0;
  do {
    answer = ::flock(file, LOCK_EX | LOCK_NB);
  } while (answer != 0 && errno == EINTR);
  if (answer == 0) return std::optional<ServerLock>(std::move(lock));
  if (errno == EWOULDBLOCK) return std::nullopt;
  return fail(FailureKind::fatal,
              fmt::format("cannot lock {}: {}. The file system must support flock.", path,
                          std::generic_category().message(errno)));
}

ServerLock::ServerLock(ServerLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

ServerLock& ServerLock::operator=(ServerLock&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

ServerLock::~ServerLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace pesan::sqlite
