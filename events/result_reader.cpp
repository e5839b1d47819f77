#include <charconv>

#include "events/json_writer.hpp"
#include "events/object_cursor.hpp"
#include "events/result_codec.hpp"

namespace pesan {
namespace {

using boost::json::object;

/// Whether a part of the record is as pesan writes it.
enum class Reading : std::uint8_t { good, damaged, newer };

/// `<partition>-<offset>`.
bool read_id(std::string_view id, Result& into) {
  const auto dash = id.find('-');
  if (dash == id.npos) return false;
  const auto partition = id.substr(0, dash);
  const auto* end = partition.data() + partition.size();
  const auto parsed = std::from_chars(partition.data(), end, into.partition.value);
  const auto offset = parse_digits(id.substr(dash + 1));
  if (parsed.ec != std::errc{} || parsed.ptr != end || !offset) return false;
  into.command = {*offset};
  return into.partition.value >= 0;
}

Reading read_attributes(ObjectCursor& cursor, Result& into) {
  const auto specversion = cursor.take_text("specversion");
  const auto id = cursor.take_text("id");
  const auto source = cursor.take_text("source");
  const auto type = cursor.take_text("type");
  const auto time = cursor.take_text("time");
  const auto content_type = cursor.take_text("datacontenttype");
  const auto* trace = cursor.take("traceparent");
  if (trace != nullptr && !(into.traceparent = text_of(*trace))) return Reading::damaged;
  if (specversion != "1.0" || content_type != "application/json") return Reading::damaged;
  if (!id || !source || !type || !time || !read_id(*id, into)) return Reading::damaged;
  const auto log_id = log_id_in(*source, "results");
  const auto now = parse_instant(*time);
  if (!log_id || !now) return Reading::damaged;
  into.log_id = *log_id;
  into.now = *now;
  const auto kind = parse_enum<Result::Kind>(*type);
  if (!kind) return Reading::newer;
  into.kind = *kind;
  return Reading::good;
}

/// A text that may be null, but must be there.
bool take_text_or_null(ObjectCursor& cursor, std::string_view name,
                       std::optional<std::string_view>& into) {
  const auto* value = cursor.take(name);
  if (value == nullptr) return false;
  into = text_of(*value);
  return into || value->is_null();
}

Reading read_command(ObjectCursor& data, Result& into) {
  const auto* command = data.take_object("command");
  if (command == nullptr) return Reading::damaged;
  ObjectCursor cursor(*command);
  std::optional<std::string_view> digest;
  if (!take_text_or_null(cursor, "source", into.source) ||
      !take_text_or_null(cursor, "id", into.id) || !take_text_or_null(cursor, "type", into.type) ||
      !take_text_or_null(cursor, "digest", digest)) {
    return Reading::damaged;
  }
  if (digest && !(into.digest = parse_digest(*digest))) return Reading::damaged;
  const bool whole = into.source && into.id && into.type && into.digest;
  if (into.kind != Result::Kind::rejected && !whole) return Reading::damaged;
  return cursor.all_taken() ? Reading::good : Reading::newer;
}

Reading read_refusal(ObjectCursor& data, Result& into, std::string& details) {
  const auto* code = data.take("code");
  const auto message = data.take_text("message");
  const auto* about = data.take("details");
  const bool rejected = into.kind == Result::Kind::rejected;
  if (!rejected) return code || message || about ? Reading::damaged : Reading::good;
  const auto name = code == nullptr ? std::nullopt : text_of(*code);
  if (!name || !message) return Reading::damaged;
  into.code = parse_enum<Code>(*name);
  if (!into.code) return Reading::newer;
  if (about == nullptr) return Reading::good;
  if (!about->is_object()) return Reading::damaged;

  // Written anew as append_details would, so that a remembered outcome keeps its very bytes.
  details.clear();
  JsonWriter json(details);
  json.begin_object();
  for (const auto& detail : about->get_object()) {
    const std::string_view key{detail.key().data(), detail.key().size()};
    const auto text = text_of(detail.value());
    const auto* number = detail.value().if_int64();
    if (!is_plain(key) || (!text && number == nullptr)) return Reading::damaged;
    json.key(key);
    text ? json.text(*text) : json.integer(*number);
  }
  json.end_object();
  into.details = details;
  return Reading::good;
}

/// The version in `<resource>@<version>` of the one event.
bool read_events(ObjectCursor& data, Result& into) {
  const auto* value = data.take("events");
  const auto* events = value == nullptr ? nullptr : value->if_array();
  if (events == nullptr || events->size() > 1) return false;
  if (events->empty()) return true;
  const auto id = text_of(events->front());
  if (!id || !into.resource || !is_plain(*into.resource) || !id->starts_with(*into.resource)) {
    return false;
  }
  const auto rest = id->substr(into.resource->size());
  const auto version = rest.starts_with('@') ? parse_digits(rest.substr(1)) : std::nullopt;
  if (version) into.event = Version{*version};
  return version.has_value();
}

Reading read_data(const object& o, Result& into, std::string& details) {
  ObjectCursor data(o);
  const auto command = read_command(data, into);
  if (command != Reading::good) return command;
  if (!take_text_or_null(data, "resource", into.resource)) return Reading::damaged;
  const bool accepted = into.kind == Result::Kind::accepted;
  if (accepted && !into.resource) return Reading::damaged;
  if (const auto* booking = data.take("booking_id")) {
    into.booking_id = text_of(*booking);
    if (!into.booking_id) return Reading::damaged;
  }
  const auto refusal = read_refusal(data, into, details);
  if (refusal != Reading::good) return refusal;
  if (!read_events(data, into) || (into.event && !accepted)) return Reading::damaged;
  const auto partition = data.take_integer("partition");
  const auto sequence = data.take_integer("sequence");
  const auto version = data.take_integer("version");
  const auto* duplicate = data.take("duplicate");
  if (partition != into.partition.value || !sequence || !version) return Reading::damaged;
  if (duplicate != nullptr && *duplicate != true) return Reading::damaged;
  into.sequence = {*sequence};
  into.version = {*version};
  into.duplicate = duplicate != nullptr;
  return data.all_taken() ? Reading::good : Reading::newer;
}

}  // namespace

std::expected<Result, DecodeError> ResultDecoder::decode(std::string_view record) {
  const auto* root = document_.parse(record);
  const auto* o = root == nullptr ? nullptr : root->if_object();
  Result result;
  Reading reading = Reading::damaged;
  if (o != nullptr) {
    ObjectCursor cursor(*o);
    reading = read_attributes(cursor, result);
    const auto* data = cursor.take_object("data");
    if (reading == Reading::good && data == nullptr) reading = Reading::damaged;
    if (reading == Reading::good) reading = read_data(*data, result, details_);
    if (reading == Reading::good && !cursor.all_taken()) reading = Reading::newer;
  }
  switch (reading) {
    case Reading::good: return result;
    case Reading::newer:
      return std::unexpected(DecodeError{DecodeError::Kind::newer_than_program,
                                         "the log is newer than this program: it does not know a "
                                         "type, code or field of a result"});
    case Reading::damaged: break;
  }
  return std::unexpected(
      DecodeError{DecodeError::Kind::damaged, "the record is not a result of pesan"});
}

}  // namespace pesan
