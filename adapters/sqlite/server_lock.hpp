// Says which process runs what on an embedded log or on its read models: locks in `<file>.lock`,
// which the kernel releases however a process ends. It protects nothing by itself, fencing and
// checkpoints do: it keeps processes from taking each other's work over by mistake. A file has one
// lock by whatever path or symlink it is named. One object is used by one thread.
#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

#include "events/failure.hpp"
#include "events/log.hpp"

namespace pesan::sqlite {

class ServerLock {
 public:
  /// All of `path`'s, until the object goes; nothing when another one holds any part of it.
  static Fallible<std::optional<ServerLock>> try_acquire(const std::string& path);

  /// Holds nothing yet. What it takes it holds until it is released or the object goes.
  static Fallible<ServerLock> open(const std::string& path);
  /// The part that stands for one partition; false when another object holds it.
  Fallible<bool> try_take(TopicPartition place);
  void release(TopicPartition place);

  ServerLock(ServerLock&& other) noexcept;
  ServerLock& operator=(ServerLock&& other) noexcept;
  ~ServerLock();

 private:
  ServerLock(int file, std::string path) : file_(file), path_(std::move(path)) {}
  /// `length` 0: from `begin` to the end of all.
  Fallible<bool> try_lock(off_t begin, off_t length);

  int file_ = -1;
  std::string path_;
};

}  // namespace pesan::sqlite
