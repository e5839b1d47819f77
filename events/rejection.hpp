// Rejections: the business answers that say no. Codes are pinned: their names are on the wire and
// their numbers in memories of outcomes, for ever. Which one is the outcome follows from the stages
// (docs/domain.md#rejections): the first stage that refuses gives it. A rejection is a value,
// published and remembered, never retried.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "events/vocabulary.hpp"

namespace pesan {

/// What is judged of a command, in this order; a stage is finished before the next begins.
enum class Stage : std::uint8_t {
  read,
  repeat,
  validate,  // alone: what the command shows by itself
  look_up,
  guard,
  fit,
  transition,
  capacity,
  set_aside,  // by an operator
  reserved,
};
template <>
struct EnumNames<Stage> {
  static constexpr std::array<std::string_view, 10> names{
      "read", "repeat",     "validate", "look up",   "guard",
      "fit",  "transition", "capacity", "set aside", "reserved"};
};

/// The numbers are in the memory of outcomes and in snapshots, for ever: a new one goes at the end,
/// whatever its stage.
enum class Code : std::uint8_t {
  malformed = 0,
  unknown_type = 1,
  idempotency_conflict = 2,
  invalid_field = 3,
  invalid_range = 4,
  resource_exists = 5,
  resource_not_found = 6,
  wrong_resource_kind = 7,
  booking_exists = 8,
  booking_not_found = 9,
  schedule_exists = 10,
  schedule_not_found = 11,
  schedule_in_use = 12,
  version_conflict = 13,
  forbidden_actor = 14,
  resource_inactive = 15,
  schedule_closed = 16,
  not_in_time = 17,
  party_too_large = 18,
  stay_restriction = 19,
  already_checked_in = 20,
  not_checked_in = 21,
  already_checked_out = 22,
  invalid_transition = 23,
  capacity_below_allocated = 24,
  capacity_exceeded = 25,
  engine_failed = 26,
  booking_archived = 27,
  not_due = 28,
};

/// One row of the rejection table.
struct CodeRow {
  Code code = Code::malformed;
  std::string_view name;  // on the wire
  Stage stage = Stage::read;
  std::string_view message;      // one sentence for people
  std::optional<Stage> again{};  // a later stage that gives it too
};

inline constexpr std::array code_table{
    CodeRow{Code::malformed, "malformed", Stage::read, "The record is not a readable command."},
    CodeRow{Code::unknown_type, "unknown_type", Stage::read, "There is no command of this type."},
    CodeRow{Code::idempotency_conflict, "idempotency_conflict", Stage::repeat,
            "Another command was sent before under the same source and id."},
    CodeRow{Code::invalid_field, "invalid_field", Stage::validate,
            "A field is missing, unknown or against its rule.", Stage::fit},
    CodeRow{Code::invalid_range, "invalid_range", Stage::validate,
            "The values given do not make a range that is allowed.", Stage::fit},
    CodeRow{Code::resource_exists, "resource_exists", Stage::look_up,
            "The resource is defined already."},
    CodeRow{Code::resource_not_found, "resource_not_found", Stage::look_up,
            "There is no such resource."},
    CodeRow{Code::wrong_resource_kind, "wrong_resource_kind", Stage::look_up,
            "The resource is of the other kind."},
    CodeRow{Code::booking_exists, "booking_exists", Stage::look_up, "The booking id is taken."},
    CodeRow{Code::booking_not_found, "booking_not_found", Stage::look_up,
            "There is no such booking."},
    CodeRow{Code::schedule_exists, "schedule_exists", Stage::look_up, "The schedule id is taken."},
    CodeRow{Code::schedule_not_found, "schedule_not_found", Stage::look_up,
            "There is no such schedule."},
    CodeRow{Code::schedule_in_use, "schedule_in_use", Stage::look_up,
            "A booking names or holds the schedule."},
    CodeRow{Code::version_conflict, "version_conflict", Stage::guard,
            "The booking has changed since the version expected."},
    CodeRow{Code::forbidden_actor, "forbidden_actor", Stage::guard, "The actor may not do this."},
    CodeRow{Code::resource_inactive, "resource_inactive", Stage::guard,
            "The resource takes no new bookings."},
    CodeRow{Code::schedule_closed, "schedule_closed", Stage::guard, "The schedule is closed."},
    CodeRow{Code::not_in_time, "not_in_time", Stage::fit,
            "The day or the slot has begun or is over."},
    CodeRow{Code::party_too_large, "party_too_large", Stage::fit,
            "The party is larger than the units take."},
    CodeRow{Code::stay_restriction, "stay_restriction", Stage::fit,
            "The stay is shorter or longer than the room allows."},
    CodeRow{Code::already_checked_in, "already_checked_in", Stage::transition,
            "The booking is checked in already."},
    CodeRow{Code::not_checked_in, "not_checked_in", Stage::transition,
            "The booking is not checked in."},
    CodeRow{Code::already_checked_out, "already_checked_out", Stage::transition,
            "The booking is checked out already."},
    CodeRow{Code::invalid_transition, "invalid_transition", Stage::transition,
            "The booking's status does not allow this."},
    CodeRow{Code::capacity_below_allocated, "capacity_below_allocated", Stage::capacity,
            "More is held than the new capacity takes."},
    CodeRow{Code::capacity_exceeded, "capacity_exceeded", Stage::capacity,
            "There is not enough left."},
    CodeRow{Code::engine_failed, "engine_failed", Stage::set_aside,
            "The command was set aside by an operator."},
    CodeRow{Code::booking_archived, "booking_archived", Stage::reserved,
            "The booking is archived."},
    CodeRow{Code::not_due, "not_due", Stage::transition, "The timer is not due."},
};
/// A code is found by its number.
static_assert([] {
  for (std::size_t i = 0; i < code_table.size(); ++i) {
    if (static_cast<std::size_t>(code_table[i].code) != i) return false;
  }
  return true;
}());

constexpr const CodeRow& row_of(Code code) { return code_table[static_cast<std::size_t>(code)]; }

template <>
struct EnumNames<Code> {
  static constexpr std::array<std::string_view, code_table.size()> names = [] {
    std::array<std::string_view, code_table.size()> result{};
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = code_table[i].name;
    return result;
  }();
};

/// Which rule a field breaks: `rule` in the details of invalid_field.
enum class Breach : std::uint8_t {
  missing,
  unknown,  // no field of this command
  type,     // of another JSON type
  range,    // a number too small or large, a text too short or long
  pattern,  // of another form, or none of the names
  refused   // not with this inventory
};
/// Why a record is no command: `kind` in the details of malformed.
enum class Unreadable : std::uint8_t {
  size,
  empty,  // nothing but white space
  byte_order_mark,
  encoding,  // not UTF-8, or half of a surrogate pair
  depth,
  syntax,
  not_an_object,
  attribute,  // the CloudEvent around the data
  misplaced   // it says that it was forwarded, and is not of its partition
};
template <>
struct EnumNames<Breach> {
  static constexpr std::array<std::string_view, 6> names{"missing", "unknown", "type",
                                                         "range",   "pattern", "refused"};
};
template <>
struct EnumNames<Unreadable> {
  static constexpr std::array<std::string_view, 9> names{
      "size",   "empty",         "byte_order_mark", "encoding", "depth",
      "syntax", "not_an_object", "attribute",       "misplaced"};
};

/// One fact about a rejection, e.g. {"field", "customer.phone"} or {"left", 0}.
struct Detail {
  std::string_view name;  // a literal
  std::variant<std::int64_t, std::string> value;
  bool operator==(const Detail&) const = default;
};

struct Rejection {
  Code code = Code::malformed;
  std::vector<Detail> details;
  bool operator==(const Rejection&) const = default;
};

/// One sentence for people; the same for every rejection of that code.
constexpr std::string_view message_of(Code code) { return row_of(code).message; }
/// The same, with what the details (JSON text, as results carry them) say of a field or a place.
/// It is made from them alone, so that a remembered outcome has the message that it had.
std::string message_of(Code code, std::string_view details);

/// invalid_field: `field` is its path, `expected` says in a few words what its rule takes.
Rejection invalid_field(std::string_view field, Breach breach, std::string_view expected);

/// Text for a detail: cut to 200 characters (docs/domain.md#rejections), never inside one.
std::string cut_detail(std::string_view text);

}  // namespace pesan
