#include "events/rejection.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

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

std::string_view message_of(Code code) {
  switch (code) {
    case Code::malformed: return "The record is not a readable command.";
    case Code::unknown_type: return "There is no command of this type.";
    case Code::idempotency_conflict:
      return "Another command was sent before under the same source and id.";
    case Code::invalid_field: return "A field is missing, unknown or against its rule.";
    case Code::invalid_range: return "The values given do not make a range that is allowed.";
    case Code::resource_exists: return "The resource is defined already.";
    case Code::resource_not_found: return "There is no such resource.";
    case Code::wrong_resource_kind: return "The resource is of the other kind.";
    case Code::booking_exists: return "The booking id is taken.";
    case Code::booking_not_found: return "There is no such booking.";
    case Code::schedule_exists: return "The schedule id is taken.";
    case Code::schedule_not_found: return "There is no such schedule.";
    case Code::schedule_in_use: return "A booking names or holds the schedule.";
    case Code::version_conflict: return "The booking has changed since the version expected.";
    case Code::forbidden_actor: return "The actor may not do this.";
    case Code::resource_inactive: return "The resource takes no new bookings.";
    case Code::schedule_closed: return "The schedule is closed.";
    case Code::not_in_time: return "The day or the slot has begun or is over.";
    case Code::party_too_large: return "The party is larger than the units take.";
    case Code::stay_restriction: return "The stay is shorter or longer than the room allows.";
    case Code::already_checked_in: return "The booking is checked in already.";
    case Code::not_checked_in: return "The booking is not checked in.";
    case Code::already_checked_out: return "The booking is checked out already.";
    case Code::invalid_transition: return "The booking's status does not allow this.";
    case Code::capacity_below_allocated: return "More is held than the new capacity takes.";
    case Code::capacity_exceeded: return "There is not enough left.";
    case Code::engine_failed: return "The command was set aside by an operator.";
    case Code::booking_archived: return "The booking is archived.";
  }
  return "";
}

std::string cut_detail(std::string_view text) {
  return std::string(text.substr(0, utf8_prefix(text, 200)));
}

}  // namespace pesan
