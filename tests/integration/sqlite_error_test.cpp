// What each SQLite answer means, as a table.

#include "adapters/sqlite/sqlite_error.hpp"

#include <cerrno>
#include <vector>

#include <gtest/gtest.h>
#include <sqlite3.h>

namespace pesan::sqlite {
namespace {

struct Row {
  Refusal refusal;
  FailureKind kind;
  const char* advice;  // words that the operator must find
};

const std::vector<Row> table{
    {{.code = SQLITE_BUSY}, FailureKind::transient, "Another process"},
    {{.code = SQLITE_BUSY, .committing = true}, FailureKind::transient, "Nothing was written"},
    {{.code = SQLITE_BUSY_SNAPSHOT}, FailureKind::transient, "Another process"},
    {{.code = SQLITE_BUSY_RECOVERY}, FailureKind::transient, "Another process"},
    {{.code = SQLITE_LOCKED}, FailureKind::transient, "Another process"},
    {{.code = SQLITE_PROTOCOL}, FailureKind::transient, "Another process"},
    {{.code = SQLITE_INTERRUPT}, FailureKind::transient, "try again"},
    {{.code = SQLITE_FULL}, FailureKind::transient, "free some space"},
    {{.code = SQLITE_FULL, .committing = true}, FailureKind::transient, "Nothing was written"},
    {{.code = SQLITE_IOERR_WRITE, .os_error = ENOSPC}, FailureKind::transient, "free some space"},
    {{.code = SQLITE_IOERR_WRITE, .os_error = EFBIG, .committing = true},
     FailureKind::transient,
     "Nothing was written"},
    {{.code = SQLITE_IOERR_SHMSIZE, .os_error = EDQUOT}, FailureKind::transient, "quota"},
    {{.code = SQLITE_IOERR_FSYNC, .os_error = ENOSPC, .committing = true},
     FailureKind::unknown,
     "not known"},
    {{.code = SQLITE_IOERR_FSYNC, .os_error = EIO, .committing = true},
     FailureKind::unknown,
     "kernel's log"},
    {{.code = SQLITE_IOERR_WRITE, .os_error = EIO, .committing = true},
     FailureKind::unknown,
     "not known"},
    {{.code = SQLITE_IOERR_READ, .os_error = EIO}, FailureKind::fatal, "kernel's log"},
    {{.code = SQLITE_IOERR_READ, .os_error = EISDIR}, FailureKind::fatal, "It is a folder"},
    {{.code = SQLITE_IOERR_SHORT_READ}, FailureKind::fatal, "kernel's log"},
    {{.code = SQLITE_READONLY}, FailureKind::fatal, "permissions"},
    {{.code = SQLITE_READONLY_DIRECTORY}, FailureKind::fatal, "permissions"},
    {{.code = SQLITE_READONLY_DBMOVED}, FailureKind::fatal, "moved or deleted"},
    {{.code = SQLITE_PERM}, FailureKind::fatal, "permissions"},
    {{.code = SQLITE_AUTH}, FailureKind::fatal, "permissions"},
    {{.code = SQLITE_CANTOPEN}, FailureKind::fatal, "check the path"},
    {{.code = SQLITE_CANTOPEN_ISDIR}, FailureKind::fatal, "check the path"},
    {{.code = SQLITE_NOTADB}, FailureKind::fatal, "not a SQLite database"},
    {{.code = SQLITE_CORRUPT}, FailureKind::fatal, "restore it from a backup"},
    {{.code = SQLITE_CORRUPT_INDEX}, FailureKind::fatal, "restore it from a backup"},
    {{.code = SQLITE_NOMEM}, FailureKind::fatal, "give this process more"},
    {{.code = SQLITE_TOOBIG}, FailureKind::poison, "larger than SQLite"},
    {{.code = SQLITE_CONSTRAINT_UNIQUE}, FailureKind::fatal, "something else changed it"},
    {{.code = SQLITE_SCHEMA}, FailureKind::fatal, "tables are not those"},
    {{.code = SQLITE_ERROR}, FailureKind::fatal, "tables are not those"},
    {{.code = SQLITE_MISUSE}, FailureKind::fatal, "report it"},
    {{.code = SQLITE_RANGE}, FailureKind::fatal, "report it"},
    {{.code = 99}, FailureKind::fatal, "report it"},
};

TEST(SqliteError, EveryAnswerHasItsKindAndSaysWhatToDo) {
  for (const auto& row : table) {
    EXPECT_EQ(classify(row.refusal), row.kind)
        << sqlite3_errstr(row.refusal.code) << ", code " << row.refusal.code;
    EXPECT_NE(advice(row.refusal).find(row.advice), std::string_view::npos)
        << "code " << row.refusal.code << ": " << advice(row.refusal);
  }
}

TEST(SqliteError, TheSentenceNamesWhatWasTriedTheFileAndTheAnswer) {
  const auto failure = describe({.doing = "commit to", .path = "/d/log.db", .answer = "disk full"},
                                {.code = SQLITE_FULL, .os_error = ENOSPC, .committing = true});
  EXPECT_EQ(failure.kind, FailureKind::transient);
  EXPECT_EQ(failure.what,
            "cannot commit to /d/log.db: disk full (SQLite 13, No space left on device). The disk "
            "(or a quota or size limit) is full. Nothing was written; free some space and try "
            "again.");
}

}  // namespace
}  // namespace pesan::sqlite
