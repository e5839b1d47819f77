#include "adapters/http/v1/client.hpp"

#include <algorithm>

namespace pesan::http::v1 {

bool Client::covers(std::string_view resource) const {
  return resources.empty() || std::ranges::any_of(resources, [&](const auto& prefix) {
           return resource.starts_with(prefix);
         });
}

Client local_admin() {
  return {.name = "local", .role = ClientRole::admin, .actor_id = "local", .any_actor = true};
}

Answered<void> check_access(const Client& client, Access access) {
  switch (access) {
    case Access::open:
    case Access::read: return {};
    case Access::read_guests:
      if (client.resources.empty()) return {};
      return refuse(Mistake::resource_not_yours,
                    "Customers belong to no resource, and this token is for some alone.");
    case Access::write:
      if (client.role != ClientRole::viewer) return {};
      return refuse(Mistake::role_forbids, "A viewer reads.");
  }
  return {};
}

Answered<void> check_resource(const Client& client, std::string_view resource) {
  if (client.covers(resource)) return {};
  return refuse(Mistake::resource_not_yours);
}

}  // namespace pesan::http::v1
