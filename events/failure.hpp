// Failure: what the outside world answers when it does not answer. Ports return it as a value; one
// pure classifier per technology turns error codes into it. It is neither a Rejection (a business
// answer) nor a bug (an assertion).
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace pesan {

enum class FailureKind : std::uint8_t {
  transient,  // nothing happened; the same call may be made again after a pause
  conflict,   // somebody else was first (a newer owner, another checkpoint): reload, decide again
  poison,     // this one record, or image of a state, can never work: set it aside, go on
  unknown,    // the answer was lost: find out before going on
  fatal,      // nothing here will help: stop
  usage,      // a place or an option that a person gave makes no sense: nothing was tried
};

struct Failure {
  FailureKind kind = FailureKind::fatal;
  std::string what;  // a sentence for an operator: what was tried, what was answered, what to do
};

template <class T>
using Fallible = std::expected<T, Failure>;

inline std::unexpected<Failure> fail(FailureKind kind, std::string what) {
  return std::unexpected<Failure>(Failure{kind, std::move(what)});
}

std::string_view name_of(FailureKind kind);

}  // namespace pesan
