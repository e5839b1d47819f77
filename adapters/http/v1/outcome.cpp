#include "adapters/http/v1/outcome.hpp"

#include <optional>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "events/assert.hpp"
#include "events/json_document.hpp"
#include "events/json_writer.hpp"
#include "events/result_codec.hpp"

namespace pesan::http::v1 {
namespace {

constexpr std::string_view json_type = "application/json";

void add(Response& response, std::string_view name, std::string value) {
  response.headers.push_back({.name = std::string(name), .value = std::move(value)});
}

/// `data` of a result, as it stands in its record.
std::string data_of(std::string_view record) {
  JsonDocument document;
  const auto* value = document.parse(record);
  PESAN_ASSERT(value != nullptr && value->is_object(), "a result that was decoded is no object");
  return boost::json::serialize(value->get_object().at("data"));
}

void add_position(Response& response, const Result& result) {
  if (result.event) add(response, "ETag", fmt::format("\"{}\"", result.event->value));
  add(response, "Pesan-Position",
      fmt::format("{}:{}", result.partition.value, result.sequence.value));
}

/// It is in the log, and this is all that can be said.
Response accepted(const Sent& sent, const TicketOutcome& outcome) {
  Response response{.status = 202, .content_type = std::string(json_type)};
  const std::string location = result_path(outcome.partition, outcome.offset);
  JsonWriter json(response.body);
  json.begin_object();
  json.key("id");
  json.text(sent.id);
  json.key("location");
  json.plain(location);
  json.end_object();
  add(response, "Location", location);
  add(response, "Retry-After", "1");
  if (sent.respond_async) add(response, "Preference-Applied", "respond-async");
  return response;
}

Response rejected(const Sent& sent, const Result& result) {
  Problem problem = problem_of(*result.code, result.details);
  problem.instance = result_path(result.partition, result.command);
  if (result.code == Code::version_conflict && sent.by_if_match) problem.status = 412;
  Response response = response_of(problem);
  add_position(response, result);
  return response;
}

Response decided(const Sent& sent, const TicketOutcome& outcome) {
  ResultDecoder decoder;
  const auto result = decoder.decode(outcome.result);
  PESAN_ASSERT(result.has_value(), "the desk answers with a result that can be read");
  if (result->kind == Result::Kind::forwarded) {
    Problem problem = problem_of(Mistake::forwarded);
    problem.instance = result_path(result->partition, result->command);
    return response_of(problem);
  }
  if (result->code) return rejected(sent, *result);
  // It is decided, but the rows do not show it: a reader would not yet find it.
  if (outcome.failure) return accepted(sent, outcome);
  Response response{.status = sent.creates ? 201U : 200U,
                    .body = data_of(outcome.result),
                    .content_type = std::string(json_type)};
  if (sent.creates) {
    add(response, "Location",
        result->booking_id ? sent.location + percent_encoded(*result->booking_id) : sent.location);
  }
  add_position(response, *result);
  return response;
}

}  // namespace

std::string result_path(Partition partition, Offset command) {
  return fmt::format("/v1/results/{}-{}", partition.value, command.value);
}

Problem not_taken(const Failure& failure) {
  if (failure.kind == FailureKind::poison || failure.kind == FailureKind::usage) {
    return problem_of(Mistake::too_large);
  }
  spdlog::warn("http: commands were not taken: {}", failure.what);
  Problem problem = problem_of(Mistake::unavailable, "No command was taken.");
  problem.headers.push_back({.name = "Retry-After", .value = "1"});
  return problem;
}

Response answer_of(const Sent& sent, const TicketOutcome& outcome) {
  if (outcome.reached >= Milestone::decided) return decided(sent, outcome);
  const bool lost = outcome.failure && outcome.failure->kind == FailureKind::fatal;
  if (outcome.reached == Milestone::appended && !lost) return accepted(sent, outcome);
  if (outcome.reached < Milestone::appended && outcome.failure &&
      outcome.failure->kind != FailureKind::unknown) {
    return response_of(not_taken(*outcome.failure));
  }
  Problem problem = problem_of(Mistake::outcome_unknown);
  JsonWriter json(problem.details);
  json.begin_object();
  json.key("id");
  json.text(sent.id);
  json.end_object();
  return response_of(problem);
}

Response answer_of_result(std::string_view record) {
  Response response{.status = 200, .body = data_of(record), .content_type = std::string(json_type)};
  ResultDecoder decoder;
  if (const auto result = decoder.decode(record)) add_position(response, *result);
  return response;
}

Response answer_of_all(const std::vector<Response>& answers) {
  Response response{.status = 200, .content_type = std::string(json_type)};
  JsonWriter json(response.body);
  json.begin_array();
  for (const Response& one : answers) {
    json.begin_object();
    json.key("status");
    json.integer(one.status);
    for (const auto& [header, name] :
         {std::pair{"Location", "location"}, {"ETag", "etag"}, {"Pesan-Position", "position"}}) {
      for (const Header& said : one.headers) {
        if (said.name != header) continue;
        json.key(name);
        json.text(said.value);
      }
    }
    json.key(one.status < 400 ? "result" : "problem");
    json.raw(one.body);
    json.end_object();
  }
  json.end_array();
  return response;
}

}  // namespace pesan::http::v1
