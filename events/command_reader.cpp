#include "events/command_reader.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>
#include <variant>

#include <boost/container/small_vector.hpp>
#include <fmt/format.h>

#include "events/field_reader.hpp"
#include "events/object_cursor.hpp"
#include "events/utf8.hpp"

namespace pesan {
namespace {

template <std::size_t... I>
constexpr auto command_names(std::index_sequence<I...>) {
  return std::array<std::string_view, sizeof...(I)>{
      CommandName<std::variant_alternative_t<I, CommandBody>>::value...};
}
constexpr auto names = command_names(std::make_index_sequence<std::variant_size_v<CommandBody>>{});

Rejection malformed(std::string_view reason, Unreadable kind) {
  return {Code::malformed, {{"reason", std::string(reason)}, {"kind", std::string(name_of(kind))}}};
}

/// With the place of the first byte at fault; bytes, lines and columns (in characters) count
/// from 1.
Rejection malformed(std::string_view record, const JsonFault& fault) {
  constexpr std::array kinds{Unreadable::empty, Unreadable::byte_order_mark, Unreadable::encoding,
                             Unreadable::depth, Unreadable::syntax};
  const auto before = record.substr(0, fault.at);
  const auto line = before.substr(before.rfind('\n') + 1);  // npos + 1 is 0
  Rejection refusal = malformed(fault.reason, kinds[static_cast<std::size_t>(fault.kind)]);
  const auto add = [&](std::string_view name, std::size_t number) {
    refusal.details.push_back({name, static_cast<std::int64_t>(number)});
  };
  add("byte", fault.at + 1);
  add("line", 1 + static_cast<std::size_t>(std::ranges::count(before, '\n')));
  add("column", 1 + utf8_length(line));
  return refusal;
}

/// An attribute of the CloudEvent that is not as it must be.
Rejection malformed_attribute(std::string_view name, std::string_view expected) {
  Rejection refusal = malformed(fmt::format("{} is not {}", name, expected), Unreadable::attribute);
  refusal.details.push_back({"field", std::string(name)});
  return refusal;
}

/// id and source.
bool is_short(const std::optional<std::string_view>& text) {
  if (!text || text->find('\0') != text->npos) return false;
  const auto length = utf8_length(*text);
  return length >= 1 && length <= std::size_t{limit::short_text};
}

// ---- ranges that the command shows by itself (docs/domain.md#fields) ----

std::optional<std::string_view> stay_at_fault(const std::optional<Date>& check_in,
                                              const std::optional<Date>& check_out) {
  if (!check_in || !check_out) return std::nullopt;
  const auto nights = check_out->days - check_in->days;
  if (nights <= 0 || nights > limit::nights) return "check_out";
  return std::nullopt;
}

std::optional<std::string_view> range_at_fault(const CreateBooking& c) {
  return stay_at_fault(c.check_in, c.check_out);
}
std::optional<std::string_view> range_at_fault(const RescheduleBooking& c) {
  return stay_at_fault(c.check_in, c.check_out);
}
std::optional<std::string_view> range_at_fault(const AddSchedule& c) {
  return c.end <= c.start ? std::optional<std::string_view>("end") : std::nullopt;
}
std::optional<std::string_view> range_at_fault(const ChangeSchedule& c) {
  return c.start && c.end && *c.end <= *c.start ? std::optional<std::string_view>("end")
                                                : std::nullopt;
}
std::optional<std::string_view> nights_at_fault(const std::optional<std::int64_t>& min,
                                                const std::optional<std::int64_t>& max) {
  return min && max && *max < *min ? std::optional<std::string_view>("max_nights") : std::nullopt;
}
std::optional<std::string_view> range_at_fault(const DefineRoom& c) {
  return nights_at_fault(c.min_nights, c.max_nights);
}
std::optional<std::string_view> range_at_fault(const ChangeRoom& c) {
  return nights_at_fault(c.min_nights, c.max_nights);
}
template <class Body>
std::optional<std::string_view> range_at_fault(const Body&) {
  return std::nullopt;
}

template <class Body>
std::expected<Command, Rejection> read_command(const boost::json::object& data) {
  Command command;
  auto& body = command.body.emplace<Body>();
  std::optional<Rejection> fault;
  FieldReader reader(data, "", "", fault);
  describe_command(reader, command, body);
  reader.finish();
  if (fault) return std::unexpected(*std::move(fault));
  if (const auto field = range_at_fault(body)) {
    return std::unexpected(Rejection{Code::invalid_range, {{"field", std::string(*field)}}});
  }
  return command;
}

template <std::size_t... I>
std::expected<Command, Rejection> read_command_at(std::size_t index,
                                                  const boost::json::object& data,
                                                  std::index_sequence<I...>) {
  using Read = std::expected<Command, Rejection> (*)(const boost::json::object&);
  constexpr std::array<Read, sizeof...(I)> readers{
      &read_command<std::variant_alternative_t<I, CommandBody>>...};
  return readers[index](data);
}

// ---- canonical bytes: tags and lengths, keys sorted; only the digest ever sees them ----

void append_size(std::string& out, std::size_t size) {
  const auto n = static_cast<std::uint32_t>(size);
  out.append(reinterpret_cast<const char*>(&n), sizeof n);
}

void append_text(std::string& out, std::string_view text) {
  append_size(out, text.size());
  out.append(text);
}

template <class T>
void append_bits(std::string& out, char tag, T value) {
  out.push_back(tag);
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void append_canonical(std::string& out, const boost::json::value& value);

void append_canonical(std::string& out, const boost::json::object& object) {
  boost::container::small_vector<const boost::json::key_value_pair*, 24> entries;
  entries.reserve(object.size());
  for (const auto& entry : object) entries.push_back(&entry);
  std::sort(entries.begin(), entries.end(),
            [](const auto* a, const auto* b) { return a->key() < b->key(); });
  out.push_back('o');
  append_size(out, entries.size());
  for (const auto* entry : entries) {
    append_text(out, {entry->key().data(), entry->key().size()});
    append_canonical(out, entry->value());
  }
}

void append_canonical(std::string& out, const boost::json::value& value) {
  switch (value.kind()) {
    case boost::json::kind::null: out.push_back('n'); return;
    case boost::json::kind::bool_: out.push_back(value.get_bool() ? 't' : 'f'); return;
    case boost::json::kind::int64: append_bits(out, 'i', value.get_int64()); return;
    case boost::json::kind::uint64: append_bits(out, 'u', value.get_uint64()); return;
    case boost::json::kind::double_:
      append_bits(out, 'd', value.get_double() + 0.0);  // -0.0 + 0.0 is 0.0
      return;
    case boost::json::kind::string:
      out.push_back('s');
      append_text(out, {value.get_string().data(), value.get_string().size()});
      return;
    case boost::json::kind::array:
      out.push_back('a');
      append_size(out, value.get_array().size());
      for (const auto& element : value.get_array()) append_canonical(out, element);
      return;
    case boost::json::kind::object: append_canonical(out, value.get_object()); return;
  }
}

}  // namespace

const Envelope& CommandReader::read(std::string_view record) {
  envelope_ = {};
  data_ = nullptr;
  envelope_.refusal = read_envelope(record);
  return envelope_;
}

std::optional<Rejection> CommandReader::read_envelope(std::string_view record) {
  if (record.size() > largest_command) return malformed("longer than 1 MiB", Unreadable::size);
  const auto* value = document_.parse(record);
  if (value == nullptr) return malformed(record, document_.fault());
  const auto* object = value->if_object();
  if (object == nullptr) return malformed("not a JSON object", Unreadable::not_an_object);

  ObjectCursor attributes(*object);  // in docs/wire.md's order, which is quickest
  const auto specversion = attributes.take_text("specversion");
  envelope_.id = attributes.take_text("id");
  envelope_.source = attributes.take_text("source");
  envelope_.type = attributes.take_text("type");
  envelope_.time = attributes.take_text("time");
  data_ = attributes.take_object("data");
  envelope_.traceparent = attributes.take_text("traceparent");
  if (data_ != nullptr) envelope_.resource = ObjectCursor(*data_).take_text("resource");

  if (specversion != "1.0") return malformed_attribute("specversion", "\"1.0\"");
  if (!is_short(envelope_.id)) {
    return malformed_attribute("id", text_of_rule(rule::short_text));
  }
  if (!is_short(envelope_.source)) {
    return malformed_attribute("source", text_of_rule(rule::short_text));
  }
  if (!envelope_.type) return malformed_attribute("type", "a string");
  if (data_ == nullptr) return malformed_attribute("data", "an object");

  const auto known = std::find(names.begin(), names.end(), *envelope_.type);
  if (known == names.end()) {
    return Rejection{Code::unknown_type, {{"type", cut_detail(*envelope_.type)}}};
  }
  envelope_.type_index = static_cast<std::size_t>(known - names.begin());
  return std::nullopt;
}

Digest CommandReader::payload_digest() {
  scratch_.clear();
  append_text(scratch_, *envelope_.type);
  append_canonical(scratch_, *data_);
  return digest_of(scratch_);
}

std::expected<Command, Rejection> CommandReader::validate() {
  return read_command_at(*envelope_.type_index, *data_,
                         std::make_index_sequence<std::variant_size_v<CommandBody>>{});
}

Digest key_digest(std::string_view resource, std::string_view source, std::string_view id) {
  std::string key;
  key.reserve(resource.size() + source.size() + id.size() + 12);
  append_text(key, resource);
  append_text(key, source);
  append_text(key, id);
  return digest_of(key);
}

bool is_remembered(std::string_view type) { return type != CommandName<RunTimer>::value; }

std::string_view type_name(const CommandBody& body) { return names[body.index()]; }
std::string_view type_name(std::size_t type_index) { return names[type_index]; }

std::optional<BookingId> booking_named_by(const CommandBody& body) {
  return std::visit(
      [](const auto& command) -> std::optional<BookingId> {
        if constexpr (requires { command.booking_id; }) {
          return command.booking_id;
        } else {
          return std::nullopt;
        }
      },
      body);
}

}  // namespace pesan
