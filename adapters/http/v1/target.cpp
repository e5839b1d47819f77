#include "adapters/http/v1/target.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "events/ascii.hpp"
#include "events/utf8.hpp"

namespace pesan::http::v1 {
namespace {

std::optional<std::string> decoded(std::string_view text, bool plus_is_space) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result.push_back(plus_is_space && text[i] == '+' ? ' ' : text[i]);
      continue;
    }
    unsigned char byte = 0;
    if (i + 2 >= text.size()) return std::nullopt;
    const char* end = text.data() + i + 3;
    const auto read = std::from_chars(text.data() + i + 1, end, byte, 16);
    if (read.ec != std::errc{} || read.ptr != end || byte == 0) return std::nullopt;
    result.push_back(static_cast<char>(byte));
    i += 2;
  }
  if (valid_utf8_prefix(result) != result.size()) return std::nullopt;
  return result;
}

std::unexpected<Problem> badly_encoded(std::string_view what) {
  return refuse(Mistake::malformed_request,
                fmt::format("The {} is no percent-encoded UTF-8.", what));
}

}  // namespace

const std::string* find(const std::vector<Named>& all, std::string_view name) {
  const auto found = std::ranges::find(all, name, &Named::name);
  return found == all.end() ? nullptr : &found->value;
}

Answered<Target> parse_target(std::string_view target) {
  Target result;
  const std::size_t question = target.find('?');
  std::string_view path = target.substr(0, question);
  if (const std::size_t scheme = path.find("://"); !path.starts_with('/') && scheme != path.npos) {
    path.remove_prefix(std::min(path.find('/', scheme + 3), path.size()));
    if (path.empty()) path = "/";
  }
  if (!path.starts_with('/')) {
    return refuse(Mistake::malformed_request, "The path begins with no slash.");
  }
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    auto segment = decoded(path.substr(0, end), false);
    if (!segment) return badly_encoded("path");
    result.path.push_back(*std::move(segment));
    path.remove_prefix(end);
  }
  std::string_view query = question == std::string_view::npos ? "" : target.substr(question + 1);
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view one = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (one.empty()) continue;
    const std::size_t equals = std::min(one.find('='), one.size());
    auto name = decoded(one.substr(0, equals), true);
    auto value = decoded(one.substr(std::min(equals + 1, one.size())), true);
    if (!name || !value) return badly_encoded("query");
    if (find(result.query, *name) != nullptr) {
      return refuse(Mistake::unknown_parameter, fmt::format("{} is there twice.", *name));
    }
    result.query.push_back({.name = *std::move(name), .value = *std::move(value)});
  }
  return result;
}

std::string percent_encoded(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (is_letter(c) || is_digit(c) || std::string_view("-._~").find(c) != std::string_view::npos) {
      result.push_back(c);
    } else {
      result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return result;
}

}  // namespace pesan::http::v1
