// What an error number of MySQL, MariaDB or their connector means to pesan: one pure table from
// number to FailureKind, and the sentence that tells an operator what to do about it. Knows
// numbers, not connections. Everything here is noexcept or builds a string; any thread.
#pragma once

#include <string>
#include <string_view>

#include "events/failure.hpp"

namespace pesan::mysql {

/// One refusal, with what decides its meaning.
struct Refusal {
  int code = 0;             // the server's error number, or the connector's (2000 and above)
  bool committing = false;  // it answered COMMIT: a lost answer there is not a failed call
};

/// `transient`: nothing was written. `unknown`: a commit whose answer did not come.
FailureKind classify(const Refusal& refusal) noexcept;

/// Whether there is nobody left at the other end to roll back.
bool is_lost(int code) noexcept;

/// Somebody else held a lock too long.
inline constexpr int lock_wait_timeout = 1205;
/// An insert met a row (or a unique value) that is there.
inline constexpr int duplicate_entry = 1062;

/// What the operator can do, as a sentence; never empty.
std::string_view advice(const Refusal& refusal) noexcept;

/// The whole sentence: what was tried, where, what was answered, what to do.
struct Attempt {
  std::string_view doing;   // "write to"
  std::string_view where;   // the database, as the operator named it
  std::string_view answer;  // the server's own words
};
Failure describe(const Attempt& attempt, const Refusal& refusal);

}  // namespace pesan::mysql
