// The loop of `apply`: lines go out, as many at a time as memory is bounded to, and results are
// printed as they come, until all are answered, nothing goes on any more, or a signal comes. A
// partition that stops delays no other: its lines are given up, the others answered. One thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "adapters/cli/line_source.hpp"
#include "adapters/cli/terminal/progress.hpp"
#include "adapters/cli/terminal/result_sink.hpp"
#include "adapters/runtime/apply_session.hpp"
#include "adapters/runtime/roles.hpp"

namespace pesan::cli {

inline constexpr LineSource::Most a_batch{.lines = 2'000, .bytes = std::size_t{8} << 20};

/// A look at lines that are about to be sent; a failure sends neither them nor any later one.
using BeforeSending = std::function<Fallible<void>(const std::vector<std::string>&)>;

struct ApplyRun {
  LineSource& lines;
  const BeforeSending& before_sending;
  Log& log;
  ApplySession& session;
  const Roles& roles;
  ResultSink& sink;
  Progress& progress;
};
Fallible<void> run_lines(const ApplyRun& run);

}  // namespace pesan::cli
