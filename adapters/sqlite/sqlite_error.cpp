#include "adapters/sqlite/sqlite_error.hpp"

#include <cerrno>
#include <system_error>

#include <fmt/format.h>
#include <sqlite3.h>

namespace pesan::sqlite {
namespace {

/// Some file systems say "full" only when the page is synced or the shared index grows: SQLite
/// reports those as I/O errors, and errno knows better.
bool disk_is_full(const Refusal& refusal) noexcept {
  if ((refusal.code & 0xff) == SQLITE_FULL) return true;
  return (refusal.code & 0xff) == SQLITE_IOERR &&
         (refusal.os_error == ENOSPC || refusal.os_error == EDQUOT || refusal.os_error == EFBIG);
}

/// A commit's last frame is what makes it one. While frames were refused for want of space it is
/// not on the disk; only a refused sync leaves that open.
bool only_full(const Refusal& refusal) noexcept {
  const bool sync = refusal.code == SQLITE_IOERR_FSYNC || refusal.code == SQLITE_IOERR_DIR_FSYNC;
  return disk_is_full(refusal) && !(refusal.committing && sync);
}

}  // namespace

FailureKind classify(const Refusal& refusal) noexcept {
  switch (refusal.code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:  // lost a race for the WAL's locks, many times in a row
    case SQLITE_INTERRUPT: return FailureKind::transient;
    case SQLITE_FULL: return FailureKind::transient;
    case SQLITE_IOERR:
      if (only_full(refusal)) return FailureKind::transient;
      // The frames may be on the disk with only the sync refused: recovery could find them.
      return refusal.committing ? FailureKind::unknown : FailureKind::fatal;
    case SQLITE_TOOBIG: return FailureKind::poison;
    default: return FailureKind::fatal;
  }
}

std::string_view advice(const Refusal& refusal) noexcept {
  if (only_full(refusal)) {
    return "The disk (or a quota or size limit) is full. Nothing was written; free some space and "
           "try again.";
  }
  if (disk_is_full(refusal)) {
    return "The disk is full, and whether the last write lasted is not known; free some space and "
           "start again, it will be found out.";
  }
  // SQLite opens a folder, and says that the disk failed when it reads there.
  if (refusal.os_error == EISDIR) return "It is a folder and no file: check the path.";
  switch (refusal.code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return "Another process holds its write lock. Nothing was written; try again, and if it "
             "lasts, look who has the file open (fuser).";
    case SQLITE_INTERRUPT: return "It was interrupted. Nothing was written; try again.";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return refusal.code == SQLITE_READONLY_DBMOVED
                 ? "The file was moved or deleted while it was open. Put it back and start again."
                 : "The file or its folder may not be written by this user. Correct the "
                   "permissions of both (SQLite writes files beside it), or open it for reading.";
    case SQLITE_CANTOPEN:
      return "It is not there, is no plain file, or may not be opened by this user: check the "
             "path, and the permissions of the file, its -wal and -shm files and its folder.";
    case SQLITE_NOTADB:
      return "This is not a SQLite database, or its beginning is damaged. Check the path; if it "
             "is the right file, restore it from a backup. Read models may also be moved away, and "
             "are made anew from the log.";
    case SQLITE_CORRUPT:
      return "The file is damaged. Keep a copy, stop everything that writes to it, and restore it "
             "from a backup. Read models may also be moved away, and are made anew from the log.";
    case SQLITE_IOERR:
      return refusal.committing
                 ? "The disk refused while committing, so whether the last write lasted is not "
                   "known. Look at the disk and the kernel's log, then start again."
                 : "The disk answered with an error. Look at the disk and the kernel's log, then "
                   "start again.";
    case SQLITE_NOMEM:
      return "There is no memory left: give this process more, or less to hold (--remember, "
             "--batch, --memory), and start again.";
    case SQLITE_TOOBIG: return "One value is larger than SQLite can hold.";
    case SQLITE_CONSTRAINT:
      return "What the file holds contradicts what pesan would write: something else changed it. "
             "Restore it from a backup; read models `pesan rebuild` makes anew.";
    case SQLITE_SCHEMA:
    case SQLITE_ERROR:
    case SQLITE_MISMATCH:
      return "The file's tables are not those that this program writes: something else changed "
             "it. Of read models `pesan migrate --store URL` makes what is missing, and says what "
             "differs.";
    default: return "This should not happen: please report it with this message.";
  }
}

Failure describe(const Attempt& attempt, const Refusal& refusal) {
  std::string what = fmt::format("cannot {} {}: {} (SQLite {}", attempt.doing, attempt.path,
                                 attempt.answer, refusal.code);
  if (refusal.os_error != 0) {
    what += fmt::format(", {}", std::generic_category().message(refusal.os_error));
  }
  what += "). ";
  what += advice(refusal);
  return {classify(refusal), std::move(what)};
}

}  // namespace pesan::sqlite
