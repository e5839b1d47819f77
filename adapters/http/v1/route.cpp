#include "adapters/http/v1/route.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pesan::http::v1 {
namespace {

/// What takes the first word off a list, and answers it.
std::string_view next_word(std::string_view& list, char between) {
  const std::size_t end = std::min(list.find(between), list.size());
  const std::string_view word = list.substr(0, end);
  list.remove_prefix(std::min(end + 1, list.size()));
  return word;
}

/// The names of the route's path, where it is this one.
std::optional<std::vector<Named>> names_in(const Route& route,
                                           const std::vector<std::string>& path) {
  std::vector<Named> names;
  std::string_view pattern = route.path.substr(1);
  for (const std::string& segment : path) {
    if (pattern.empty()) return std::nullopt;
    const std::string_view wanted = next_word(pattern, '/');
    if (wanted.front() != '{') {
      if (wanted != segment) return std::nullopt;
    } else {
      if (segment.empty()) return std::nullopt;
      names.push_back({.name = std::string(wanted.substr(1, wanted.size() - 2)), .value = segment});
    }
  }
  if (!pattern.empty()) return std::nullopt;
  return names;
}

bool takes(const Route& route, std::string_view parameter) {
  for (std::string_view list = route.parameters; !list.empty();) {
    if (next_word(list, ' ') == parameter) return true;
  }
  return false;
}

}  // namespace

std::string allowed_methods(const std::vector<std::string>& path) {
  std::set<std::string_view> methods;
  for (const Route& route : routes) {
    if (!names_in(route, path)) continue;
    methods.insert(route.method);
    methods.insert("OPTIONS");
    if (route.method == "GET") methods.insert("HEAD");
  }
  return fmt::format("{}", fmt::join(methods, ", "));
}

Answered<Match> find_route(std::string_view method, const Target& target) {
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  for (const Route& route : routes) {
    if (route.method != wanted) continue;
    auto names = names_in(route, target.path);
    if (!names) continue;
    for (const Named& parameter : target.query) {
      if (!takes(route, parameter.name)) {
        return refuse(Mistake::unknown_parameter,
                      fmt::format("{} is none of this route's.", parameter.name));
      }
    }
    return Match{.route = &route, .path = *std::move(names)};
  }
  std::string allowed = allowed_methods(target.path);
  if (allowed.empty()) return refuse(Mistake::no_such_route);
  Problem problem = problem_of(Mistake::method_not_allowed);
  problem.headers.push_back({.name = "Allow", .value = std::move(allowed)});
  return std::unexpected(std::move(problem));
}

}  // namespace pesan::http::v1
