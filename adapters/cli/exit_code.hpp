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
  return failure.kind == FailureKind::usage ? wrong_usage : outside_failed;
}

inline int report_usage(std::string_view what) {
  say_failure(what);
  return wrong_usage;
}

}  // namespace pesan::cli
