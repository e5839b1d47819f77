#include "adapters/http/v1/openapi.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "adapters/http/v1/command.hpp"
#include "adapters/http/v1/openapi_parts.hpp"
#include "adapters/http/v1/route.hpp"
#include "events/assert.hpp"
#include "events/fields.hpp"
#include "events/pretty_json.hpp"
#include "events/schema_text.hpp"

namespace pesan::http::v1 {
namespace {

using namespace described;  // NOLINT: the makers of parts

enum class Answers : std::uint8_t { row, rows, other };

/// What a task is called, and what its answer is.
struct TaskRow {
  Task task;
  std::string_view name;
  std::string_view summary;
  std::string_view schema{};  // of components
  Answers answers = Answers::row;
};

constexpr std::array task_rows{
    TaskRow{Task::commands, "sendCommands", "Sends one command, or up to 500", "Outcomes",
            Answers::other},
    TaskRow{Task::result, "getResult", "What became of a command", "CommandAccepted",
            Answers::other},
    TaskRow{Task::rooms, "listRooms", "The room types", "room_availability", Answers::rows},
    TaskRow{Task::room, "getRoom", "A room type", "room_availability"},
    TaskRow{Task::nights, "listNights", "What is free of a room type, night by night", "Night",
            Answers::rows},
    TaskRow{Task::services, "listServices", "The services", "service", Answers::rows},
    TaskRow{Task::service, "getService", "A service", "service"},
    TaskRow{Task::slots, "listSchedules", "The slots of a service, in the order of the day",
            "schedule_capacity", Answers::rows},
    TaskRow{Task::slot, "getSchedule", "A slot", "schedule_capacity"},
    TaskRow{Task::bookings, "listBookings", "Bookings", "booking", Answers::rows},
    TaskRow{Task::booking, "getBooking", "A booking", "booking"},
    TaskRow{Task::history, "listHistory", "What happened to a booking", "booking_history",
            Answers::rows},
    TaskRow{Task::payments, "listPayments", "The payments of a booking", "payment", Answers::rows},
    TaskRow{Task::customers, "listCustomers", "Customers", "customer", Answers::rows},
    TaskRow{Task::customer, "getCustomer", "A customer", "customer"},
    TaskRow{Task::bookings_of_customer, "listBookingsOfCustomer", "The bookings of a customer",
            "booking", Answers::rows},
    TaskRow{Task::status, "getStatus", "How far the log and its rows are", "Status"},
    TaskRow{Task::openapi, "getOpenapi", "This description", "Description"},
    TaskRow{Task::asyncapi, "getAsyncapi", "The description of the topics", "Description"},
    TaskRow{Task::problem, "getProblem", "What a problem means", "ProblemPage"},
};

const TaskRow& row_of(Task task) {
  const auto* found = std::ranges::find(task_rows, task, &TaskRow::task);
  PESAN_ASSERT(found != task_rows.end(), "a task that is not described");
  return *found;
}

/// `resource`, then `schedule_id` of `/v1/services/{resource}/schedules/{schedule_id}`.
std::vector<std::string_view> names_in(std::string_view path) {
  std::vector<std::string_view> names;
  for (std::size_t at = path.find('{'); at != path.npos; at = path.find('{', at + 1)) {
    names.push_back(path.substr(at + 1, path.find('}', at) - at - 1));
  }
  return names;
}

/// `createBooking`.
std::string name_of_command(std::string_view command) {
  std::string name(command);
  name.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(name.front())));
  return name;
}

/// The fields of a route's command that neither its path nor its token says.
object body_of(const Route& route) {
  object data = command_data(route.command);
  std::set<std::string_view> said{field::actor.name};  // may be left out
  for (const std::string_view name : names_in(route.path)) {
    said.insert(name);
    if (name == field::booking_id.name) said.insert(field::resource.name);
    data.at("properties").as_object().erase(wire(name));
  }
  if (said.contains(field::resource.name)) {
    data.at("properties").as_object().erase(wire(field::resource.name));
  }
  array required;
  for (const auto& name : data.at("required").as_array()) {
    const auto& text = name.as_string();
    if (!said.contains({text.data(), text.size()})) required.push_back(name);
  }
  data["required"] = required;
  if (required.empty()) data.erase("required");
  return data;
}

object body_for(const Route& route) {
  if (route.task == Task::commands) {
    const object any{
        {"oneOf", array{reference("schemas", "Command"), reference("schemas", "Commands")}}};
    object types = content("application/json", any);
    types["application/cloudevents+json"] = object{{"schema", any}};
    return {{"required", true}, {"content", std::move(types)}};
  }
  object schema = body_of(route);
  const bool needed = schema.contains("required");
  return {{"required", needed}, {"content", content("application/json", std::move(schema))}};
}

bool names_booking(const Route& route) { return route.path.contains("{booking_id}"); }

array parameters_of(const Route& route) {
  array all;
  for (const std::string_view name : names_in(route.path)) {
    all.emplace_back(object{
        {"name", wire(name)}, {"in", "path"}, {"required", true}, {"schema", path_value(name)}});
  }
  for (std::string_view list = route.parameters; !list.empty();) {
    const std::size_t end = std::min(list.find(' '), list.size());
    object named = reference("parameters", list.substr(0, end));
    if (route.task == Task::nights) {  // a range without an end would be endless
      named = parameters().at(wire(list.substr(0, end))).as_object();
      named["required"] = true;
    }
    all.emplace_back(std::move(named));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  if (route.access == Access::open) return all;
  if (route.access != Access::write) {
    all.emplace_back(reference("parameters", "Pesan-Min-Position"));
    return all;
  }
  all.emplace_back(reference("parameters", "Prefer"));
  all.emplace_back(reference("parameters", "Idempotency-Key"));
  if (names_booking(route)) all.emplace_back(reference("parameters", "If-Match"));
  return all;
}

object answer(std::string_view means, object schema,
              std::initializer_list<std::string_view> heads) {
  object made{{"description", wire(means)},
              {"content", content("application/json", std::move(schema))}};
  object headers;
  for (const std::string_view head : heads) {
    headers[wire(head)] = object{{"schema", object{{"type", "string"}}}};
  }
  if (!headers.empty()) made["headers"] = std::move(headers);
  return made;
}

object answers_of(const Route& route) {
  if (route.task == Task::command) {
    const object accepted = reference("schemas", "CommandAccepted");
    object all;
    if (creates(route.command)) {
      all["201"] = answer("It was made.", accepted, {"Location", "ETag", "Pesan-Position"});
    } else {
      all["200"] = answer("It was accepted.", accepted, {"ETag", "Pesan-Position"});
    }
    all["202"] = answer("It is in the log; Location says where to ask for its outcome.",
                        reference("schemas", "InTheLog"), {"Location", "Retry-After"});
    return all;
  }
  const TaskRow& row = row_of(route.task);
  if (route.task == Task::commands) {
    const object one = reference("schemas", "CommandAccepted");
    const object any{{"oneOf", array{reference("schemas", "Outcomes"), one}}};
    return {{"200", answer("Accepted; of an array an outcome each, in its order.", any,
                           {"ETag", "Pesan-Position"})},
            {"201", answer("It was made.", one, {"Location", "ETag", "Pesan-Position"})},
            {"202", answer("It is in the log; Location says where to ask for its outcome.",
                           reference("schemas", "InTheLog"), {"Location", "Retry-After"})}};
  }
  if (route.task == Task::result) {
    const object any{{"oneOf", array{reference("schemas", "CommandAccepted"),
                                     reference("schemas", "CommandRejected")}}};
    return {{"200", answer("Its outcome, a refusal too.", any, {"ETag", "Pesan-Position"})},
            {"202",
             answer("It is not decided yet.", reference("schemas", "Undecided"), {"Retry-After"})}};
  }
  if (row.answers == Answers::rows) {
    return {{"200", answer(row.summary, list_of(row.schema), {"Link"})}};
  }
  if (route.task == Task::booking) {
    return {{"200", answer(row.summary, reference("schemas", row.schema), {"ETag"})}};
  }
  return {{"200", answer(row.summary, reference("schemas", row.schema), {})}};
}

void add_problems(object& answers, const Route& route) {
  std::set<int> statuses{400, 403, 406, 421, 431, 500, 503};
  if (route.access != Access::open) statuses.insert({401, 429});
  if (route.path.contains('{')) statuses.insert(404);
  if (route.task == Task::nights || route.task == Task::result) statuses.insert(409);
  if (route.access == Access::write) {
    statuses.insert({404, 409, 413, 415, 422, 504});
    if (names_booking(route) || route.task == Task::commands) statuses.insert(412);
  }
  for (const int status : statuses) {
    answers[std::to_string(status)] = reference("responses", fmt::format("problem_{}", status));
  }
}

/// `rooms` of `/v1/rooms/{resource}`.
std::string_view tag_of(const Route& route) {
  std::string_view path = route.path.substr(1);
  if (path.starts_with("v1/")) path.remove_prefix(3);
  const std::string_view first = path.substr(0, path.find('/'));
  return first.ends_with(".json") ? "descriptions" : first;
}

object operation(const Route& route) {
  const bool one = route.task == Task::command;
  object made{{"tags", array{wire(tag_of(route))}}};
  made["operationId"] = one ? name_of_command(route.command) : std::string(row_of(route.task).name);
  made["summary"] = one ? wire(route.command) : wire(row_of(route.task).summary);
  if (one) made["description"] = wire(text_of_type(route.command));
  array taken = parameters_of(route);
  if (!taken.empty()) made["parameters"] = std::move(taken);
  if (route.access == Access::write) made["requestBody"] = body_for(route);
  object answers = answers_of(route);
  add_problems(answers, route);
  made["responses"] = std::move(answers);
  if (route.access == Access::open) made["security"] = array{};
  return made;
}

}  // namespace

std::string openapi(std::string_view version) {
  object paths;
  object tags;
  for (const Route& route : routes) {
    std::string method(route.method);
    std::ranges::transform(method, method.begin(), [](unsigned char c) { return std::tolower(c); });
    if (!paths.contains(wire(route.path))) paths[wire(route.path)] = object{};
    paths[wire(route.path)].as_object()[method] = operation(route);
    tags[wire(tag_of(route))] = object{{"name", wire(tag_of(route))}};
  }
  array all_tags;
  for (auto& tag : tags) all_tags.emplace_back(tag.value());
  const object info{{"title", "pesan"},
                    {"version", wire(version)},
                    {"description",
                     "A booking engine: each write is decided exactly once, and is answered when "
                     "its rows show it. docs/http.md says the rest."},
                    {"license", object{{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}};
  const object bearer{{"type", "http"},
                      {"scheme", "bearer"},
                      {"description",
                       "`pesan tokens add` makes one; on loopback none is needed as "
                       "long as there is no file of them."}};
  object components{{"securitySchemes", object{{"bearer", bearer}}}};
  components["schemas"] = schemas();
  components["parameters"] = parameters();
  components["responses"] = problems();
  return pretty_json(object{{"openapi", "3.1.0"},
                            {"info", info},
                            {"servers", array{object{{"url", "/"}}}},
                            {"security", array{object{{"bearer", array{}}}}},
                            {"tags", std::move(all_tags)},
                            {"paths", std::move(paths)},
                            {"components", std::move(components)}});
}

}  // namespace pesan::http::v1
