#include "adapters/kafka/place.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "events/ascii.hpp"

namespace pesan::kafka {
namespace {

constexpr std::string_view prefix_option = "prefix=";
constexpr std::size_t longest_prefix = 200;  // a topic's name has at most 249

bool is_of_a_topic_name(char c) {
  return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-';
}

bool good_prefix(std::string_view prefix) {
  return !prefix.empty() && prefix.size() <= longest_prefix &&
         std::ranges::all_of(prefix, is_of_a_topic_name);
}

}  // namespace

std::string Place::topic(Topic topic) const { return fmt::format("{}.{}", prefix, name_of(topic)); }

std::string Place::url() const {
  return fmt::format("{}{}{}", url_scheme, brokers, prefix == "pesan" ? "" : "?prefix=" + prefix);
}

Fallible<Place> parse_place(std::string_view url, const std::vector<std::string>& properties) {
  const auto wrong = [&](std::string_view why) {
    return fail(
        FailureKind::usage,
        fmt::format("{} is no place on Kafka: {}; use kafka://HOST:PORT[,HOST:PORT][?prefix="
                    "NAME]",
                    url, why));
  };
  if (!url.starts_with(url_scheme)) return wrong("it does not begin with kafka://");
  std::string_view rest = url.substr(url_scheme.size());
  const auto question = rest.find('?');
  const std::string_view brokers = rest.substr(0, question);
  if (brokers.empty()) return wrong("it names no broker");
  if (brokers.find_first_of("/@ ") != std::string_view::npos) {
    return wrong("only brokers may stand before `?`, users and passwords are properties");
  }
  Place place{.brokers = std::string(brokers), .prefix = "pesan", .properties = {}};
  if (question != std::string_view::npos) {
    const std::string_view option = rest.substr(question + 1);
    if (!option.starts_with(prefix_option)) return wrong("after `?` stands only prefix=NAME");
    place.prefix = option.substr(prefix_option.size());
    if (!good_prefix(place.prefix)) {
      return wrong("a prefix has letters, digits, `.`, `_` and `-`, at most 200");
    }
  }
  for (const std::string& property : properties) {
    const auto equals = property.find('=');
    if (equals == std::string::npos || equals == 0) {
      return fail(FailureKind::usage, fmt::format("a Kafka property is name=value; there is no `=` "
                                                  "behind a name in the one given ({} characters)",
                                                  property.size()));
    }
    place.properties.emplace_back(property.substr(0, equals), property.substr(equals + 1));
  }
  return place;
}

}  // namespace pesan::kafka
