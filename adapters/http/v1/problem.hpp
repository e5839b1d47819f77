// Every no of /v1 (docs/http.md#errors): a rejection of the engine's, or a mistake that is made of
// HTTP alone, with its status, its name and a sentence that says what to do. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/message.hpp"
#include "events/rejection.hpp"

namespace pesan::http::v1 {

/// What never came as far as an engine.
enum class Mistake : std::uint8_t {
  malformed_request,
  unknown_parameter,
  bad_cursor,
  unauthenticated,
  role_forbids,
  actor_not_yours,
  resource_not_yours,
  no_such_route,
  customer_not_found,
  result_not_found,
  problem_not_found,
  forwarded,
  method_not_allowed,
  not_acceptable,
  too_large,
  unsupported_type,
  wrong_host,
  wrong_origin,
  too_many_requests,
  headers_too_large,
  server_failed,
  unavailable,
  rows_behind,
  outcome_unknown,
};

struct Problem {
  unsigned status = 500;
  std::string_view code;   // a literal
  std::string_view title;  // a literal: one sentence, the same for every problem of this code
  std::string detail;      // what is wrong here, and what to do
  std::string details{};   // a JSON object as text; empty: there are none
  std::string instance{};  // where the outcome stands
  std::vector<Header> headers{};
};

/// A value, or what the caller is told instead.
template <class T>
using Answered = std::expected<T, Problem>;

/// `here` says what is wrong in this request; empty: no more than the mistake's own words.
Problem problem_of(Mistake mistake, std::string_view here = {});
inline std::unexpected<Problem> refuse(Mistake mistake, std::string_view here = {}) {
  return std::unexpected(problem_of(mistake, here));
}

/// `details` are those of the result, as JSON text.
Problem problem_of(Code code, std::string_view details = {});
/// What an HTTP caller is answered for a rejection that no header asked for.
unsigned status_of(Code code);

/// All names, each with its status.
struct ProblemKind {
  std::string_view code;
  unsigned status;
};
std::vector<ProblemKind> problem_kinds();

Response response_of(const Problem& problem);
/// What the server answers by itself (server.hpp), in this form.
Response refusal(unsigned status, std::string_view line);
/// The page that a problem's `type` names; a problem where there is none of that name.
Response page_of_problem(std::string_view code);

}  // namespace pesan::http::v1
