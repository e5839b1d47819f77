#include "events/result_codec.hpp"

#include <boost/json/serialize.hpp>

#include <array>
#include <charconv>

#include "events/json_writer.hpp"

namespace pesan {
namespace {

constexpr std::array<std::string_view, 3> kinds{"CommandAccepted", "CommandRejected",
                                                "CommandForwarded"};

void append_integer(std::string& out, std::int64_t value) {
  std::array<char, 24> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  out.append(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
}

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
    json.plain([&](std::string& out) { out.append(to_hex(*result.digest)); });
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
    json.text(name_of(*result.code));
    json.key("message");
    json.text(message_of(*result.code));
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

// ---- reading ----

using boost::json::object;

const boost::json::value* find(const object& o, std::string_view name) {
  return o.if_contains(name);
}

std::optional<std::string_view> text_in(const object& o, std::string_view name) {
  const auto* value = find(o, name);
  const auto* text = value == nullptr ? nullptr : value->if_string();
  if (text == nullptr) return std::nullopt;
  return std::string_view{text->data(), text->size()};
}

std::optional<std::int64_t> integer_in(const object& o, std::string_view name) {
  const auto* value = find(o, name);
  const auto* number = value == nullptr ? nullptr : value->if_int64();
  return number == nullptr ? std::nullopt : std::optional(*number);
}

const object* object_in(const object& o, std::string_view name) {
  const auto* value = find(o, name);
  return value == nullptr ? nullptr : value->if_object();
}

/// `<partition>-<offset>`.
bool read_id(std::string_view id, Result& into) {
  const auto* end = id.data() + id.size();
  const auto partition = std::from_chars(id.data(), end, into.partition.value);
  if (partition.ec != std::errc{} || partition.ptr == end || *partition.ptr != '-') return false;
  const auto offset = std::from_chars(partition.ptr + 1, end, into.command.value);
  return offset.ec == std::errc{} && offset.ptr == end;
}

bool read_attributes(const object& root, Result& into) {
  constexpr std::string_view prefix = "/pesan/";
  constexpr std::string_view suffix = "/results";
  const auto id = text_in(root, "id");
  auto source = text_in(root, "source");
  const auto type = text_in(root, "type");
  const auto time = text_in(root, "time");
  if (!id || !source || !type || !time || !read_id(*id, into)) return false;
  if (!source->starts_with(prefix) || !source->ends_with(suffix)) return false;
  into.log_id = source->substr(prefix.size(), source->size() - prefix.size() - suffix.size());
  const auto now = parse_instant(*time);
  if (!now) return false;
  into.now = *now;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (*type == kinds[i]) {
      into.kind = static_cast<Result::Kind>(i);
      return true;
    }
  }
  return false;
}

/// The version in `<resource>@<version>` of the one event.
bool read_events(const object& data, Result& into) {
  const auto* value = find(data, "events");
  const auto* events = value == nullptr ? nullptr : value->if_array();
  if (events == nullptr || events->size() > 1) return false;
  if (events->empty()) return true;
  const auto* id = events->front().if_string();
  const auto at = id == nullptr ? std::string_view::npos : id->find('@');
  if (id == nullptr || at == std::string_view::npos) return false;
  into.event.emplace();
  return std::from_chars(id->data() + at + 1, id->data() + id->size(), into.event->value).ec ==
         std::errc{};
}

bool read_data(const object& data, Result& into) {
  const auto* command = object_in(data, "command");
  if (command == nullptr || !read_events(data, into)) return false;
  into.source = text_in(*command, "source");
  into.id = text_in(*command, "id");
  into.type = text_in(*command, "type");
  if (const auto digest = text_in(*command, "digest")) {
    into.digest = parse_digest(*digest);
    if (!into.digest) return false;
  }
  into.resource = text_in(data, "resource");
  into.booking_id = text_in(data, "booking_id");
  if (const auto code = text_in(data, "code")) {
    into.code = parse_enum<Code>(*code);
    if (!into.code) return false;
  }
  const auto sequence = integer_in(data, "sequence");
  const auto version = integer_in(data, "version");
  if (!sequence || !version) return false;
  into.sequence = {*sequence};
  into.version = {*version};
  into.duplicate = find(data, "duplicate") != nullptr;
  return true;
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
  json.key("specversion");
  json.raw("\"1.0\"");
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
  json.text(kinds[static_cast<std::size_t>(result.kind)]);
  json.key("time");
  json.plain([&](std::string& time) { append_instant(time, result.now); });
  json.key("datacontenttype");
  json.raw("\"application/json\"");
  if (result.traceparent) {
    json.key("traceparent");
    json.text(*result.traceparent);
  }
  write_data(json, result);
  json.end_object();
}

std::expected<Result, DecodeError> ResultDecoder::decode(std::string_view record) {
  const auto* root = document_.parse(record);
  const auto* o = root == nullptr ? nullptr : root->if_object();
  const auto* data = o == nullptr ? nullptr : object_in(*o, "data");
  Result result;
  if (data == nullptr || !read_attributes(*o, result) || !read_data(*data, result)) {
    return std::unexpected(
        DecodeError{DecodeError::Kind::damaged, "the record is not a result of pesan"});
  }
  if (const auto* details = object_in(*data, "details")) {
    details_ = boost::json::serialize(*details);
    result.details = details_;
  }
  return result;
}

}  // namespace pesan
