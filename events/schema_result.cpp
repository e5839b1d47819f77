// `data` of the three results, by hand beside result_codec.cpp: what is null or absent depends on
// the kind. The golden samples hold the two together.
#include "events/rejection.hpp"
#include "events/schema_parts.hpp"

namespace pesan::schema {
namespace {

constexpr std::string_view digest_pattern = "^[0-9a-f]{32}$";
constexpr std::string_view event_id_pattern = "^[A-Za-z0-9][A-Za-z0-9_-]{0,62}@[0-9]+$";

enum class Kind { accepted, rejected, forwarded };

object command_of(Kind kind) {
  // A refusal may be of a record that could not be read.
  const auto read = [&](object schema) {
    return kind == Kind::rejected ? nullable(std::move(schema)) : schema;
  };
  Fields command("answered");
  command.required("source", read(text()));
  command.required("id", read(text()));
  command.required("type", read(text()));
  command.required("digest", read(text(digest_pattern)));
  return std::move(command).finish(false);
}

object events_of(Kind kind) {
  object events{{"type", "array"}, {"items", text(event_id_pattern)}};
  events["maxItems"] = kind == Kind::accepted ? 1 : 0;
  return events;
}

/// Names differ by code: those that clients act on are described, others are for people.
object details() {
  Fields facts("details");
  facts.optional("field", text());
  facts.optional("rule", choice<Breach>());
  facts.optional("expected", object{{"type", {"integer", "string"}}});
  facts.optional("reason", text());
  facts.optional("kind", choice<Unreadable>());
  for (const auto* const place : {"byte", "line", "column"}) facts.optional(place, integer(1));
  facts.optional("bucket", text());
  facts.optional("asked", integer(0));
  facts.optional("left", object{{"type", "integer"}});
  object made = std::move(facts).finish(false);
  made["additionalProperties"] = object{{"type", {"integer", "string"}}};
  return made;
}

}  // namespace

object result_data(std::string_view name) {
  const Kind kind = name == "CommandAccepted"   ? Kind::accepted
                    : name == "CommandRejected" ? Kind::rejected
                                                : Kind::forwarded;
  Fields data("result");
  data.required("command", command_of(kind));
  data.required("resource", kind == Kind::accepted ? text(resource_pattern) : nullable(text()));
  if (kind != Kind::forwarded) data.optional("booking_id", text(booking_pattern));
  if (kind == Kind::rejected) {
    data.required("code", choice<Code>());
    data.required("message", text());
    data.optional("details", details());
  }
  data.required("events", events_of(kind));
  data.required("partition", integer(0));
  data.required("sequence", integer(0));
  data.required("version", integer(0));
  if (kind != Kind::forwarded) data.optional("duplicate", object{{"const", true}});
  return std::move(data).finish(false);
}

}  // namespace pesan::schema
