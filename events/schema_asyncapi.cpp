// The topics of a log as AsyncAPI 3.0 has them: which records each holds, by their schemas.
#include <string>
#include <utility>

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include "events/log.hpp"
#include "events/pretty_json.hpp"
#include "events/schema.hpp"
#include "events/schema_parts.hpp"

namespace pesan {
namespace {

using boost::json::array;
using boost::json::object;
using schema::wire;

struct Channel {
  Topic topic;
  SchemaKind kind;         // of its records; of dead letters none is known
  bool received;           // pesan reads them; else it writes them
  std::string_view holds;  // as docs/wire.md#topics has it
};

constexpr Channel channels[] = {
    {Topic::commands, SchemaKind::command, true, "What clients send."},
    {Topic::events, SchemaKind::event, false, "What happened."},
    {Topic::results, SchemaKind::result, false, "The outcome of each command."},
    {Topic::customers, SchemaKind::customer_event, false, "The customer master."},
};

object reference(std::string to) { return {{"$ref", std::move(to)}}; }

object message_of(const SchemaName& name) {
  object payload = boost::json::parse(schema_of(name)).as_object();
  payload.erase("$schema");  // AsyncAPI has its own, of which this is a part
  payload.erase("$id");
  object message{{"name", wire(name.name)},
                 {"title", wire(name.name)},
                 {"summary", payload.at("description")},
                 {"contentType", "application/cloudevents+json"}};
  message["payload"] = std::move(payload);
  return message;
}

}  // namespace

std::string asyncapi(std::string_view version) {
  object messages;
  for (const SchemaName& name : schema_names()) messages[wire(name.name)] = message_of(name);
  object topics;
  object operations;
  for (const Channel& channel : channels) {
    const std::string topic(name_of(channel.topic));
    object held;
    array refs;
    for (const SchemaName& name : schema_names()) {
      if (name.kind != channel.kind) continue;
      held[wire(name.name)] = reference(fmt::format("#/components/messages/{}", name.name));
      refs.emplace_back(reference(fmt::format("#/channels/{}/messages/{}", topic, name.name)));
    }
    topics[topic] = object{{"address", "pesan." + topic},
                           {"description", wire(channel.holds)},
                           {"messages", std::move(held)}};
    const std::string_view does = channel.received ? "receive" : "send";
    operations[fmt::format("{}_{}", does, topic)] =
        object{{"action", wire(does)},
               {"channel", reference("#/channels/" + topic)},
               {"summary", wire(channel.holds)},
               {"messages", std::move(refs)}};
  }
  const object info{
      {"title", "pesan"},
      {"version", wire(version)},
      {"description",
       "The topics of a pesan log, as its users meet them on Kafka: send commands, read events, "
       "results and customers. The key of a record is its resource; of a customer's event the "
       "customer's code. `pesan` in front of a topic is the prefix that the log was made with."},
      {"license",
       object{{"name", "Apache-2.0"}, {"url", "https://www.apache.org/licenses/LICENSE-2.0"}}}};
  return pretty_json(object{{"asyncapi", "3.0.0"},
                            {"info", info},
                            {"defaultContentType", "application/cloudevents+json"},
                            {"channels", std::move(topics)},
                            {"operations", std::move(operations)},
                            {"components", object{{"messages", std::move(messages)}}}});
}

}  // namespace pesan
