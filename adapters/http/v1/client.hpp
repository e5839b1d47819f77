// Who asks, and what they may (docs/http.md#tokens): settled by the token, never by a body. Plain
// values; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/v1/problem.hpp"
#include "adapters/http/v1/route.hpp"
#include "events/vocabulary.hpp"

namespace pesan::http::v1 {

/// Each may what the one before it may.
enum class ClientRole : std::uint8_t { viewer, operates, service, admin };

struct Client {
  std::string name;  // part of the source of its commands
  ClientRole role = ClientRole::viewer;
  ActorType actor_type = ActorType::admin;  // for whom it writes where a body names nobody
  std::string actor_id{};
  bool any_actor = false;                // a body may name another one
  std::vector<std::string> resources{};  // what ids of resources begin with; empty: all
  bool operator==(const Client&) const = default;

  bool covers(std::string_view resource) const;
  /// Phones and e-mail addresses of guests, as they are.
  bool sees_guests() const { return role != ClientRole::viewer; }
};

/// Everybody, where no token is needed.
Client local_admin();

Answered<void> check_access(const Client& client, Access access);
Answered<void> check_resource(const Client& client, std::string_view resource);

}  // namespace pesan::http::v1

namespace pesan {

template <>
struct EnumNames<http::v1::ClientRole> {
  static constexpr std::array<std::string_view, 4> names{"viewer", "operator", "service", "admin"};
};

}  // namespace pesan
