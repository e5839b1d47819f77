// The reading routes of /v1 (docs/http.md#reads): rows by access paths, and results from the log.
// They wait for the store or the log, so they are for threads that may. Any number of threads.
#pragma once

#include <functional>

#include "adapters/http/v1/client.hpp"
#include "adapters/http/v1/route.hpp"
#include "adapters/http/v1/status.hpp"
#include "events/log.hpp"
#include "projections/row_reader.hpp"

namespace pesan::http::v1 {

struct Question {
  const Match& match;
  const Target& target;
  const Client& client;
};

struct Sources {
  RowReader& rows;
  LogReader& log;
  std::function<Fallible<HouseStatus>()> status{};
};

Answered<Response> answer_of(const Question& question, const Sources& sources);

/// What the outside world answered instead of rows; the log says why.
Problem no_rows(const Failure& failure);

}  // namespace pesan::http::v1
