// Where a server listens, as --metrics says it. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "events/failure.hpp"

namespace pesan::http {

struct Address {
  std::string host = "127.0.0.1";  // a name, or an address without brackets
  std::uint16_t port = 0;          // 0: any that is free
  bool operator==(const Address&) const = default;
};

/// `HOST:PORT`, `[::1]:PORT`, or `PORT` and `:PORT`, which mean loopback. A failure says what is
/// wrong with it.
Fallible<Address> parse_address(std::string_view text);

/// Whether only this machine reaches it: `localhost`, or an address that is one of loopback.
bool is_loopback(const Address& address);

/// As it stands in a URL.
std::string to_string(const Address& address);

}  // namespace pesan::http
