#include "adapters/http/address.hpp"

#include <charconv>

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>

namespace pesan::http {

Fallible<Address> parse_address(std::string_view text) {
  const auto wrong = [&](std::string_view why) {
    return fail(
        FailureKind::fatal,
        fmt::format("{} is no address: {}; use HOST:PORT, or PORT alone for loopback", text, why));
  };
  const auto colon = text.rfind(':');
  const std::string_view port = colon == std::string_view::npos ? text : text.substr(colon + 1);
  std::string_view host = colon == std::string_view::npos ? "" : text.substr(0, colon);
  Address address;
  const auto read = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (read.ec != std::errc{} || read.ptr != port.data() + port.size()) {
    return wrong("a port is a number up to 65535");
  }
  if (host.empty()) return address;
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return wrong("an IPv6 address stands in brackets");
  }
  if (host.empty() || host.find_first_of("[]/ ") != std::string_view::npos) {
    return wrong("it names no host");
  }
  address.host = host;
  return address;
}

bool is_loopback(const Address& address) {
  if (address.host == "localhost") return true;
  boost::system::error_code none;  // a name, which may mean any address
  const auto parsed = boost::asio::ip::make_address(address.host, none);
  return !none && parsed.is_loopback();
}

std::string to_string(const Address& address) {
  const bool brackets = address.host.find(':') != std::string::npos;
  return fmt::format(fmt::runtime(brackets ? "[{}]:{}" : "{}:{}"), address.host, address.port);
}

}  // namespace pesan::http
