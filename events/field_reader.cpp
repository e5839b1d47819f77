#include "events/field_reader.hpp"

#include "events/ascii.hpp"
#include "events/time_zone.hpp"
#include "events/utf8.hpp"

namespace pesan {
namespace {

constexpr bool is_word(char c) { return is_digit(c) || is_letter(c) || c == '_' || c == '-'; }

bool is_slug(std::string_view text) {
  return (is_digit(text.front()) || is_letter(text.front())) &&
         std::all_of(text.begin(), text.end(), is_word);
}

bool is_booking_id(std::string_view text, std::string_view resource, bool own) {
  if (!text.starts_with(resource) || text.size() <= resource.size() + 1) return false;
  if (text[resource.size()] != '.') return false;
  const auto suffix = text.substr(resource.size() + 1);
  return suffix.size() <= limit::booking_suffix &&
         std::all_of(suffix.begin(), suffix.end(), is_word) && !(own && all_digits(suffix));
}

bool is_phone(std::string_view text) {
  const auto digits = std::count_if(text.begin(), text.end(), is_digit);
  return digits >= limit::fewest_phone_digits && digits <= limit::most_phone_digits;
}

bool is_email(std::string_view text) {
  const auto at = text.find('@');
  if (at == 0 || at == std::string_view::npos || text.find('@', at + 1) != text.npos) return false;
  if (std::any_of(text.begin(), text.end(), is_space)) return false;
  const auto domain = text.substr(at + 1);
  return domain.find('.') != domain.npos && domain.front() != '.' && domain.back() != '.' &&
         domain.find("..") == domain.npos;
}

bool keeps_form(std::string_view text, rule::Form form, std::string_view resource) {
  switch (form) {
    case rule::Form::any: return true;
    case rule::Form::name: return !std::all_of(text.begin(), text.end(), is_space);
    case rule::Form::resource:
    case rule::Form::schedule: return is_slug(text);
    case rule::Form::booking: return is_booking_id(text, resource, false);
    case rule::Form::own_booking: return is_booking_id(text, resource, true);
    case rule::Form::currency: return std::all_of(text.begin(), text.end(), is_upper);
    case rule::Form::phone: return is_phone(text);
    case rule::Form::email: return is_email(text);
    case rule::Form::timezone: return TimeZone::find(text).has_value();
  }
  return false;
}

template <class T>
bool store(std::optional<T> parsed, T& into) {
  if (parsed) into = *parsed;
  return parsed.has_value();
}

}  // namespace

bool read_field(const boost::json::value& value, std::string_view& into, const rule::Text& rule,
                std::string_view resource) {
  const auto text = text_of(value);
  if (!text || text->find('\0') != text->npos) return false;
  const auto length = static_cast<std::int64_t>(utf8_length(*text));
  if (length < rule.min || length > rule.max) return false;
  if (!text->empty() && !keeps_form(*text, rule.form, resource)) return false;
  into = *text;
  return true;
}

bool read_field(const boost::json::value& value, std::int64_t& into, const rule::Integer& rule) {
  // Boost.JSON makes a double of whatever has a point or an exponent; above 2^63 is out of range.
  const auto* number = value.if_int64();
  if (number == nullptr || *number < rule.min || *number > rule.max) return false;
  into = *number;
  return true;
}

bool read_field(const boost::json::value& value, Date& into, const rule::Day&) {
  const auto text = text_of(value);
  return text && store(parse_date(*text), into);
}

bool read_field(const boost::json::value& value, TimeOfDay& into, const rule::Time&) {
  const auto text = text_of(value);
  return text && store(parse_time_of_day(*text), into);
}

bool read_field(const boost::json::value& value, LocalDateTime& into, const rule::Appointment&) {
  const auto text = text_of(value);
  return text && store(parse_local_minute(*text), into);
}

bool read_field(const boost::json::value& value, Instant& into, const rule::Moment&) {
  const auto text = text_of(value);
  const auto instant = text ? parse_instant(*text) : std::nullopt;
  return instant && instant->ms < limit::end_of_instants_ms && store(instant, into);
}

bool read_field(const boost::json::value& value, bool& into, const rule::Flag&) {
  const auto* flag = value.if_bool();
  if (flag == nullptr) return false;
  into = *flag;
  return true;
}

Breach breach_of(const boost::json::value& value, const rule::Text& rule) {
  const auto text = text_of(value);
  if (!text) return Breach::type;
  const auto length = static_cast<std::int64_t>(utf8_length(*text));
  return length < rule.min || length > rule.max ? Breach::range : Breach::pattern;
}
Breach breach_of(const boost::json::value& value, const rule::Integer&) {
  return value.is_int64() || value.is_uint64() ? Breach::range : Breach::type;
}
Breach breach_of(const boost::json::value&, const rule::Flag&) { return Breach::type; }
Breach breach_of_text(const boost::json::value& value) {
  return value.is_string() ? Breach::pattern : Breach::type;
}

}  // namespace pesan
