// A JSON text parsed into memory that is reused from one text to the next, so that reading a stream
// of records allocates nothing after the first few. One object belongs to one thread; what `parse`
// returns lives until the next call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/value.hpp>

namespace pesan {

/// Why a text is no JSON, and where.
struct JsonFault {
  enum class Kind : std::uint8_t { empty, byte_order_mark, encoding, depth, syntax };

  Kind kind = Kind::syntax;
  std::string_view reason;  // in words; a literal
  std::size_t at = 0;       // bytes before the first one at fault
};

class JsonDocument {
 public:
  JsonDocument();

  /// nullptr when `text` is no JSON: not UTF-8, a lone surrogate, deeper than 32 levels, or not
  /// JSON at all; `fault()` then says which. Of a name twice in one object the last counts.
  const boost::json::value* parse(std::string_view text);
  const JsonFault& fault() const { return fault_; }

 private:
  boost::system::error_code read(std::string_view text);

  static constexpr std::size_t buffer_size = std::size_t{64} << 10;

  std::unique_ptr<unsigned char[]> buffer_;
  boost::json::monotonic_resource memory_;
  boost::json::parser parser_;
  std::optional<boost::json::value> value_;
  std::size_t read_ = 0;  // bytes of the text, before its end or the error
  JsonFault fault_;
};

}  // namespace pesan
