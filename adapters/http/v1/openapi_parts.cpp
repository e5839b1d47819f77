#include "adapters/http/v1/openapi_parts.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "adapters/http/v1/command.hpp"
#include "adapters/http/v1/problem.hpp"
#include "events/assert.hpp"
#include "events/schema.hpp"
#include "projections/row_reader.hpp"

namespace pesan::http::v1::described {
namespace {

object text() { return {{"type", "string"}}; }
object text(std::string_view pattern) { return {{"type", "string"}, {"pattern", wire(pattern)}}; }
object something() { return {{"type", "string"}, {"minLength", 1}}; }
object integer(std::int64_t least = std::numeric_limits<std::int64_t>::min()) {
  object made{{"type", "integer"}, {"format", "int64"}};
  if (least > std::numeric_limits<std::int64_t>::min()) made["minimum"] = least;
  return made;
}

/// Of an object that may grow: all of these are there.
object closed(object properties) {
  array names;
  for (const auto& property : properties) names.emplace_back(property.key());
  return {
      {"type", "object"}, {"required", std::move(names)}, {"properties", std::move(properties)}};
}

object data_of(std::string_view name) {
  const auto found = find_schema(name);
  PESAN_ASSERT(found.has_value(), "a record that has no schema");
  return boost::json::parse(schema_of(*found)).at("properties").at("data").as_object();
}

/// A field of a command, as its schema has it.
object field_of(std::string_view command, std::string_view field) {
  return data_of(command).at("properties").at(wire(field)).as_object();
}

object of_column(const Column& column) {
  switch (column.type) {
    case ColumnType::integer: return integer();
    case ColumnType::boolean: return {{"type", "boolean"}};
    case ColumnType::json: return {{"type", "object"}};
    case ColumnType::date: return {{"type", "string"}, {"format", "date"}};
    case ColumnType::instant: return {{"type", "string"}, {"format", "date-time"}};
    case ColumnType::text:
    case ColumnType::time_of_day:
    case ColumnType::local_minute:
    case ColumnType::local_time: return text();
  }
  return {};
}

/// A command as a CloudEvent of which the gateway adds what is missing.
object event_of(const SchemaName& name) {
  object event = boost::json::parse(schema_of(name)).as_object();
  event.erase("$schema");
  event.erase("$id");
  event["required"] = array{"specversion", "type", "data"};
  auto& required = event.at("properties").at("data").at("required").as_array();
  required.erase(std::ranges::find(required, boost::json::value("actor")));
  return event;
}

object any_of_commands() {
  array all;
  for (const SchemaName& name : schema_names()) {
    if (name.kind == SchemaKind::command) all.emplace_back(reference("schemas", name.name));
  }
  return {{"description", "One command, as a CloudEvent."}, {"oneOf", std::move(all)}};
}

object outcome_of_many() {
  return {{"type", "object"},
          {"required", array{"status"}},
          {"properties", object{{"status", integer(200)},
                                {"location", text()},
                                {"etag", text()},
                                {"position", text()},
                                {"result", object{{"type", "object"}}},
                                {"problem", reference("schemas", "Problem")}}}};
}

object problem() {
  return {{"type", "object"},
          {"description", "A no, as RFC 9457 has it."},
          {"required", array{"type", "title", "status", "detail", "code"}},
          {"properties",
           object{{"type", text("^/problems/[a-z_]+$")},
                  {"title", text()},
                  {"status", object{{"type", "integer"}, {"minimum", 400}, {"maximum", 599}}},
                  {"detail", text()},
                  {"instance", text()},
                  {"code", text("^[a-z_]+$")},
                  {"details", object{{"type", "object"}}}}}};
}

object status() {
  object of_rows = closed({{"sequence", integer(-1)},
                           {"lag_events", integer(0)},
                           {"lag_seconds", object{{"type", "number"}, {"minimum", 0}}}});
  object partition = closed({{"partition", integer(0)},
                             {"waiting_commands", integer(0)},
                             {"waiting_seconds", object{{"type", "number"}, {"minimum", 0}}},
                             {"rows", of_rows}});
  return closed({{"version", text()},
                 {"log_id", text()},
                 {"clock", text()},
                 {"partitions", object{{"type", "array"}, {"items", std::move(partition)}}},
                 {"customers", std::move(of_rows)}});
}

object parameter(std::string_view in, std::string_view name, std::string_view means,
                 object schema) {
  return {{"name", wire(name)},
          {"in", wire(in)},
          {"description", wire(means)},
          {"schema", std::move(schema)}};
}

}  // namespace

object reference(std::string_view kind, std::string_view name) {
  return {{"$ref", fmt::format("#/components/{}/{}", kind, name)}};
}

object content(std::string_view type, object schema) {
  return {{wire(type), object{{"schema", std::move(schema)}}}};
}

object list_of(std::string_view schema) {
  return {{"type", "object"},
          {"required", array{"items"}},
          {"properties",
           object{{"items", object{{"type", "array"}, {"items", reference("schemas", schema)}}},
                  {"next", something()}}}};
}

object command_data(std::string_view command) { return data_of(command); }

object row(Table table) {
  object properties;
  array required;
  for (const Column& column : describe(table).columns) {
    object schema = of_column(column);
    if (column.nullable) schema["type"] = array{schema.at("type"), "null"};
    schema["description"] = wire(column.comment);
    properties[wire(column.name)] = std::move(schema);
    required.emplace_back(wire(column.name));
  }
  return {{"type", "object"},
          {"description", wire(describe(table).comment)},
          {"required", std::move(required)},
          {"properties", std::move(properties)}};
}

object schemas() {
  object all;
  for (const TableDescription& table : tables::all) {
    all[wire(table.name)] = row(static_cast<Table>(&table - tables::all.data()));
  }
  for (const SchemaName& name : schema_names()) {
    if (name.kind == SchemaKind::command) all[wire(name.name)] = event_of(name);
    if (name.kind == SchemaKind::result) all[wire(name.name)] = data_of(name.name);
  }
  all["Command"] = any_of_commands();
  all["Commands"] = object{{"type", "array"},
                           {"maxItems", std::int64_t{most_commands}},
                           {"items", reference("schemas", "Command")}};
  all["Outcomes"] = object{{"type", "array"}, {"items", outcome_of_many()}};
  all["InTheLog"] = closed({{"id", text()}, {"location", text("^/v1/results/[0-9]+-[0-9]+$")}});
  all["Undecided"] = object{{"type", "object"}};
  all["Night"] = closed({{"night", object{{"type", "string"}, {"format", "date"}}},
                         {"total", integer()},
                         {"booked", integer()},
                         {"available", integer()}});
  all["Problem"] = problem();
  all["ProblemPage"] =
      closed({{"type", text()}, {"title", text()}, {"status", integer(400)}, {"advice", text()}});
  all["Status"] = status();
  all["Description"] = object{{"type", "object"}};
  return all;
}

object parameters() {
  const object day = field_of("CreateBooking", "check_in");
  const object number{
      {"type", "integer"}, {"minimum", 0}, {"maximum", std::numeric_limits<std::int64_t>::max()}};
  const object limit{{"type", "integer"},
                     {"minimum", 1},
                     {"maximum", std::int64_t{most_rows_a_page}},
                     {"default", static_cast<std::int64_t>(PageQuestion{}.limit)}};
  object all;
  const auto query = [&](std::string_view name, std::string_view means, object schema) {
    all[wire(name)] = parameter("query", name, means, std::move(schema));
  };
  query("limit", "So many items at most.", limit);
  query("after", "`next` of the page before.", something());
  query("from", "From this date on.", day);
  query("to", "Before this date.", day);
  query("check_in_from", "Stays that begin on this date or later.", day);
  query("check_in_to", "Stays that begin before this date.", day);
  query("available", "Open slots alone, in which something is free.",
        {{"type", "string"}, {"enum", array{"true"}}});
  query("resource", "Of this room type or service.", field_of("CreateBooking", "resource"));
  query("status", "In this status.", field_of("ChangeStatus", "status"));
  query("schedule", "Of this slot.", field_of("AddSchedule", "schedule_id"));
  query("customer", "Of the customer of this code.", something());
  query("ref", "With the caller's own id of the customer.", something());
  query("number", "Of this number.", number);
  query("phone", "With this phone number, as it was given.", something());
  query("email", "With this e-mail address.", something());
  query("name", "What the name begins with.", something());
  const auto header = [&](std::string_view name, std::string_view means, object schema) {
    all[wire(name)] = parameter("header", name, means, std::move(schema));
  };
  header("Prefer", "`wait=SECONDS` bounds the wait, `respond-async` waits for the log alone.",
         text());
  header("Idempotency-Key",
         "The command's id: sent again under the same key it has the same outcome.",
         text(R"(^[!#-\[\]-~]{1,200}$)"));
  header("If-Match", "The ETag that the booking must have.", text(R"re(^("[0-9]{1,18}"|\*)$)re"));
  header("Pesan-Min-Position", "Rows that are at least so far: PARTITION:SEQUENCE, by commas.",
         text("^[0-9]{1,4}:[0-9]{1,18}(,[0-9]{1,4}:[0-9]{1,18})*$"));
  return all;
}

object problems() {
  std::map<unsigned, std::vector<std::string_view>> codes{{412, {"version_conflict"}}};
  for (const ProblemKind& kind : problem_kinds()) codes[kind.status].push_back(kind.code);
  object all;
  for (const auto& [status, names] : codes) {
    object response{
        {"description", fmt::format("{}.", fmt::join(names, ", "))},
        {"content", content("application/problem+json", reference("schemas", "Problem"))}};
    if (status == 401) {
      response["headers"] = object{{"WWW-Authenticate", object{{"schema", text()}}}};
    }
    if (status == 429 || status == 503) {
      response["headers"] = object{{"Retry-After", object{{"schema", integer(0)}}}};
    }
    all[fmt::format("problem_{}", status)] = std::move(response);
  }
  return all;
}

object path_value(std::string_view name) {
  if (name == "resource") return field_of("DefineRoom", "resource");
  if (name == "schedule_id") return field_of("AddSchedule", "schedule_id");
  if (name == "booking_id") return field_of("ChangeStatus", "booking_id");
  if (name == "result") return text("^[0-9]+-[0-9]+$");
  if (name == "name") return text("^[a-z_]+$");
  return something();
}

}  // namespace pesan::http::v1::described
