#include "events/json_writer.hpp"
#include "events/result_codec.hpp"

namespace pesan {
namespace {

void write_or_null(JsonWriter& json, std::string_view name,
                   const std::optional<std::string_view>& value) {
  json.key(name);
  value ? json.text(*value) : json.null();
}

void write_command(JsonWriter& json, const Result& result) {
  json.key("command");
  json.begin_object();
  write_or_null(json, "source", result.source);
  write_or_null(json, "id", result.id);
  write_or_null(json, "type", result.type);
  json.key("digest");
  if (result.digest) {
    json.plain(to_hex(*result.digest));
  } else {
    json.null();
  }
  json.end_object();
}

void write_data(JsonWriter& json, const Result& result) {
  json.key("data");
  json.begin_object();
  write_command(json, result);
  write_or_null(json, "resource", result.resource);
  if (result.booking_id) {
    json.key("booking_id");
    json.text(*result.booking_id);
  }
  if (result.code) {
    json.key("code");
    json.plain(name_of(*result.code));
    json.key("message");
    if (result.code == Code::invalid_field || result.code == Code::malformed) {
      json.text(message_of(*result.code, result.details));
    } else {
      json.text(message_of(*result.code));
    }
  }
  if (!result.details.empty()) {
    json.key("details");
    json.raw(result.details);
  }
  json.key("events");
  json.begin_array();
  if (result.event) {
    json.plain([&](std::string& out) {
      out.append(result.resource.value_or("")).append("@");
      append_integer(out, result.event->value);
    });
  }
  json.end_array();
  json.key("partition");
  json.integer(result.partition.value);
  json.key("sequence");
  json.integer(result.sequence.value);
  json.key("version");
  json.integer(result.version.value);
  if (result.duplicate) {
    json.key("duplicate");
    json.boolean(true);
  }
  json.end_object();
}

}  // namespace

void append_details(std::string& out, const std::vector<Detail>& details) {
  if (details.empty()) return;
  JsonWriter json(out);
  json.begin_object();
  for (const auto& detail : details) {
    json.key(detail.name);
    if (const auto* number = std::get_if<std::int64_t>(&detail.value)) {
      json.integer(*number);
    } else {
      json.text(std::get<std::string>(detail.value));
    }
  }
  json.end_object();
}

void append_result(std::string& out, const Result& result) {
  JsonWriter json(out);
  json.begin_object();
  json.raw(R"("specversion":"1.0")");
  json.key("id");
  json.plain([&](std::string& id) {
    append_integer(id, result.partition.value);
    id.push_back('-');
    append_integer(id, result.command.value);
  });
  json.key("source");
  json.plain([&](std::string& source) {
    source.append("/pesan/").append(result.log_id).append("/results");
  });
  json.key("type");
  json.plain(name_of(result.kind));
  json.key("time");
  json.plain([&](std::string& time) { append_instant(time, result.now); });
  json.raw(R"("datacontenttype":"application/json")");
  if (result.traceparent) {
    json.key("traceparent");
    json.text(*result.traceparent);
  }
  write_data(json, result);
  json.end_object();
}

}  // namespace pesan
