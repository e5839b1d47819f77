#include "events/json_document.hpp"

#include <algorithm>

#include <boost/json/error.hpp>

#include "events/ascii.hpp"

namespace pesan {
namespace {

boost::json::parse_options options() {
  boost::json::parse_options options;
  options.max_depth = 32;  // DESIGN 3.3: deeper is malformed
  return options;
}

/// The same text with exponents of nine digits at most: what is beyond that is 0 or infinity either
/// way. Older Boost.JSON (1.81) refuses an exponent of more than 32 bits, newer (1.83) takes it,
/// and an answer must not depend on that.
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
    out.append(significant.size() > most_digits ? std::string(most_digits, '9') : digits);
    i += digits.size();
  }
  return out;
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
    error_ = error.message();
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
  parser_.write(text.data(), text.size(), error);
  return error;
}

}  // namespace pesan
