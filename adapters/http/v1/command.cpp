#include "adapters/http/v1/command.hpp"

#include <optional>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "events/command_fields.hpp"
#include "events/command_reader.hpp"
#include "events/json_document.hpp"
#include "events/result_codec.hpp"

namespace pesan::http::v1 {
namespace {

namespace json = boost::json;

std::optional<std::string> text_in(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  const auto* text = value == nullptr ? nullptr : value->if_string();
  if (text == nullptr) return std::nullopt;
  return std::string(text->data(), text->size());
}

/// Its values live as long as the document, until it reads again.
Answered<const json::value*> parse(JsonDocument& document, std::string_view body) {
  const auto* value = document.parse(body);
  if (value != nullptr) return value;
  const JsonFault& fault = document.fault();
  return refuse(Mistake::malformed_request,
                fmt::format("The body is no JSON: {} (at byte {}).", fault.reason, fault.at + 1));
}

/// The token's actor, but for tokens that may write for any: there the body's stands.
Answered<void> put_actor(json::object& data, const Client& client) {
  const json::object own{{"type", name_of(client.actor_type)}, {"id", client.actor_id}};
  const auto* named = data.if_contains("actor");
  if (named == nullptr) {
    data["actor"] = own;
  } else if (!client.any_actor && *named != json::value(own)) {
    return refuse(Mistake::actor_not_yours);
  }
  return {};
}

/// Where what a command creates stands; "" where it creates nothing. A booking's id is the
/// engine's to give.
std::string location_of(std::string_view type, const json::object& data) {
  const auto encoded = [&](std::string_view name) {
    return percent_encoded(text_in(data, name).value_or(""));
  };
  if (type == CommandName<DefineRoom>::value) return "/v1/rooms/" + encoded("resource");
  if (type == CommandName<DefineService>::value) return "/v1/services/" + encoded("resource");
  if (type == CommandName<AddSchedule>::value) {
    return fmt::format("/v1/services/{}/schedules/{}", encoded("resource"), encoded("schedule_id"));
  }
  if (type == CommandName<CreateBooking>::value) return "/v1/bookings/";
  return {};
}

/// The event with who, under which key and on which condition. What is no command at all is refused
/// here: it would be a dead letter.
Answered<BuiltCommand> built(json::object event, std::string source, const Sender& sender) {
  BuiltCommand command;
  event["source"] = std::move(source);
  command.sent.id = text_in(event, "id").value_or("");
  command.sent.respond_async = sender.wishes.respond_async;
  const auto* value = event.if_contains("data");
  auto* data = value == nullptr ? nullptr : event["data"].if_object();
  if (data != nullptr) {
    if (auto put = put_actor(*data, sender.client); !put) return std::unexpected(put.error());
    command.resource = text_in(*data, "resource").value_or("");
    if (auto may = check_resource(sender.client, command.resource); !may) {
      return std::unexpected(may.error());
    }
    command.sent.location = location_of(text_in(event, "type").value_or(""), *data);
    command.sent.creates = !command.sent.location.empty();
  }
  command.sent.by_if_match = sender.wishes.expected_version.has_value();
  command.record = json::serialize(event);
  CommandReader reader;
  if (const auto& refusal = reader.read(command.record).refusal) {
    std::string details;
    append_details(details, refusal->details);
    return std::unexpected(problem_of(refusal->code, details));
  }
  return command;
}

std::string source_of(const Client& client) { return fmt::format("/http/{}", client.name); }

/// A command under a source of its caller's stays one, below the client's.
std::string source_of(const Client& client, const json::object& event) {
  const std::string own = text_in(event, "source").value_or("");
  if (own.empty()) return source_of(client);
  return fmt::format("{}{}{}", source_of(client), own.starts_with('/') ? "" : "/", own);
}

/// A field that the headers and the body may both say.
Answered<void> put_version(json::object& data, const Wishes& wishes) {
  if (!wishes.expected_version) return {};
  const json::value version = *wishes.expected_version;
  const auto* named = data.if_contains("expected_version");
  if (named != nullptr && *named != version) {
    return refuse(Mistake::malformed_request,
                  "If-Match and expected_version of the body are not the same.");
  }
  data["expected_version"] = version;
  return {};
}

Answered<BuiltCommand> of_event(json::object event, const Sender& sender,
                                std::optional<std::size_t> place) {
  if (!event.contains("id")) {
    event["id"] = sender.wishes.key.value_or(place ? fmt::format("{}-{}", sender.fresh_id, *place)
                                                   : std::string(sender.fresh_id));
  } else if (sender.wishes.key && text_in(event, "id") != sender.wishes.key) {
    return refuse(Mistake::malformed_request,
                  "Idempotency-Key and the command's id are not the same.");
  }
  auto* data = event.contains("data") ? event["data"].if_object() : nullptr;
  if (data != nullptr) {
    if (auto put = put_version(*data, sender.wishes); !put) return std::unexpected(put.error());
  }
  std::string source = source_of(sender.client, event);
  return built(std::move(event), std::move(source), sender);
}

Answered<BuiltCommands> of_array(const json::array& array, const Sender& sender) {
  if (array.size() > most_commands) return refuse(Mistake::too_large);
  if (sender.wishes.key || sender.wishes.expected_version) {
    return refuse(Mistake::malformed_request,
                  "Idempotency-Key and If-Match are for one command: say id and expected_version "
                  "of each in the array.");
  }
  BuiltCommands all{.array = true, .commands = {}};
  for (const json::value& one : array) {
    const auto* event = one.if_object();
    if (event == nullptr) {
      all.commands.push_back(refuse(Mistake::malformed_request, "This is no JSON object."));
    } else {
      all.commands.push_back(of_event(*event, sender, all.commands.size()));
    }
  }
  return all;
}

}  // namespace

bool creates(std::string_view type) { return !location_of(type, {}).empty(); }

Answered<BuiltCommand> command_of_route(const Match& match, std::string_view body,
                                        const Sender& sender) {
  JsonDocument document;
  json::object data;
  if (!body.empty()) {
    const auto value = parse(document, body);
    if (!value) return std::unexpected(value.error());
    const auto* object = (*value)->if_object();
    if (object == nullptr) {
      return refuse(Mistake::malformed_request, "The body is no JSON object.");
    }
    data = *object;
  }
  std::vector<Named> fields = match.path;
  if (const std::string* booking = find(fields, field::booking_id.name)) {
    fields.push_back({.name = std::string(field::resource.name),
                      .value = std::string(BookingId(*booking).resource().text)});
  }
  for (const Named& field : fields) {
    const auto* named = data.if_contains(field.name);
    if (named != nullptr && *named != json::value(field.value)) {
      return refuse(Mistake::malformed_request,
                    fmt::format("The body's {} is not the path's.", field.name));
    }
    data[field.name] = field.value;
  }
  if (auto put = put_version(data, sender.wishes); !put) return std::unexpected(put.error());
  json::object event{
      {"specversion", "1.0"},
      {"id", sender.wishes.key.value_or(std::string(sender.fresh_id))},
      {"type", match.route->command},
      {"data", std::move(data)},
  };
  if (!sender.traceparent.empty()) event["traceparent"] = sender.traceparent;
  return built(std::move(event), source_of(sender.client), sender);
}

Answered<BuiltCommands> commands_of_body(std::string_view body, const Sender& sender) {
  JsonDocument document;
  const auto value = parse(document, body);
  if (!value) return std::unexpected(value.error());
  const auto* array = (*value)->if_array();
  if (array != nullptr) return of_array(*array, sender);
  if (body.size() > largest_body) return refuse(Mistake::too_large);
  const auto* event = (*value)->if_object();
  if (event == nullptr) {
    return refuse(Mistake::malformed_request, "The body is neither a command nor an array.");
  }
  BuiltCommands one;
  one.commands.push_back(of_event(*event, sender, std::nullopt));
  if (!one.commands.front()) return std::unexpected(one.commands.front().error());
  return one;
}

}  // namespace pesan::http::v1
