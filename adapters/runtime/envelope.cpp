#include "adapters/runtime/envelope.hpp"

#include <charconv>

#include <boost/json/serialize.hpp>

namespace pesan::runtime {
namespace {

std::optional<std::string_view> text_of(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string_view(value->get_string());
}

std::optional<std::int64_t> integer_in(std::optional<std::string_view> digits) {
  if (!digits) return std::nullopt;
  std::int64_t value = 0;
  const auto parsed = std::from_chars(digits->data(), digits->data() + digits->size(), value);
  if (parsed.ec != std::errc{} || parsed.ptr != digits->data() + digits->size()) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

EventEnvelope EnvelopeReader::read(std::string_view record) {
  EventEnvelope envelope;
  const auto* value = document_.parse(record);
  if (value == nullptr || !value->is_object()) return envelope;
  const auto& object = value->get_object();
  envelope.sequence = integer_in(text_of(object, "sequence"));
  envelope.id = text_of(object, "id");
  envelope.type = text_of(object, "type");
  envelope.time = text_of(object, "time");
  if (envelope.time) envelope.instant = parse_instant(*envelope.time);
  envelope.resource = text_of(object, "resource");
  envelope.subject = text_of(object, "subject");
  envelope.causationid = text_of(object, "causationid");
  envelope.causationsource = text_of(object, "causationsource");
  if (const auto* version = object.if_contains("version"); version && version->is_int64()) {
    envelope.version = version->get_int64();
  }
  if (const auto* data = object.if_contains("data"); data != nullptr) {
    if (data->is_object()) envelope.booking_id = text_of(data->get_object(), "booking_id");
    data_ = boost::json::serialize(*data);
    envelope.data = data_;
  }
  return envelope;
}

}  // namespace pesan::runtime
