#include "events/schema.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "events/command_fields.hpp"
#include "events/event_fields.hpp"
#include "events/pretty_json.hpp"
#include "events/schema_parts.hpp"

namespace pesan {
namespace {

using namespace schema;  // NOLINT: the makers of parts

bool is_of_log(std::string_view name) {
  return names_one_of(name, static_cast<LogEvents*>(nullptr));
}
bool is_of_booking(std::string_view name) {
  return names_one_of(name, static_cast<BookingEvents*>(nullptr));
}

object short_text() {
  object made{{"type", "string"}, {"minLength", 1}, {"maxLength", limit::short_text}};
  made["pattern"] = wire(no_nul);
  return made;
}

object command_record(std::string_view name) {
  Fields record("command");
  record.required("specversion", always("1.0"));
  record.required("id", short_text());
  record.required("source", short_text());
  record.required("type", always(name));
  record.optional("time", object{{"type", "string"}, {"format", "date-time"}});
  record.optional("traceparent", text());
  record.required("data", command_data(name));
  return std::move(record).finish(false);
}

/// What stands in front of every record that pesan writes.
void add_head(Fields& record, std::string_view name, std::string_view id_pattern,
              std::string_view topic) {
  record.required("specversion", always("1.0"));
  record.required("id", text(id_pattern));
  record.required("source", text("^/pesan/[^/]+/" + std::string(topic) + "$"));
  record.required("type", always(name));
}

void add_place(Fields& record) {
  record.required("time", instant());
  record.required("datacontenttype", always("application/json"));
  record.required("sequence", text("^[0-9]{20}$"));
}

object event_record(std::string_view name) {
  Fields record("event");
  if (is_of_log(name)) {
    const std::string_view id = name == EventName<LogOpened>::value ? "^opened-[0-9]+$"
                                : name == EventName<ClockSwitched>::value
                                    ? "^clock-[0-9]+$"
                                    : "^mended-[0-9]+@[0-9]+$";
    add_head(record, name, id, "events");
    add_place(record);
  } else {
    add_head(record, name, "^[A-Za-z0-9][A-Za-z0-9_-]{0,62}@[0-9]+$", "events");
    record.required("subject", text(is_of_booking(name) ? booking_pattern : resource_pattern));
    add_place(record);
    record.required("version", integer(1));
    record.required(field::resource, text(resource_pattern));
    record.required("causationid", short_text());
    record.required("causationsource", short_text());
    record.optional("traceparent", text());
  }
  record.required("data", event_data(name));
  return std::move(record).finish(false);
}

object customer_event_record(std::string_view name) {
  Fields record("customer_event");
  add_head(record, name, "^[0-9]+$", "customers");
  add_place(record);
  record.required("data", customer_event_data(name));
  return std::move(record).finish(false);
}

object result_record(std::string_view name) {
  Fields record("result");
  add_head(record, name, "^[0-9]+-[0-9]+$", "results");
  record.required("time", instant());
  record.required("datacontenttype", always("application/json"));
  record.optional("traceparent", text());
  record.required("data", result_data(name));
  return std::move(record).finish(false);
}

object record_of(const SchemaName& name) {
  switch (name.kind) {
    case SchemaKind::command: return command_record(name.name);
    case SchemaKind::event: return event_record(name.name);
    case SchemaKind::customer_event: return customer_event_record(name.name);
    case SchemaKind::result: return result_record(name.name);
  }
  return {};
}

template <template <class> class Name, class... Bodies>
void add_names(std::vector<SchemaName>& names, SchemaKind kind, std::variant<Bodies...>*) {
  (names.push_back({kind, Name<Bodies>::value}), ...);
}

}  // namespace

std::vector<SchemaName> schema_names() {
  std::vector<SchemaName> names;
  add_names<CommandName>(names, SchemaKind::command, static_cast<CommandBody*>(nullptr));
  add_names<EventName>(names, SchemaKind::event, static_cast<EventBody*>(nullptr));
  add_names<EventName>(names, SchemaKind::event, static_cast<LogEvents*>(nullptr));
  add_names<EventName>(names, SchemaKind::customer_event, static_cast<CustomerEventBody*>(nullptr));
  for (const auto* const result : {"CommandAccepted", "CommandRejected", "CommandForwarded"}) {
    names.push_back({SchemaKind::result, result});
  }
  return names;
}

std::optional<SchemaName> find_schema(std::string_view name) {
  const auto names = schema_names();
  const auto found =
      std::find_if(names.begin(), names.end(), [&](const auto& n) { return n.name == name; });
  return found == names.end() ? std::nullopt : std::optional(*found);
}

std::string schema_of(const SchemaName& name) {
  object made{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
              {"$id", "https://pesan.example/schemas/" + std::string(name.name) + ".json"},
              {"title", wire(name.name)},
              {"description", wire(text_of_type(name.name))}};
  for (auto& entry : record_of(name)) made.emplace(entry.key(), std::move(entry.value()));
  return pretty_json(made);
}

}  // namespace pesan
