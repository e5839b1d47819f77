#include "adapters/http/v1/reads.hpp"

#include <optional>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "adapters/http/v1/lists.hpp"
#include "adapters/http/v1/outcome.hpp"
#include "adapters/http/v1/result_search.hpp"
#include "adapters/http/v1/row_json.hpp"
#include "events/json_writer.hpp"
#include "events/result_codec.hpp"

namespace pesan::http::v1 {
namespace {

constexpr std::int32_t most_nights = 500;

Response json_of(std::string body) {
  return {.status = 200, .body = std::move(body), .content_type = "application/json"};
}

const std::string& named(const Question& question, std::string_view name) {
  return *find(question.match.path, name);
}

std::string resource_of_booking(std::string_view booking_id) {
  return std::string(BookingId(booking_id).resource().text);
}

/// A row that the client may see, or what there is not.
Answered<OwnedRow> row(const Sources& sources, Table table, const RowKey& key,
                       const Problem& missing) {
  auto found = sources.rows.find(table, key);
  if (!found) return std::unexpected(no_rows(found.error()));
  if (!*found) return std::unexpected(missing);
  return **std::move(found);
}

Response one(const Question& question, Table table, const OwnedRow& row) {
  std::string body;
  JsonWriter json(body);
  write_row(json, table, row, question.client.sees_guests());
  Response response = json_of(std::move(body));
  if (table == Table::booking) {
    response.headers.push_back(
        {.name = "ETag", .value = fmt::format("\"{}\"", number_of(table, row, "version"))});
  }
  return response;
}

/// What stands under a resource's id, or under a booking's.
Answered<Response> one_of(const Question& question, const Sources& sources, Table table,
                          const RowKey& key, Code missing) {
  auto found = row(sources, table, key, problem_of(missing));
  if (!found) return std::unexpected(found.error());
  return one(question, table, *found);
}

Answered<Date> date_in(const Question& question, std::string_view name) {
  const std::string* text = find(question.target.query, name);
  const auto date = text == nullptr ? std::nullopt : parse_date(*text);
  if (!date) {
    return refuse(Mistake::malformed_request,
                  fmt::format("{} is a date such as 2031-12-01, and must be there.", name));
  }
  return *date;
}

/// Each night from `from` on and before `to`, also those that nobody ever held.
Answered<Response> nights(const Question& question, const Sources& sources) {
  const std::string& resource = named(question, "resource");
  const auto from = date_in(question, "from");
  if (!from) return std::unexpected(from.error());
  const auto to = date_in(question, "to");
  if (!to) return std::unexpected(to.error());
  if (to->days <= from->days || to->days - from->days > most_nights) {
    return refuse(Mistake::malformed_request,
                  fmt::format("`to` is 1 to {} days after `from`.", most_nights));
  }
  const auto room = row(sources, Table::room_availability, std::string_view(resource),
                        problem_of(Code::resource_not_found));
  if (!room) return std::unexpected(room.error());
  if (text_of(Table::room_availability, *room, "inventory") != name_of(Inventory::nightly)) {
    return std::unexpected(problem_of(Code::wrong_resource_kind));
  }
  const auto page = sources.rows.page({.path = Path::nights_of_room,
                                       .equal = {std::string_view(resource)},
                                       .from = Value(*from),
                                       .until = Value(*to),
                                       .limit = most_rows_a_page});
  if (!page) return std::unexpected(no_rows(page.error()));
  const std::int64_t total = number_of(Table::room_availability, *room, "total_units");
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("items");
  json.begin_array();
  auto held = page->rows.begin();
  for (Date night = *from; night < *to; ++night.days) {
    const std::string day = to_string(night);
    std::int64_t booked = 0;
    if (held != page->rows.end() && text_of(Table::room_night, *held, "night") == day) {
      booked = number_of(Table::room_night, *held++, "booked_units");
    }
    json.begin_object();
    json.key("night");
    json.plain(day);
    json.key("total");
    json.integer(total);
    json.key("booked");
    json.integer(booked);
    json.key("available");
    json.integer(total - booked);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return json_of(std::move(body));
}

Answered<Response> result(const Question& question, const Sources& sources) {
  const auto place = parse_command_place(named(question, "result"));
  if (!place) return refuse(Mistake::result_not_found);
  auto found = find_result(sources.log, *place);
  if (!found) return std::unexpected(no_rows(found.error()));
  switch (found->kind) {
    case ResultFound::Kind::nowhere: return refuse(Mistake::result_not_found);
    case ResultFound::Kind::undecided:
      // Whose it is nobody knows yet, and this says nothing of it.
      return Response{.status = 202,
                      .body = "{}",
                      .content_type = "application/json",
                      .headers = {{.name = "Retry-After", .value = "1"}}};
    case ResultFound::Kind::decided: break;
  }
  ResultDecoder decoder;
  const auto decoded = decoder.decode(found->record);
  if (!decoded) return refuse(Mistake::result_not_found);
  if (auto may = check_resource(question.client, decoded->resource.value_or("")); !may) {
    return std::unexpected(may.error());
  }
  if (decoded->kind == Result::Kind::forwarded) return refuse(Mistake::forwarded);
  return answer_of_result(found->record);
}

Answered<Response> status(const Sources& sources) {
  const auto now = sources.status();
  if (!now) return std::unexpected(no_rows(now.error()));
  return json_of(v1::json_of(*now));
}

/// The history and the payments of a booking that is deleted are still there.
Answered<Response> of_booking(const Question& question, const Sources& sources, Path path) {
  const std::string& booking = named(question, "booking_id");
  return answer_of(question, {.path = path, .equal = {std::string_view(booking)}}, sources.rows);
}

/// Before anything is looked for, so that a refusal does not say what is there.
Answered<void> check_path(const Question& question) {
  if (const auto* resource = find(question.match.path, "resource")) {
    return check_resource(question.client, *resource);
  }
  if (const auto* booking = find(question.match.path, "booking_id")) {
    return check_resource(question.client, resource_of_booking(*booking));
  }
  return {};
}

Answered<Response> answer(const Question& question, const Sources& sources) {
  const auto id = [&](std::string_view name) { return std::string_view(named(question, name)); };
  switch (question.match.route->task) {
    case Task::result: return result(question, sources);
    case Task::rooms: return resources(question, Path::rooms, sources.rows);
    case Task::services: return resources(question, Path::services, sources.rows);
    case Task::nights: return nights(question, sources);
    case Task::slots: return slots(question, sources.rows);
    case Task::bookings: return bookings(question, sources.rows);
    case Task::customers: return customers(question, sources.rows);
    case Task::bookings_of_customer:
      return bookings_of_customer(question, id("code"), sources.rows);
    case Task::history: return of_booking(question, sources, Path::history_of_booking);
    case Task::payments: return of_booking(question, sources, Path::payments_of_booking);
    case Task::room:
      return one_of(question, sources, Table::room_availability, id("resource"),
                    Code::resource_not_found);
    case Task::service:
      return one_of(question, sources, Table::service, id("resource"), Code::resource_not_found);
    case Task::slot:
      return one_of(question, sources, Table::schedule_capacity,
                    {Value(id("resource")), Value(id("schedule_id"))}, Code::schedule_not_found);
    case Task::booking:
      return one_of(question, sources, Table::booking, id("booking_id"), Code::booking_not_found);
    case Task::customer: {
      const auto found =
          row(sources, Table::customer, id("code"), problem_of(Mistake::customer_not_found));
      if (!found) return std::unexpected(found.error());
      return one(question, Table::customer, *found);
    }
    case Task::status: return status(sources);
    case Task::openapi:
    case Task::asyncapi:
    case Task::problem:
    case Task::command:
    case Task::commands: break;
  }
  PESAN_ASSERT(false, "a route that asks for no rows is no question");
  return {};
}

}  // namespace

Problem no_rows(const Failure& failure) {
  spdlog::warn("http: a question was not answered: {}", failure.what);
  Problem problem = problem_of(Mistake::unavailable);
  problem.headers.push_back({.name = "Retry-After", .value = "1"});
  return problem;
}

Answered<Response> answer_of(const Question& question, const Sources& sources) {
  if (auto may = check_path(question); !may) return std::unexpected(may.error());
  return answer(question, sources);
}

}  // namespace pesan::http::v1
