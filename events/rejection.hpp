// Rejections: the business answers that say no. Codes are pinned: their names are on the wire for
// ever and their order here is the order of precedence (docs/domain.md#rejections); the first that
// applies is the outcome. A rejection is a value, published and remembered, never retried.
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

enum class Code : std::uint8_t {
  // read
  malformed = 0,
  unknown_type = 1,
  // repeat
  idempotency_conflict = 2,
  // validate alone, and fit
  invalid_field = 3,
  invalid_range = 4,
  // look up
  resource_exists = 5,
  resource_not_found = 6,
  wrong_resource_kind = 7,
  booking_exists = 8,
  booking_not_found = 9,
  schedule_exists = 10,
  schedule_not_found = 11,
  schedule_in_use = 12,
  // guard
  version_conflict = 13,
  forbidden_actor = 14,
  resource_inactive = 15,
  schedule_closed = 16,
  // fit
  not_in_time = 17,
  party_too_large = 18,
  stay_restriction = 19,
  // transition
  already_checked_in = 20,
  not_checked_in = 21,
  already_checked_out = 22,
  invalid_transition = 23,
  // capacity
  capacity_below_allocated = 24,
  capacity_exceeded = 25,
  // reserved: set aside by an operator; kept for an archive to come
  engine_failed = 26,
  booking_archived = 27,
};

template <>
struct EnumNames<Code> {
  static constexpr std::array<std::string_view, 28> names{"malformed",
                                                          "unknown_type",
                                                          "idempotency_conflict",
                                                          "invalid_field",
                                                          "invalid_range",
                                                          "resource_exists",
                                                          "resource_not_found",
                                                          "wrong_resource_kind",
                                                          "booking_exists",
                                                          "booking_not_found",
                                                          "schedule_exists",
                                                          "schedule_not_found",
                                                          "schedule_in_use",
                                                          "version_conflict",
                                                          "forbidden_actor",
                                                          "resource_inactive",
                                                          "schedule_closed",
                                                          "not_in_time",
                                                          "party_too_large",
                                                          "stay_restriction",
                                                          "already_checked_in",
                                                          "not_checked_in",
                                                          "already_checked_out",
                                                          "invalid_transition",
                                                          "capacity_below_allocated",
                                                          "capacity_exceeded",
                                                          "engine_failed",
                                                          "booking_archived"};
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
std::string_view message_of(Code code);
/// The same, with what the details (JSON text, as results carry them) say of a field or a place.
/// It is made from them alone, so that a remembered outcome has the message that it had.
std::string message_of(Code code, std::string_view details);

/// invalid_field: `field` is its path, `expected` says in a few words what its rule takes.
Rejection invalid_field(std::string_view field, Breach breach, std::string_view expected);

/// Text for a detail: cut to 200 characters (docs/domain.md#rejections), never inside one.
std::string cut_detail(std::string_view text);

}  // namespace pesan
