// JSON for people: two spaces a level, keys in the order in which they were put in, short lists on
// one line. For schemas and other documents that are read and compared; records are written
// compactly by JsonWriter. Pure.
#pragma once

#include <string>

#include <boost/json/value.hpp>

namespace pesan {

/// Ends with a newline, as a text file does.
std::string pretty_json(const boost::json::value& value);

}  // namespace pesan
