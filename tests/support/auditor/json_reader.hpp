// Reads one command's bytes as strict JSON and writes JSON values in one canonical text.
//
// The reader is the auditor's own, so that an option of a parsing library that the program
// forgot to set shows as a difference. It accepts RFC 8259 and nothing else: no byte order mark,
// no lone surrogate, no invalid UTF-8. Pure functions; any thread may call them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json.hpp>

namespace pesan::audit {

inline constexpr std::size_t max_record_bytes = 1024 * 1024;
inline constexpr int max_levels = 32;

// The value that `text` spells, or nothing when it is not JSON or nests deeper than `max_levels`
// objects and arrays. Of a name twice in one object the last counts. A number without point and
// exponent is an integer where 64 bits hold it, and a double otherwise.
std::optional<boost::json::value> read_json(std::string_view text);

// Equal texts exactly for equal values: keys sorted, integers and doubles kept apart.
std::string canonical(const boost::json::value& value);

// Unicode code points of a valid UTF-8 text.
std::size_t characters(std::string_view text);

// The first `limit` code points of a valid UTF-8 text.
std::string cut(std::string_view text, std::size_t limit);

}  // namespace pesan::audit
