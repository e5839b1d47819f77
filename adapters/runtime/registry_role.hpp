// The customer registry: the one writer of customers, which reads all partitions of events.
#pragma once

#include "adapters/runtime/partition_role.hpp"

namespace pesan::runtime {

class RegistryRole final : public PartitionRole {
 public:
  struct Options {
    bool clear_phone = false;  // phones in log lines as they are
  };
  RegistryRole(const RoleSurroundings& surroundings, std::unique_ptr<Claims> claims,
               Options options)
      : PartitionRole(
            RoleKind::registry, surroundings, std::move(claims),
            {{.places = {customers_topic},
              .sources = deal_out(Topic::events, surroundings.log.partitions(), 1).front()}}),
        options_(options) {}

 protected:
  Work work_of(const Thread& thread) override;

 private:
  class Everything;
  const Options options_;
};

}  // namespace pesan::runtime
