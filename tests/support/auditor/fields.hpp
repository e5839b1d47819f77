// The stage "validate alone": the table of docs/domain.md#fields, written out as data.
//
// It looks at a command by itself, never at what is stored. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json.hpp>

namespace pesan::audit {

// One of the seventeen commands.
bool is_command_type(std::string_view type);

// The path of the first field at fault, uncut, or nothing. Order: resource, actor, reason,
// expected_version, the command's own row, then unknown fields by name. The fields of an object
// are judged where that object stands, its own unknown ones right after its known ones.
std::optional<std::string> first_faulty_field(std::string_view type,
                                              const boost::json::object& data);

// A range that is the wrong way round, or too long, in a command whose fields are all right.
bool has_faulty_range(const boost::json::object& data);

// The value of a field that is there; the field table has settled its kind.
std::optional<std::string> text_of(const boost::json::object& data, std::string_view name);
std::optional<std::int64_t> integer_of(const boost::json::object& data, std::string_view name);
// In milliseconds, rounded down.
std::optional<std::int64_t> instant_of(const boost::json::object& data, std::string_view name);

}  // namespace pesan::audit
