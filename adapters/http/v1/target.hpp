// The path and the query of a request, taken apart and with their percent-encoding undone. A
// segment that holds an encoded slash stays one segment. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/v1/problem.hpp"

namespace pesan::http::v1 {

/// A name of a path's or a query's, with what stands there.
struct Named {
  std::string name;
  std::string value;
  bool operator==(const Named&) const = default;
};

/// By name; null where it is not there.
const std::string* find(const std::vector<Named>& all, std::string_view name);

struct Target {
  std::vector<std::string> path;  // `/v1/rooms` are two
  std::vector<Named> query;       // each name once
};

/// Of `http://host/v1/rooms` the path alone. Refuses what is not UTF-8 in percent-encoding, and a
/// parameter that is there twice.
Answered<Target> parse_target(std::string_view target);

/// As a segment of a path, or a value of a query.
std::string percent_encoded(std::string_view text);

}  // namespace pesan::http::v1
