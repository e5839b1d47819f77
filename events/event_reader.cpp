#include <cstddef>
#include <type_traits>
#include <utility>

#include "events/event_codec.hpp"
#include "events/event_data_reader.hpp"

namespace pesan {
namespace {

using event_data::DataReader;
using event_data::Findings;

std::unexpected<DecodeError> damaged(std::string_view what) {
  return std::unexpected(DecodeError{DecodeError::Kind::damaged, std::string(what)});
}

std::unexpected<DecodeError> newer(std::string_view what) {
  return std::unexpected(
      DecodeError{DecodeError::Kind::newer_than_program,
                  "the log is newer than this program: it does not know " + std::string(what)});
}

/// The attributes that every record of pesan has, taken in the order in which they are written.
struct Attributes {
  std::string_view id;
  std::string_view log_id;
  std::string_view type;
  std::optional<std::string_view> subject;
  Instant time;
  Sequence sequence;
};

/// Twenty digits.
std::optional<Sequence> parse_sequence(std::string_view text) {
  const auto value = text.size() == 20 ? parse_digits(text) : std::nullopt;
  return value ? std::optional(Sequence{*value}) : std::nullopt;
}

bool read_attributes(ObjectCursor& cursor, std::string_view topic, Attributes& into) {
  const auto specversion = cursor.take_text("specversion");
  const auto id = cursor.take_text("id");
  const auto source = cursor.take_text("source");
  const auto type = cursor.take_text("type");
  into.subject = cursor.take_text("subject");
  const auto time = cursor.take_text("time");
  const auto content_type = cursor.take_text("datacontenttype");
  const auto sequence_text = cursor.take_text("sequence");
  if (specversion != "1.0" || content_type != "application/json") return false;
  if (!id || !source || !type || !time || !sequence_text) return false;
  const auto log_id = log_id_in(*source, topic);
  const auto instant = parse_instant(*time);
  const auto sequence = parse_sequence(*sequence_text);
  if (!log_id || !instant || !sequence) return false;
  into.id = *id;
  into.log_id = *log_id;
  into.type = *type;
  into.time = *instant;
  into.sequence = *sequence;
  return true;
}

/// `<prefix><number>`.
bool is_id(std::string_view id, std::string_view prefix, std::int64_t number) {
  return id.starts_with(prefix) && parse_digits(id.substr(prefix.size())) == number;
}

/// Reads `data` by `describe(reader)`; nothing is wrong, or what.
template <class Describe>
std::optional<DecodeError> read_data(ObjectCursor& cursor, std::string_view type,
                                     Describe describe) {
  const auto* data = cursor.take_object("data");
  if (data == nullptr) return damaged("the record has no data").error();
  Findings findings;
  DataReader reader(*data, findings);
  describe(reader);
  reader.finish();
  if (!findings.fault.empty()) {
    return damaged("the field " + std::string(findings.fault) + " of " + std::string(type) +
                   " is missing or not readable")
        .error();
  }
  if (findings.unknown) return newer("a field of " + std::string(type)).error();
  if (!cursor.all_taken()) return newer("an attribute of " + std::string(type)).error();
  return std::nullopt;
}

/// Whether the id is that of such an event at its place.
template <class T>
bool names_its_place(std::string_view id, const T& what, Sequence sequence) {
  if constexpr (std::is_same_v<T, ClockMended>) {
    const auto at = id.find('@');
    return at != id.npos && is_id(id.substr(at), "@", sequence.value) &&
           is_id(id.substr(0, at), id_prefix_of(what), what.partition);
  } else {
    return is_id(id, id_prefix_of(what), what.partition);
  }
}

template <class T>
std::expected<LoggedEvent, DecodeError> read_of_log(LoggedEvent logged, const Attributes& from,
                                                    ObjectCursor& cursor) {
  if (from.subject) return newer("an attribute of " + std::string(from.type));
  auto& what = logged.what.emplace<T>();
  const auto error = read_data(cursor, from.type, [&](auto& reader) { describe(reader, what); });
  if (error) return std::unexpected(*error);
  if (!names_its_place(from.id, what, from.sequence)) {
    return damaged("the id is of another partition or sequence");
  }
  return logged;
}

template <class Variant, std::size_t I = 0>
bool emplace_named(std::string_view type, Variant& into) {
  if constexpr (I == std::variant_size_v<Variant>) {
    return false;
  } else if (EventName<std::variant_alternative_t<I, Variant>>::value == type) {
    into.template emplace<I>();
    return true;
  } else {
    return emplace_named<Variant, I + 1>(type, into);
  }
}

/// Whether id and subject are those of the event that they stand before.
bool names_itself(const Attributes& attributes, const ResourceEvent& what) {
  const auto resource = what.resource.text;
  return attributes.subject == subject_of(what) && attributes.id.starts_with(resource) &&
         is_id(attributes.id.substr(resource.size()), "@", what.version.value);
}

}  // namespace

std::optional<Buckets> parse_buckets(std::string_view text) {
  if (text == "*") return Buckets{};
  const auto slash = text.find('/');
  if (slash != text.npos) {
    const auto first = parse_date(text.substr(0, slash));
    const auto end = parse_date(text.substr(slash + 1));
    if (!first || !end) return std::nullopt;
    return Buckets{.inventory = Inventory::nightly, .first = *first, .end = *end, .slot = {}};
  }
  if (text.empty() || !is_plain(text)) return std::nullopt;
  return Buckets{.inventory = Inventory::slots, .first = {}, .end = {}, .slot = ScheduleId{text}};
}

std::expected<LoggedEvent, DecodeError> EventDecoder::decode(std::string_view record) {
  const auto* root = document_.parse(record);
  if (root == nullptr || !root->is_object()) return damaged("the record is not a JSON object");
  ObjectCursor cursor(root->get_object());
  Attributes attributes;
  if (!read_attributes(cursor, "events", attributes)) {
    return damaged("the record is not an event of pesan");
  }
  LoggedEvent logged{.log_id = attributes.log_id,
                     .sequence = attributes.sequence,
                     .time = attributes.time,
                     .what = ResourceEvent{}};
  if (LogEvents of_log; emplace_named(attributes.type, of_log)) {
    return std::visit([&]<OfLog E>(const E&) { return read_of_log<E>(logged, attributes, cursor); },
                      of_log);
  }
  auto& what = std::get<ResourceEvent>(logged.what);
  if (!emplace_named(attributes.type, what.event.body)) {
    return newer("the event type " + std::string(attributes.type));
  }
  const auto version = cursor.take_integer("version");
  const auto resource = cursor.take_text("resource");
  const auto id = cursor.take_text("causationid");
  const auto source = cursor.take_text("causationsource");
  const auto* trace = cursor.take("traceparent");
  if (!version || !resource || !is_plain(*resource) || !id || !source) {
    return damaged("the record lacks an attribute of a resource's event");
  }
  if (trace != nullptr && !(what.traceparent = text_of(*trace))) {
    return damaged("traceparent is not text");
  }
  what.version = {*version};
  what.resource = ResourceId{*resource};
  what.causation_id = *id;
  what.causation_source = *source;
  const auto error = read_data(cursor, attributes.type, [&](auto& reader) {
    std::visit([&](auto& body) { describe_resource_event(reader, what.event, body); },
               what.event.body);
  });
  if (error) return std::unexpected(*error);
  if (!names_itself(attributes, what)) return damaged("id or subject is of another event");
  return logged;
}

std::expected<LoggedCustomerEvent, DecodeError> EventDecoder::decode_customer(
    std::string_view record) {
  const auto* root = document_.parse(record);
  if (root == nullptr || !root->is_object()) return damaged("the record is not a JSON object");
  ObjectCursor cursor(root->get_object());
  Attributes attributes;
  if (!read_attributes(cursor, "customers", attributes)) {
    return damaged("the record is not a customer event of pesan");
  }
  LoggedCustomerEvent logged{.log_id = attributes.log_id,
                             .sequence = attributes.sequence,
                             .time = attributes.time,
                             .body = {}};
  if (!emplace_named(attributes.type, logged.body)) {
    return newer("the event type " + std::string(attributes.type));
  }
  if (attributes.subject) return newer("an attribute of " + std::string(attributes.type));
  const auto error = read_data(cursor, attributes.type, [&](auto& reader) {
    std::visit([&](auto& body) { describe(reader, body); }, logged.body);
  });
  if (error) return std::unexpected(*error);
  if (!is_id(attributes.id, "", logged.sequence.value)) return damaged("id is of another event");
  return logged;
}

}  // namespace pesan
