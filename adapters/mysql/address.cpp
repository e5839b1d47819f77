#include "adapters/mysql/address.hpp"

#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace pesan::mysql {
namespace {

constexpr std::string_view scheme = "mysql://";

/// What stands before `mark`, which goes too; all of it where there is none.
std::string_view cut(std::string_view& text, char mark) {
  const std::size_t end = text.find(mark);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

/// With every %40 as the @ that it stands for; nothing where an escape is none.
std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text.front() != '%') {
      out.push_back(text.front());
      text.remove_prefix(1);
      continue;
    }
    unsigned char byte = 0;
    const auto code = text.substr(1, 2);
    const auto [end, error] = std::from_chars(code.data(), code.data() + code.size(), byte, 16);
    if (code.size() < 2 || end != code.data() + 2 || error != std::errc{} || byte == 0) {
      return std::nullopt;
    }
    out.push_back(static_cast<char>(byte));
    text.remove_prefix(3);
  }
  return out;
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::unexpected<Failure> wrong(std::string_view url, std::string_view why) {
  return fail(FailureKind::usage, fmt::format("{} is no address of a database: {}; write "
                                              "mysql://user@host:3306/database",
                                              url, why));
}

bool parse_host(std::string_view text, Address& address) {
  std::string_view port;
  if (text.starts_with('[')) {  // IPv6
    text.remove_prefix(1);
    address.host = cut(text, ']');
    if (!text.empty() && !text.starts_with(':')) return false;
    port = text.empty() ? text : text.substr(1);
  } else {
    address.host = cut(text, ':');
    port = text;
  }
  if (port.empty()) return true;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  return error == std::errc{} && end == port.data() + port.size() && address.port > 0 &&
         address.port < 65536;
}

}  // namespace

std::string Address::name() const {
  if (!socket.empty()) return fmt::format("mysql:{}/{}", socket, database);
  return fmt::format("mysql://{}:{}/{}", host, port, database);
}

Fallible<Address> parse_address(std::string_view url) {
  if (!url.starts_with(scheme)) return wrong(url, "it does not begin with mysql://");
  std::string_view rest = url.substr(scheme.size());
  std::string_view place = cut(rest, '?');
  Address address;
  bool readable = true;
  const auto decode = [&](std::string_view text) {
    auto plain = decoded(text);
    readable = readable && plain;
    return std::move(plain).value_or("");
  };
  const std::size_t at = place.rfind('@');
  if (at != std::string_view::npos) {
    const std::string_view user = place.substr(0, at);
    address.user = decode(user);
    place.remove_prefix(at + 1);
    if (user.find(':') != std::string_view::npos) {
      // The address is not repeated: it would put the password into a log.
      return fail(FailureKind::usage,
                  "an address holds no password, as others could read it there: put it into the "
                  "environment (PESAN_STORE_PASSWORD) or into a file "
                  "(--store-password-file FILE)");
    }
  }
  const std::string_view host = cut(place, '/');
  address.database = decode(place);
  if (!parse_host(host, address)) return wrong(url, "its host or port cannot be read");
  bool tls_given = false;
  while (!rest.empty()) {
    std::string_view option = cut(rest, '&');
    const std::string_view name = cut(option, '=');
    if (name == "socket") {
      address.socket = decode(option);
    } else if (name == "ca") {
      address.ca = decode(option);
    } else if (name == "tls" && (option == "off" || option == "verify")) {
      address.tls = option == "off" ? Address::Tls::off : Address::Tls::verify;
      tls_given = true;
    } else {
      return wrong(url, fmt::format("there is no option {}={} (tls=off, tls=verify, ca=FILE, "
                                    "socket=FILE)",
                                    name, option));
    }
  }
  if (!readable) {
    return wrong(url, "behind a % stand two hexadecimal digits (%40 is @, and % itself is %25)");
  }
  if (address.user.empty()) return wrong(url, "it names no user");
  if (address.host.empty() && address.socket.empty()) return wrong(url, "it names no host");
  if (address.database.empty() || address.database.size() > 64) {
    return wrong(url, "it names no database");
  }
  if (address.database.find_first_of("/`") != std::string::npos) {
    return wrong(url, "the name of its database cannot be read");
  }
  if (!tls_given && (!address.socket.empty() || is_loopback(address.host))) {
    address.tls = Address::Tls::off;
  }
  return address;
}

}  // namespace pesan::mysql
