#include "adapters/sqlite/backup.hpp"

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

namespace pesan::sqlite {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds patience{30};  // while somebody keeps the file to himself
constexpr std::chrono::milliseconds pause{20};
constexpr int all_pages = -1;

std::unexpected<Failure> refused(std::string_view doing, const std::string& path) {
  return fail(FailureKind::fatal,
              fmt::format("cannot {} {}: {}", doing, path, std::generic_category().message(errno)));
}

/// What is renamed stays renamed, also when the power goes.
Fallible<void> sync(const std::string& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC);
  if (file < 0) return refused("open", path);
  const bool synced = ::fsync(file) == 0;
  ::close(file);
  if (!synced) return refused("sync", path);
  return {};
}

/// All pages in one step: in steps of some, a writer in between would make it begin again.
Fallible<void> copy_pages(Database& from, Database& to) {
  sqlite3_backup* backup = sqlite3_backup_init(to.handle(), "main", from.handle(), "main");
  if (backup == nullptr) return std::unexpected(to.failure("begin a copy into"));
  const auto deadline = std::chrono::steady_clock::now() + patience;
  int code = sqlite3_backup_step(backup, all_pages);
  while ((code == SQLITE_BUSY || code == SQLITE_LOCKED) &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(pause);
    code = sqlite3_backup_step(backup, all_pages);
  }
  // What the step was refused for is the copy's error too, whichever of the two files it was.
  if (sqlite3_backup_finish(backup) != SQLITE_OK || code != SQLITE_DONE) {
    return std::unexpected(to.failure(fmt::format("copy {} into", from.path())));
  }
  return {};
}

}  // namespace

Fallible<void> copy_file_in_use(const CopyOptions& options) {
  const std::string part = options.to + ".part";
  {
    auto from = Database::open({.path = options.from, .access = Access::read});
    if (!from) return std::unexpected(from.error());
    const auto known = identify(*from, options.format);
    if (!known) return std::unexpected(known.error());
    auto to = Database::open({.path = part, .access = Access::create});
    if (!to) return std::unexpected(to.error());
    if (auto copied = copy_pages(*from, *to); !copied) return copied;
    // At rest, one file and nothing beside it; a writer gives it a write-ahead log anew.
    if (auto rests = to->execute("PRAGMA journal_mode = DELETE"); !rests) return rests;
  }
  if (auto synced = sync(part, O_RDONLY); !synced) return synced;
  if (::rename(part.c_str(), options.to.c_str()) != 0) return refused("rename", part);
  const auto folder = fs::path(options.to).parent_path();
  return sync(folder.empty() ? "." : folder.string(), O_RDONLY | O_DIRECTORY);
}

}  // namespace pesan::sqlite
