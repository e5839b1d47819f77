// Where a MySQL or MariaDB database is: `mysql://user@host:port/database?tls=verify&ca=FILE`. The
// password is no part of it, as addresses stand on command lines and in logs. Pure; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "events/failure.hpp"

namespace pesan::mysql {

struct Address {
  enum class Tls : std::uint8_t {
    off,     // only where nobody can listen: loopback or a socket
    verify,  // encrypted, and the server's certificate is verified, or there is no connection;
             // from 3.4 on the client library trusts over loopback any certificate, and elsewhere
             // one that the password vouches for, unless `ca` says whom to trust
  };
  std::string user;
  std::string host;  // without brackets
  int port = 3306;
  std::string database;
  std::string socket{};  // a local socket, instead of host and port
  Tls tls = Tls::verify;
  std::string ca{};  // file of the authorities to trust; empty: those of the system

  /// For people: without user.
  std::string name() const;
};

/// Understands `?tls=off|verify`, `?ca=FILE` and `?socket=FILE`. Without `tls` a connection that
/// leaves this machine is verified. An address with a password in it is refused: others can read
/// command lines. `usage` says what is wrong with it.
Fallible<Address> parse_address(std::string_view url);

struct Credentials {
  Address address;
  std::string password;
  /// Who owes an answer for longer is gone. As it stands, longer than any lock is waited for.
  std::chrono::seconds answers_within{300};
};

}  // namespace pesan::mysql
