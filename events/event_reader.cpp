#include <array>
#include <charconv>
#include <cstddef>
#include <type_traits>
#include <utility>

#include "events/event_codec.hpp"
#include "events/event_fields.hpp"

namespace pesan {
namespace {

using boost::json::object;
using boost::json::value;

std::optional<std::string_view> text_of(const value& v) {
  const auto* text = v.if_string();
  if (text == nullptr) return std::nullopt;
  return std::string_view{text->data(), text->size()};
}

/// Finds fields in the order in which they were written, so that finding one is one comparison;
/// falls back to a look-up for any other order.
class ObjectCursor {
 public:
  explicit ObjectCursor(const object& o) : object_(o), next_(o.begin()) {}

  const value* take(std::string_view name) {
    if (next_ != object_.end() && next_->key() == name) {
      ++taken_;
      return &(next_++)->value();
    }
    const auto found = object_.find(name);
    if (found == object_.end()) return nullptr;
    ++taken_;
    next_ = found + 1;
    return &found->value();
  }
  bool all_taken() const { return taken_ == object_.size(); }

 private:
  const object& object_;
  object::const_iterator next_;
  std::size_t taken_ = 0;
};

bool read(const value& v, std::string_view& into) {
  const auto text = text_of(v);
  if (text) into = *text;
  return text.has_value();
}
bool read(const value& v, std::int64_t& into) {
  const auto* number = v.if_int64();
  if (number != nullptr) into = *number;
  return number != nullptr;
}
bool read(const value& v, bool& into) {
  const auto* flag = v.if_bool();
  if (flag != nullptr) into = *flag;
  return flag != nullptr;
}
template <class T>
bool read_parsed(const value& v, T& into, std::optional<T> (*parse)(std::string_view)) {
  const auto text = text_of(v);
  const auto parsed = text ? parse(*text) : std::nullopt;
  if (parsed) into = *parsed;
  return parsed.has_value();
}
bool read(const value& v, Date& into) { return read_parsed(v, into, &parse_date); }
bool read(const value& v, TimeOfDay& into) { return read_parsed(v, into, &parse_time_of_day); }
bool read(const value& v, LocalDateTime& into) { return read_parsed(v, into, &parse_local); }
bool read(const value& v, Instant& into) { return read_parsed(v, into, &parse_instant); }
template <class T>
  requires NamedEnum<T>
bool read(const value& v, T& into) {
  return read_parsed(v, into, &parse_enum<T>);
}
template <class T>
  requires requires(T id) { id.text; }
bool read(const value& v, T& into) {
  return read(v, into.text);
}
bool read(const value& v, Held& into) {
  const auto* o = v.if_object();
  if (o == nullptr || o->size() != 2) return false;
  const auto* buckets = o->if_contains("buckets");
  const auto* units = o->if_contains("units");
  if (buckets == nullptr || units == nullptr) return false;
  return read_parsed(*buckets, into.buckets, &parse_buckets) && read(*units, into.units);
}

/// A visitor of event_fields.hpp that reads `data`.
class DataReader {
 public:
  DataReader(const object& data, std::string& fault) : cursor_(data), fault_(fault) {}

  template <class T>
  void operator()(std::string_view name, T& into) {
    const auto* v = cursor_.take(name);
    if (v == nullptr || !read_into(*v, into)) blame(name);
  }
  template <class T>
  void operator()(std::string_view name, std::optional<T>& into) {
    const auto* v = cursor_.take(name);
    if (v != nullptr && !v->is_null() && !read_into(*v, into.emplace())) blame(name);
  }
  template <class T>
  void operator()(std::string_view name, Change<T>& into) {
    const auto* v = cursor_.take(name);
    if (v == nullptr) {  // only a Change that is empty on both sides is ever left out
      if constexpr (std::is_same_v<T, bool>) blame(name);
      return;
    }
    const auto* o = v->if_object();
    if (o == nullptr) return blame(name);
    DataReader sides(*o, fault_);
    sides("from", into.from);
    sides("to", into.to);
    if (!sides.complete()) blame(name);
  }
  bool complete() const { return cursor_.all_taken(); }

 private:
  template <class T>
  bool read_into(const value& v, T& into) {
    if constexpr (std::is_same_v<T, Actor> || std::is_same_v<T, Customer> ||
                  std::is_same_v<T, Subject>) {
      const auto* o = v.if_object();
      if (o == nullptr) return false;
      DataReader inner(*o, fault_);
      describe_event(inner, into);
      complete_ = complete_ && inner.complete();
      return complete_;
    } else {
      return read(v, into);
    }
  }
  void blame(std::string_view name) {
    if (fault_.empty()) fault_ = name;
  }

  ObjectCursor cursor_;
  std::string& fault_;
  bool complete_ = true;
};

std::unexpected<DecodeError> damaged(std::string_view what) {
  return std::unexpected(DecodeError{DecodeError::Kind::damaged, std::string(what)});
}

std::unexpected<DecodeError> newer(std::string_view what) {
  return std::unexpected(DecodeError{
      DecodeError::Kind::newer_than_program,
      "the log is newer than this program: it does not know " + std::string(what)});
}

/// The log's id out of `/pesan/<log_id>/<topic>`.
std::optional<std::string_view> log_id_in(std::string_view source, std::string_view topic) {
  constexpr std::string_view prefix = "/pesan/";
  if (!source.starts_with(prefix)) return std::nullopt;
  source.remove_prefix(prefix.size());
  const auto slash = source.find('/');
  if (slash == source.npos || source.substr(slash + 1) != topic) return std::nullopt;
  return source.substr(0, slash);
}

/// Twenty digits.
bool read_sequence(const value* v, Sequence& into) {
  const auto text = v == nullptr ? std::nullopt : text_of(*v);
  if (!text || text->size() != 20) return false;
  const auto* end = text->data() + text->size();
  const auto parsed = std::from_chars(text->data(), end, into.value);
  return parsed.ec == std::errc{} && parsed.ptr == end;
}

/// The attributes that every record of pesan has, taken in the order in which they are written.
struct Attributes {
  std::string_view id;
  std::string_view log_id;
  std::string_view type;
  std::string_view subject;
  Instant time;
  Sequence sequence;
};

bool read_attributes(ObjectCursor& cursor, std::string_view topic, Attributes& into) {
  const auto text = [&](std::string_view name, std::string_view& out) {
    const auto* v = cursor.take(name);
    return v != nullptr && read(*v, out);
  };
  std::string_view specversion;
  std::string_view source;
  std::string_view content_type;
  if (!text("specversion", specversion) || specversion != "1.0" || !text("id", into.id) ||
      !text("source", source) || !text("type", into.type)) {
    return false;
  }
  text("subject", into.subject);
  const auto* time = cursor.take("time");
  if (time == nullptr || !read(*time, into.time)) return false;
  if (!text("datacontenttype", content_type)) return false;
  if (!read_sequence(cursor.take("sequence"), into.sequence)) return false;
  const auto log_id = log_id_in(source, topic);
  if (log_id) into.log_id = *log_id;
  return log_id.has_value();
}

const object* take_data(ObjectCursor& cursor) {
  const auto* data = cursor.take("data");
  return data == nullptr ? nullptr : data->if_object();
}

/// Reads `data` as T by `describe(reader, body)`; the sentence of what is wrong, or nothing.
template <class Describe>
std::optional<DecodeError> read_data(const object& data, std::string_view type,
                                     Describe describe) {
  std::string fault;
  DataReader reader(data, fault);
  describe(reader);
  if (!fault.empty()) {
    return damaged("the field " + fault + " of " + std::string(type) + " is not readable").error();
  }
  if (!reader.complete()) return newer("a field of " + std::string(type)).error();
  return std::nullopt;
}

template <class T>
std::expected<LoggedEvent, DecodeError> read_of_log(LoggedEvent logged, ObjectCursor& cursor) {
  const auto* data = take_data(cursor);
  if (data == nullptr) return damaged("the record has no data");
  auto& what = logged.what.emplace<T>();
  const auto error = read_data(*data, EventName<T>::value,
                               [&](auto& reader) { describe_event(reader, what); });
  if (error) return std::unexpected(*error);
  if (!cursor.all_taken()) return newer("an attribute of the record");
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
  if (text.empty()) return std::nullopt;
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
  if (attributes.type == EventName<LogOpened>::value) return read_of_log<LogOpened>(logged, cursor);
  if (attributes.type == EventName<ClockSwitched>::value) {
    return read_of_log<ClockSwitched>(logged, cursor);
  }
  auto& what = std::get<ResourceEvent>(logged.what);
  if (!emplace_named(attributes.type, what.event.body)) {
    return newer("the event type " + std::string(attributes.type));
  }
  const auto* version = cursor.take("version");
  const auto* resource = cursor.take("resource");
  const auto* id = cursor.take("causationid");
  const auto* source = cursor.take("causationsource");
  const auto* trace = cursor.take("traceparent");
  const auto* data = take_data(cursor);
  if (version == nullptr || !read(*version, what.version.value) || resource == nullptr ||
      !read(*resource, what.resource) || id == nullptr || !read(*id, what.causation_id) ||
      source == nullptr || !read(*source, what.causation_source) || data == nullptr) {
    return damaged("the record lacks an attribute of a resource's event");
  }
  if (trace != nullptr && !read(*trace, what.traceparent.emplace())) {
    return damaged("traceparent is not text");
  }
  const auto error = read_data(*data, attributes.type, [&](auto& reader) {
    std::visit([&](auto& body) { describe_resource_event(reader, what.event, body); },
               what.event.body);
  });
  if (error) return std::unexpected(*error);
  if (!cursor.all_taken()) return newer("an attribute of the record");
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
  const auto* data = take_data(cursor);
  if (data == nullptr) return damaged("the record has no data");
  const auto error = read_data(*data, attributes.type, [&](auto& reader) {
    std::visit([&](auto& body) { describe_event(reader, body); }, logged.body);
  });
  if (error) return std::unexpected(*error);
  if (!cursor.all_taken()) return newer("an attribute of the record");
  return logged;
}

}  // namespace pesan
