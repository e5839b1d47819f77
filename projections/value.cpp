#include "projections/value.hpp"

#include "events/assert.hpp"

namespace pesan {

StoredValue Value::stored(std::string& buffer) const {
  buffer.clear();
  switch (kind_) {
    case Kind::null: return std::monostate{};
    case Kind::integer: return number_;
    case Kind::text: return text();
    case Kind::date: append_date(buffer, Date{static_cast<std::int32_t>(number_)}); break;
    case Kind::time_of_day:
      append_time_of_day(buffer, TimeOfDay{static_cast<std::int32_t>(number_)});
      break;
    case Kind::local_minute: append_local_minute(buffer, LocalDateTime{number_}); break;
    case Kind::local_time: append_local(buffer, LocalDateTime{number_}); break;
    case Kind::instant: append_instant(buffer, Instant{number_}); break;
    case Kind::absent:
    case Kind::add: PESAN_ASSERT(false, "a change of a column is not a value of a row");
  }
  return std::string_view(buffer);
}

bool Value::operator==(const Value& other) const {
  if (kind_ != other.kind_) return false;
  if (kind_ == Kind::text) return text() == other.text();
  return number_ == other.number_;
}

std::strong_ordering Value::operator<=>(const Value& other) const {
  if (kind_ == other.kind_ && kind_ == Kind::text) return text() <=> other.text();
  PESAN_ASSERT(kind_ == other.kind_, "values of different kinds have no order");
  return number_ <=> other.number_;
}

std::string to_string(const StoredValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* text = std::get_if<std::string_view>(&value)) return std::string(*text);
  return "null";
}

}  // namespace pesan
