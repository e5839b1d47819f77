#include "adapters/http/v1/problem.hpp"

#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include "events/json_writer.hpp"

namespace pesan::http::v1 {
namespace {

struct MistakeRow {
  Mistake mistake;
  std::string_view code;
  unsigned status;
  std::string_view title;
  std::string_view advice;
};

constexpr std::array mistakes{
    MistakeRow{Mistake::malformed_request, "malformed_request", 400, "The request cannot be read.",
               "Mend what the details name, and send it again."},
    MistakeRow{Mistake::unknown_parameter, "unknown_parameter", 400,
               "The query has a parameter that this route does not take as it stands.",
               "docs/http.md lists the parameters of each route."},
    MistakeRow{Mistake::bad_cursor, "bad_cursor", 400, "The cursor is none of this list's.",
               "Take `next` of the page before, with the same filter; or begin without `after`."},
    MistakeRow{Mistake::unauthenticated, "unauthenticated", 401,
               "The request brings no token that is known here.",
               "Send `Authorization: Bearer TOKEN`; `pesan tokens add` makes one."},
    MistakeRow{Mistake::role_forbids, "role_forbids", 403, "The token's role does not allow this.",
               "Use a token of a role that does: `pesan tokens add NAME --role ROLE`."},
    MistakeRow{Mistake::actor_not_yours, "actor_not_yours", 403,
               "The body names another actor than the token's.",
               "Leave `actor` out, or use a token that was made with --any-actor."},
    MistakeRow{Mistake::resource_not_yours, "resource_not_yours", 403,
               "The token is not for this resource.", "Use a token whose --resources have it."},
    MistakeRow{Mistake::no_such_route, "no_such_route", 404, "There is nothing at this path.",
               "docs/http.md lists the routes; a path has no slash at its end."},
    MistakeRow{Mistake::customer_not_found, "customer_not_found", 404, "There is no such customer.",
               "Look for the customer by phone, email or name."},
    MistakeRow{Mistake::result_not_found, "result_not_found", 404,
               "There is no command at this position.",
               "Use the Location that the write was answered with."},
    MistakeRow{Mistake::problem_not_found, "problem_not_found", 404,
               "There is no problem of this name.", "docs/http.md lists them."},
    MistakeRow{Mistake::forwarded, "forwarded", 409,
               "The command was forwarded to another partition, and is decided there.",
               "The gateway that sent it counts other partitions than the log has: it must be "
               "started again."},
    MistakeRow{Mistake::method_not_allowed, "method_not_allowed", 405,
               "This path does not take that method.", "Use one of those that Allow names."},
    MistakeRow{Mistake::not_acceptable, "not_acceptable", 406,
               "Answers are JSON, which the request does not accept.",
               "Accept application/json, or send no Accept."},
    MistakeRow{Mistake::too_large, "too_large", 413, "The request is too large.",
               "Send at most 64 KiB; an array of at most 500 commands may have 4 MiB."},
    MistakeRow{Mistake::unsupported_type, "unsupported_type", 415,
               "The body is of a type that this route does not read.",
               "Send application/json (application/cloudevents+json to /v1/commands), in UTF-8 and "
               "without a Content-Encoding."},
    MistakeRow{Mistake::wrong_host, "wrong_host", 421, "This server does not go by that name.",
               "Use the address that it listens on, or start it with --http-name NAME."},
    MistakeRow{Mistake::wrong_origin, "wrong_origin", 403,
               "A page of another site asks in this browser's name.",
               "Call this server from a program, or from a page of its own."},
    MistakeRow{Mistake::too_many_requests, "too_many_requests", 429,
               "This client asks too much at a time.",
               "Wait as long as Retry-After says, and send it again under the same key."},
    MistakeRow{Mistake::headers_too_large, "headers_too_large", 431,
               "The request line or the headers are too long.", "Send at most 8 KiB of them."},
    MistakeRow{Mistake::server_failed, "server_failed", 500, "This server failed.",
               "Its log says why. What was sent under a key may be sent again under it."},
    MistakeRow{Mistake::unavailable, "unavailable", 503, "This server cannot answer now.",
               "Send it again in a moment, under the same key."},
    MistakeRow{Mistake::rows_behind, "rows_behind", 503,
               "The rows are not yet as far as the request wants them.",
               "Ask again in a moment; where it stays so, a projector stands still."},
    MistakeRow{Mistake::outcome_unknown, "outcome_unknown", 504,
               "It is not known whether the command is in the log.",
               "Send it again under the same key: it is carried out once at most."},
};

struct CodeAnswer {
  Code code;
  unsigned status;
  std::string_view advice;
};

constexpr std::array answers{
    CodeAnswer{Code::malformed, 400, "Mend what the details name, and send it again."},
    CodeAnswer{Code::unknown_type, 400, "`pesan schema` lists the commands."},
    CodeAnswer{Code::idempotency_conflict, 422, "Send another command under a key of its own."},
    CodeAnswer{Code::invalid_field, 422, "Mend the field, and send it under a new key."},
    CodeAnswer{Code::invalid_range, 422, "Mend the range, and send it under a new key."},
    CodeAnswer{Code::resource_exists, 409, "Change the one that is there, or take another name."},
    CodeAnswer{Code::resource_not_found, 404, "Define it first, or mend its name."},
    CodeAnswer{Code::wrong_resource_kind, 409,
               "Rooms take dates and services take slots: name one of the kind that is meant."},
    CodeAnswer{Code::booking_exists, 409, "Take another booking_id, or leave it out."},
    CodeAnswer{Code::booking_not_found, 404, "Mend its id: it was never made, or is deleted."},
    CodeAnswer{Code::schedule_exists, 409, "Change the one that is there, or take another id."},
    CodeAnswer{Code::schedule_not_found, 404, "Add the schedule first, or mend its id."},
    CodeAnswer{Code::schedule_in_use, 409, "Move or cancel its bookings first."},
    CodeAnswer{Code::version_conflict, 409, "Read the booking again, and decide anew."},
    CodeAnswer{Code::forbidden_actor, 403, "Ask somebody who may."},
    CodeAnswer{Code::resource_inactive, 409, "Make the resource active, or take another one."},
    CodeAnswer{Code::schedule_closed, 409, "Open the schedule, or take another one."},
    CodeAnswer{
        Code::not_in_time, 422,
        "Choose a time that is still to come; a guest is checked in between the stay's dates."},
    CodeAnswer{Code::party_too_large, 422, "Take more units, or a room that has place for all."},
    CodeAnswer{Code::stay_restriction, 422, "Choose a stay of a length that the room takes."},
    CodeAnswer{Code::already_checked_in, 409, "Nothing is left to do, or check out first."},
    CodeAnswer{Code::not_checked_in, 409, "Check in first."},
    CodeAnswer{Code::already_checked_out, 409, "Nothing is left to do."},
    CodeAnswer{Code::invalid_transition, 409, "Read the booking: its status allows other steps."},
    CodeAnswer{Code::capacity_below_allocated, 409, "Move or cancel bookings first."},
    CodeAnswer{Code::capacity_exceeded, 409, "Choose other dates, another slot or fewer units."},
    CodeAnswer{Code::engine_failed, 500, "Ask the operator of this system why."},
    CodeAnswer{Code::booking_archived, 409, "Make a new booking."},
    CodeAnswer{Code::not_due, 409, "Nothing is to be done: engines send timers when they are due."},
};
static_assert(answers.size() == code_table.size());

/// Both tables are looked up by number, and a name means one thing.
static_assert([] {
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (static_cast<std::size_t>(answers[i].code) != i) return false;
  }
  for (std::size_t i = 0; i < mistakes.size(); ++i) {
    if (static_cast<std::size_t>(mistakes[i].mistake) != i) return false;
    for (const CodeRow& row : code_table) {
      if (row.name == mistakes[i].code) return false;
    }
  }
  return true;
}());

constexpr const MistakeRow& row_of(Mistake mistake) {
  return mistakes[static_cast<std::size_t>(mistake)];
}
constexpr const CodeAnswer& answer_of(Code code) { return answers[static_cast<std::size_t>(code)]; }

Response json(unsigned status, std::string body, std::string_view type) {
  return {.status = status, .body = std::move(body), .content_type = std::string(type)};
}

std::string page(std::string_view code, std::string_view title, unsigned status,
                 std::string_view advice) {
  std::string body;
  JsonWriter writer(body);
  writer.begin_object();
  writer.key("type");
  writer.plain(fmt::format("/problems/{}", code));
  writer.key("title");
  writer.text(title);
  writer.key("status");
  writer.integer(status);
  writer.key("advice");
  writer.text(advice);
  writer.end_object();
  return body;
}

}  // namespace

Problem problem_of(Mistake mistake, std::string_view here) {
  const MistakeRow& row = row_of(mistake);
  return {
      .status = row.status,
      .code = row.code,
      .title = row.title,
      .detail = here.empty() ? std::string(row.advice) : fmt::format("{} {}", here, row.advice)};
}

Problem problem_of(Code code, std::string_view details) {
  const CodeAnswer& answer = answer_of(code);
  return {.status = answer.status,
          .code = name_of(code),
          .title = message_of(code),
          .detail = fmt::format("{} {}", message_of(code, details), answer.advice),
          .details = std::string(details)};
}

unsigned status_of(Code code) { return answer_of(code).status; }

std::vector<ProblemKind> problem_kinds() {
  std::vector<ProblemKind> kinds;
  for (const CodeAnswer& answer : answers) {
    kinds.push_back({.code = name_of(answer.code), .status = answer.status});
  }
  for (const MistakeRow& row : mistakes) kinds.push_back({.code = row.code, .status = row.status});
  return kinds;
}

Response response_of(const Problem& problem) {
  std::string body;
  JsonWriter writer(body);
  writer.begin_object();
  writer.key("type");
  writer.plain(fmt::format("/problems/{}", problem.code));
  writer.key("title");
  writer.text(problem.title);
  writer.key("status");
  writer.integer(problem.status);
  writer.key("detail");
  writer.text(problem.detail);
  if (!problem.instance.empty()) {
    writer.key("instance");
    writer.text(problem.instance);
  }
  writer.key("code");
  writer.plain(problem.code);
  if (!problem.details.empty()) {
    writer.key("details");
    writer.raw(problem.details);
  }
  writer.end_object();
  Response response = json(problem.status, std::move(body), "application/problem+json");
  response.headers = problem.headers;
  return response;
}

Response refusal(unsigned status, std::string_view line) {
  for (const Mistake mistake :
       {Mistake::malformed_request, Mistake::too_large, Mistake::headers_too_large,
        Mistake::unavailable, Mistake::outcome_unknown}) {
    if (row_of(mistake).status != status) continue;
    return response_of(problem_of(mistake, fmt::format("The server says: {}.", line)));
  }
  return response_of(problem_of(Mistake::server_failed));
}

Response page_of_problem(std::string_view code) {
  if (const auto known = parse_enum<Code>(code)) {
    return json(200, page(code, message_of(*known), status_of(*known), answer_of(*known).advice),
                "application/json");
  }
  for (const MistakeRow& row : mistakes) {
    if (row.code == code) {
      return json(200, page(code, row.title, row.status, row.advice), "application/json");
    }
  }
  return response_of(problem_of(Mistake::problem_not_found));
}

}  // namespace pesan::http::v1
