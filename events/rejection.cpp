#include "events/rejection.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "events/limits.hpp"
#include "events/utf8.hpp"

namespace pesan {

namespace {

/// What stands in the details under `name`, as text; "" where there is nothing.
std::string said(const boost::json::object& details, std::string_view name) {
  const auto* value = details.if_contains(name);
  if (value == nullptr) return {};
  if (const auto* text = value->if_string()) return {text->data(), text->size()};
  const auto* number = value->if_int64();
  return number == nullptr ? std::string() : std::to_string(*number);
}

std::string_view said_of(Breach breach) {
  switch (breach) {
    case Breach::missing: return "is missing";
    case Breach::unknown: return "is unknown";
    case Breach::type: return "is of the wrong type";
    case Breach::range: return "is out of range";
    case Breach::pattern: return "is not of the form that it must have";
    case Breach::refused: return "must not be given here";
  }
  return "";
}

}  // namespace

std::string message_of(Code code, std::string_view details) {
  const std::string_view sentence = message_of(code);
  boost::system::error_code error;
  const auto parsed = boost::json::parse(details, error);
  const auto* facts = error ? nullptr : parsed.if_object();
  if (facts == nullptr) return std::string(sentence);
  const std::string expected = said(*facts, "expected");
  if (const auto breach = parse_enum<Breach>(said(*facts, "rule")); breach && !expected.empty()) {
    return fmt::format("The field {} {}; expected: {}.", said(*facts, "field"), said_of(*breach),
                       expected);
  }
  if (const std::string line = said(*facts, "line"); !line.empty()) {
    return fmt::format("{} In its line {}, column {} (byte {}): {}.", sentence, line,
                       said(*facts, "column"), said(*facts, "byte"), said(*facts, "reason"));
  }
  if (code == Code::malformed && facts->contains("kind")) {
    return fmt::format("{}: {}.", sentence.substr(0, sentence.size() - 1), said(*facts, "reason"));
  }
  return std::string(sentence);
}

Rejection invalid_field(std::string_view field, Breach breach, std::string_view expected) {
  return {Code::invalid_field,
          {{"field", cut_detail(field)},
           {"rule", std::string(name_of(breach))},
           {"expected", cut_detail(expected)}}};
}

std::string cut_detail(std::string_view text) {
  return std::string(text.substr(0, utf8_prefix(text, limit::detail)));
}

}  // namespace pesan
