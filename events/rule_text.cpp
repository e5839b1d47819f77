#include "events/rule_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pesan {
namespace {

std::string slug(const rule::Text& rule) {
  return fmt::format("{} to {} letters, digits, _ or -, of which the first is a letter or a digit",
                     rule.min, rule.max);
}

std::string characters(const rule::Text& rule) {
  return fmt::format("a string of {} to {} characters", rule.min, rule.max);
}

}  // namespace

std::string text_of_rule(const rule::Text& rule) {
  switch (rule.form) {
    case rule::Form::any: return characters(rule);
    case rule::Form::name: return characters(rule) + ", not only white space";
    case rule::Form::resource:
    case rule::Form::schedule: return slug(rule);
    case rule::Form::booking:
      return fmt::format(
          "<resource>.<suffix> of this resource, with a suffix of 1 to {} letters, digits, _ or -",
          limit::booking_suffix);
    case rule::Form::own_booking:
      return fmt::format(
          "<resource>.<suffix> of this resource, with a suffix of 1 to {} letters, digits, _ or - "
          "that is not all digits",
          limit::booking_suffix);
    case rule::Form::currency: return "three capital letters";
    case rule::Form::phone:
      return fmt::format("{}, {} to {} of them digits", characters(rule),
                         limit::fewest_phone_digits, limit::most_phone_digits);
    case rule::Form::email:
      return characters(rule) + ", one @ before a domain with a dot, no white space";
    case rule::Form::timezone:
      return "the IANA name of a time zone that the engine's system knows, as Asia/Jakarta";
  }
  return "";
}

std::string text_of_rule(const rule::Integer& rule) {
  return fmt::format("an integer from {} to {}", rule.min, rule.max);
}
std::string text_of_rule(const rule::Day&) { return "a day as YYYY-MM-DD, 1970 to 9999"; }
std::string text_of_rule(const rule::Time&) { return "a local time as HH:MM, 00:00 to 24:00"; }
std::string text_of_rule(const rule::Appointment&) {
  return "a local day and time as YYYY-MM-DDTHH:MM, 1970 to 9999";
}
std::string text_of_rule(const rule::Moment&) {
  return "an instant as RFC 3339 has it, from 1970 to before 2100";
}
std::string text_of_rule(const rule::Flag&) { return "true or false"; }

std::string text_of_names(std::span<const std::string_view> names) {
  return fmt::format("one of {}", fmt::join(names, ", "));
}

}  // namespace pesan
