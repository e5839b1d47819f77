#include "adapters/sqlite/server_lock.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace pesan::sqlite {
namespace {

/// Only bytes are locked, none is ever written: each partition of each topic has its own.
off_t byte_of(TopicPartition place) {
  return (static_cast<off_t>(place.topic) << 32) + place.partition.value;
}

/// Of an open file description, so that threads and objects of one process exclude each other too.
struct flock range(short type, off_t begin, off_t length) {
  struct flock range{};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  range.l_start = begin;
  range.l_len = length;
  return range;
}

}  // namespace

Fallible<ServerLock> ServerLock::open(const std::string& path) {
  std::error_code ignored;  // then the path stays as it is, and opening says what is wrong
  auto canonical = std::filesystem::weakly_canonical(path, ignored).string();
  if (ignored) canonical = path;
  canonical += ".lock";
  // The file stays when the lock goes: removing it could take the lock from under a newcomer.
  // CLOEXEC, because a lock lives as long as any process that inherited the descriptor.
  const int file = ::open(canonical.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file >= 0) return ServerLock(file, std::move(canonical));
  return fail(FailureKind::fatal,
              fmt::format("cannot open {}: {}. The account that runs pesan must write to that "
                          "folder.",
                          canonical, std::generic_category().message(errno)));
}

Fallible<std::optional<ServerLock>> ServerLock::try_acquire(const std::string& path) {
  auto lock = open(path);
  if (!lock) return std::unexpected(lock.error());
  const auto taken = lock->try_lock(0, 0);
  if (!taken) return std::unexpected(taken.error());
  if (!*taken) return std::nullopt;
  return std::optional<ServerLock>(*std::move(lock));
}

Fallible<bool> ServerLock::try_take(TopicPartition place) { return try_lock(byte_of(place), 1); }

void ServerLock::release(TopicPartition place) {
  auto whole = range(F_UNLCK, byte_of(place), 1);
  static_cast<void>(::fcntl(file_, F_OFD_SETLK, &whole));
}

Fallible<bool> ServerLock::try_lock(off_t begin, off_t length) {
  auto wanted = range(F_WRLCK, begin, length);
  int answer = 0;
  do {
    answer = ::fcntl(file_, F_OFD_SETLK, &wanted);
  } while (answer != 0 && errno == EINTR);
  if (answer == 0) return true;
  if (errno == EAGAIN || errno == EACCES) return false;
  return fail(FailureKind::fatal,
              fmt::format("cannot lock {}: {}. The file system must support locks.", path_,
                          std::generic_category().message(errno)));
}

ServerLock::ServerLock(ServerLock&& other) noexcept
    : file_(std::exchange(other.file_, -1)), path_(std::move(other.path_)) {}

ServerLock& ServerLock::operator=(ServerLock&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(path_, other.path_);
  return *this;
}

ServerLock::~ServerLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace pesan::sqlite
