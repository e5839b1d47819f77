// The loop of `apply`: lines go out, as many at a time as memory is bounded to, and results are
// handed on as they come, until all are answered, nothing goes on any more, or a signal comes. A
// partition that stops delays no other: its lines are given up, the others answered. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "adapters/runtime/apply_session.hpp"
#include "adapters/runtime/roles.hpp"

namespace pesan::runtime {

/// Where lines come from and results go to.
class ApplyEnds {
 public:
  ApplyEnds() = default;
  ApplyEnds(const ApplyEnds&) = delete;
  ApplyEnds& operator=(const ApplyEnds&) = delete;
  virtual ~ApplyEnds() = default;

  /// Lines that are there and may be sent, waiting at most `wait` for the first. A failure sends
  /// neither them nor any later one.
  virtual Fallible<std::vector<std::string>> next(std::chrono::milliseconds wait) = 0;
  virtual bool at_end() const = 0;
  /// Results that the session printed are many, and wait to be flushed.
  virtual bool full() const = 0;
  virtual Fallible<void> flush() = 0;
  /// So many commands have their results.
  virtual void went_on(std::int64_t decided) = 0;
};

Fallible<void> run_lines(ApplyEnds& ends, Log& log, ApplySession& session, const Roles& roles);

}  // namespace pesan::runtime
