// What a SQLite result code means to pesan: one pure table from code to FailureKind, and the
// sentence that tells an operator what to do about it. Knows codes, not connections. Everything
// here is noexcept or builds a string; any thread may call it.
#pragma once

#include <string>
#include <string_view>

#include "events/failure.hpp"

namespace pesan::sqlite {

/// One refusal by SQLite, with what decides its meaning.
struct Refusal {
  int code = 0;             // the extended result code
  int os_error = 0;         // errno behind it, 0 when there is none
  bool committing = false;  // it answered COMMIT: a lost answer there is not a failed call
};

/// `transient`: nothing was written. `unknown`: a commit whose sync failed may or may not last.
FailureKind classify(const Refusal& refusal) noexcept;

/// What the operator can do, as a sentence; never empty.
std::string_view advice(const Refusal& refusal) noexcept;

/// The whole sentence: what was tried, on which file, what was answered, what to do.
struct Attempt {
  std::string_view doing;   // "append to"
  std::string_view path;    // of the database file
  std::string_view answer;  // SQLite's own words
};
Failure describe(const Attempt& attempt, const Refusal& refusal);

}  // namespace pesan::sqlite
