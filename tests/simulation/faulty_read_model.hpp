// The ReadModel port as one process sees it in a bad world: a MemoryReadModel whose calls fail,
// lose their answers or kill the process, as the dice of Nature fall. It keeps every promise of the
// port. One thread.
#pragma once

#include <memory>

#include "tests/simulation/nature.hpp"

namespace pesan::simulation {

class FaultyReadModel final : public ReadModel {
 public:
  FaultyReadModel(Nature& nature, Life& life) : nature_(nature), life_(life) {}

  Fallible<void> apply(std::span<SourceChanges> round) override;
  Fallible<std::optional<Checkpoint>> checkpoint(TopicPartition source) override;
  Fallible<std::unique_ptr<ReadSnapshot>> snapshot() override;
  Fallible<void> settle_rebuild() override { return {}; }

 private:
  Fallible<void> store(std::span<SourceChanges> round);

  Nature& nature_;
  Life& life_;
};

}  // namespace pesan::simulation
