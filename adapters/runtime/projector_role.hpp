// The projector of every partition of events, and of customers, on one thread or several. Each
// thread has a store of its own, and applies what its partitions bring in one transaction a round.
#pragma once

#include <cstdint>
#include <functional>

#include "adapters/runtime/partition_role.hpp"
#include "projections/read_model.hpp"

namespace pesan::runtime {

class ProjectorRole : public PartitionRole {
 public:
  using OpenStore = std::function<Fallible<std::unique_ptr<ReadModel>>()>;

  /// The last thread has the customers, alone where there are several.
  ProjectorRole(const RoleSurroundings& surroundings, std::unique_ptr<Claims> claims,
                std::int32_t threads, OpenStore open_store);

 protected:
  Work work_of(const Thread& thread) override;

 private:
  struct Rows;
  class OneSource;
  /// The store of a thread that writes rows.
  Fallible<std::unique_ptr<ReadModel>> open_settled_store();

  OpenStore open_store_;
};

}  // namespace pesan::runtime
