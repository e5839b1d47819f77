#include "events/json_document.hpp"

#include <algorithm>

#include <boost/json/error.hpp>

#include "events/ascii.hpp"
#include "events/utf8.hpp"

namespace pesan {
namespace {

boost::json::parse_options options() {
  boost::json::parse_options options;
  options.max_depth = 32;  // deeper is malformed (docs/domain.md#rejections)
  return options;
}

/// The same text, as long as before, with exponents of nine digits at most behind zeros: what is
/// beyond that is 0 or infinity either way. Older Boost.JSON (1.81) refuses an exponent of more
/// than 32 bits, newer (1.83) takes it, and an answer must not depend on that.
std::string with_short_exponents(std::string_view text) {
  constexpr std::size_t most_digits = 9;
  std::string out;
  bool within_string = false;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i++];
    out.push_back(c);
    if (within_string) {
      if (c == '\\' && i < text.size()) out.push_back(text[i++]);
      within_string = c != '"';
      continue;
    }
    within_string = c == '"';
    if (c != 'e' && c != 'E') continue;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) out.push_back(text[i++]);
    const auto digits =
        text.substr(i, std::ranges::find_if_not(text.substr(i), is_digit) - text.substr(i).begin());
    const auto significant = digits.substr(std::min(digits.find_first_not_of('0'), digits.size()));
    if (significant.size() > most_digits) {
      out.append(digits.size() - most_digits, '0').append(most_digits, '9');
    } else {
      out.append(digits);
    }
    i += digits.size();
  }
  return out;
}

/// Where half of a surrogate pair is written (\ud83d and no \udc36 after it, or the other way
/// round) before `at`, where the parser gave up; nothing where that is not why.
std::optional<std::size_t> lone_surrogate(std::string_view text, std::size_t at) {
  constexpr std::string_view escape = "\\u";
  constexpr std::size_t whole = 6;
  const auto is_half = [&](std::size_t place) {
    const auto code = text.substr(place, whole);
    if (!code.starts_with(escape) || code.size() < whole || lower(code[2]) != 'd') return false;
    return code[3] == '8' || code[3] == '9' || (lower(code[3]) >= 'a' && lower(code[3]) <= 'f');
  };
  const auto last = text.rfind(escape, at);
  if (last == text.npos || at - last > whole) return std::nullopt;
  if (is_half(last)) return last;
  if (last >= whole && is_half(last - whole)) return last - whole;
  return std::nullopt;
}

JsonFault fault_of(std::string_view text, boost::system::error_code why, std::size_t at) {
  using Kind = JsonFault::Kind;
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  // The parser calls most of these one syntax error.
  if (std::ranges::all_of(text, is_space)) return {Kind::empty, "there is nothing in it", 0};
  if (text.starts_with(mark)) return {Kind::byte_order_mark, "it begins with a byte order mark", 0};
  if (const auto valid = valid_utf8_prefix(text); valid < text.size() && valid <= at) {
    return {Kind::encoding, "not valid UTF-8", valid};
  }
  using boost::json::error;
  if (why == error::too_deep) return {Kind::depth, "deeper than 32 levels", at};
  if (const auto half = lone_surrogate(text, at)) {
    return {Kind::encoding, "half of a surrogate pair", *half};
  }
  if (at >= text.size()) return {Kind::syntax, "it ends before its JSON does", text.size()};
  if (why == error::extra_data) return {Kind::syntax, "there is more after its JSON", at};
  return {Kind::syntax, "not JSON", at};
}

}  // namespace

JsonDocument::JsonDocument()
    : buffer_(std::make_unique_for_overwrite<unsigned char[]>(buffer_size)),
      memory_(buffer_.get(), buffer_size),
      parser_(boost::json::storage_ptr{}, options()) {}

const boost::json::value* JsonDocument::parse(std::string_view text) {
  value_.reset();
  auto error = read(text);
  if (error == boost::json::error::exponent_overflow) error = read(with_short_exponents(text));
  if (error) {
    fault_ = fault_of(text, error, read_);
    parser_.reset();
    return nullptr;
  }
  value_.emplace(parser_.release());
  return &*value_;
}

boost::system::error_code JsonDocument::read(std::string_view text) {
  parser_.reset();
  memory_.release();
  parser_.reset(&memory_);
  boost::system::error_code error;
  read_ = parser_.write(text.data(), text.size(), error);
  return error;
}

}  // namespace pesan
