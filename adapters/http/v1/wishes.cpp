#include "adapters/http/v1/wishes.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "adapters/http/v1/parsing.hpp"
#include "events/limits.hpp"

namespace pesan::http::v1 {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// Takes what stands before the first `between` off the text.
std::string_view next_of(std::string_view& text, char between) {
  const std::size_t end = std::min(text.find(between), text.size());
  const std::string_view first = trimmed(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return first;
}

std::optional<std::string_view> unquoted(std::string_view text) {
  if (text.size() < 2 || !text.starts_with('"') || !text.ends_with('"')) return std::nullopt;
  text = text.substr(1, text.size() - 2);
  if (text.find('"') != std::string_view::npos) return std::nullopt;
  return text;
}

/// What says one thing must be there once, or two of those on the way may read two things.
Answered<void> check_once(const Request& request) {
  constexpr std::array<std::string_view, 7> once{"Host",
                                                 "Authorization",
                                                 "Content-Type",
                                                 "If-Match",
                                                 "Idempotency-Key",
                                                 "Pesan-Min-Position",
                                                 "Content-Encoding"};
  for (const std::string_view name : once) {
    const auto count = std::ranges::count_if(
        request.headers, [&](const Header& header) { return same_name(header.name, name); });
    if (count > 1) {
      return refuse(Mistake::malformed_request, fmt::format("The header {} is there twice.", name));
    }
  }
  return {};
}

Answered<void> read_prefer(const Request& request, Wishes& wishes) {
  for (const Header& header : request.headers) {
    if (!same_name(header.name, "Prefer")) continue;
    for (std::string_view list = header.value; !list.empty();) {
      std::string_view one = next_of(list, ',');
      one = next_of(one, ';');  // parameters of a preference say nothing here
      std::string_view value = one;
      const std::string_view name = next_of(value, '=');
      if (same_name(name, "respond-async")) wishes.respond_async = true;
      if (!same_name(name, "wait")) continue;
      const auto seconds = number_in<std::int64_t>(unquoted(value).value_or(value));
      if (!seconds) {
        return refuse(Mistake::malformed_request, "Prefer: wait is no number of seconds.");
      }
      wishes.wait = std::min(std::chrono::seconds{*seconds}, longest_wait);
    }
  }
  return {};
}

Answered<void> read_key(std::string_view header, Wishes& wishes) {
  const std::string_view key = unquoted(header).value_or(header);
  const bool printable = std::ranges::all_of(key, [](char c) { return c >= ' ' && c != 127; });
  if (key.empty() || key.size() > limit::short_text || key.find('"') != std::string_view::npos ||
      !printable) {
    return refuse(Mistake::malformed_request,
                  "Idempotency-Key has 1 to 200 characters of ASCII, with quotes around or none.");
  }
  wishes.key = key;
  return {};
}

Answered<void> read_if_match(std::string_view header, Wishes& wishes) {
  if (header == "*") return {};  // whatever its version, as long as it is there
  const auto tag = unquoted(header);
  const auto version = tag ? number_in<std::int64_t>(*tag) : std::nullopt;
  if (!version) {
    return refuse(Mistake::malformed_request,
                  "If-Match is an ETag of this server's, such as \"7\".");
  }
  wishes.expected_version = *version;
  return {};
}

Answered<void> read_min_position(std::string_view list, Wishes& wishes) {
  while (!list.empty()) {
    std::string_view sequence = next_of(list, ',');
    const auto partition = number_in<std::int32_t>(next_of(sequence, ':'));
    const auto number = number_in<std::int64_t>(sequence);
    if (!partition || !number) {
      return refuse(Mistake::malformed_request,
                    "Pesan-Min-Position is PARTITION:SEQUENCE, with a comma between two.");
    }
    wishes.min_position.push_back({.partition = {*partition}, .sequence = {*number}});
  }
  return {};
}

}  // namespace

Answered<Wishes> wishes_of(const Request& request) {
  Wishes wishes;
  if (auto once = check_once(request); !once) return std::unexpected(once.error());
  if (auto read = read_prefer(request, wishes); !read) return std::unexpected(read.error());
  using Read = Answered<void> (*)(std::string_view, Wishes&);
  constexpr std::array<std::pair<std::string_view, Read>, 3> readers{
      std::pair{"Idempotency-Key", &read_key}, std::pair{"If-Match", &read_if_match},
      std::pair{"Pesan-Min-Position", &read_min_position}};
  for (const auto& [name, read_into] : readers) {
    const std::string* header = request.find(name);
    if (header == nullptr) continue;
    if (auto read = read_into(trimmed(*header), wishes); !read) {
      return std::unexpected(read.error());
    }
  }
  return wishes;
}

Answered<void> check_accept(const Request& request) {
  bool said = false;
  for (const Header& header : request.headers) {
    if (!same_name(header.name, "Accept")) continue;
    for (std::string_view list = header.value; !list.empty();) {
      std::string_view one = next_of(list, ',');
      const std::string_view type = next_of(one, ';');
      if (same_name(type, "*/*") || same_name(type, "application/*") ||
          same_name(type, "application/json") || same_name(type, "application/problem+json")) {
        return {};
      }
      said = true;
    }
  }
  if (said) return refuse(Mistake::not_acceptable);
  return {};
}

Answered<void> check_body_type(const Request& request, bool cloud_event) {
  const std::string* encoding = request.find("Content-Encoding");
  if (encoding != nullptr && !same_name(*encoding, "identity")) {
    return refuse(Mistake::unsupported_type);
  }
  const std::string* header = request.find("Content-Type");
  std::string_view rest = header == nullptr ? std::string_view() : *header;
  const std::string_view type = next_of(rest, ';');
  const bool known = same_name(type, "application/json") ||
                     (cloud_event && (same_name(type, "application/cloudevents+json") ||
                                      same_name(type, "application/cloudevents-batch+json")));
  if (!known) return refuse(Mistake::unsupported_type);
  while (!rest.empty()) {
    std::string_view value = next_of(rest, ';');
    if (!same_name(next_of(value, '='), "charset")) continue;
    if (!same_name(unquoted(value).value_or(value), "utf-8")) {
      return refuse(Mistake::unsupported_type);
    }
  }
  return {};
}

}  // namespace pesan::http::v1
