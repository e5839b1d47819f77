// The exit codes of the command line (docs/operations.md#exit-codes).
#pragma once

#include <string_view>

#include "adapters/cli/logging.hpp"
#include "events/failure.hpp"

namespace pesan::cli {

enum ExitCode : int {
  done = 0,
  answer_is_no = 1,  // drift found, a line malformed
  wrong_usage = 2,
  outside_failed = 3,
};

/// Says on stderr what failed; the exit code for it.
inline int report(const Failure& failure) {
  say_failure(failure.what);
  return outside_failed;
}

inline int report_usage(std::string_view what) {
  say_failure(what);
  return wrong_usage;
}

/// Of a failure that is `poison` where what was asked for makes no sense.
inline int report_asked(const Failure& failure) {
  return failure.kind == FailureKind::poison ? report_usage(failure.what) : report(failure);
}

}  // namespace pesan::cli
