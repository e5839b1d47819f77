#include "tests/simulation/faulty_read_model.hpp"

namespace pesan::simulation {
namespace {

std::unexpected<Failure> for_a_moment() {
  return fail(FailureKind::transient, "the simulated store is away for a moment");
}
std::unexpected<Failure> lost() {
  return fail(FailureKind::unknown, "the simulated store's answer was lost");
}

/// A round that outlives its projectors.
struct KeptRound {
  explicit KeptRound(std::span<const SourceChanges> round)
      : changes(round.size()), sources(round.begin(), round.end()) {
    for (std::size_t i = 0; i < sources.size(); ++i) {
      changes[i].merge(*sources[i].changes);
      sources[i].changes = &changes[i];
    }
  }
  std::vector<RowChanges> changes;
  std::vector<SourceChanges> sources;
};

}  // namespace

Fallible<void> FaultyReadModel::apply(std::span<SourceChanges> round) {
  if (nature_.begin(life_, "apply")) return for_a_moment();
  if (!nature_.random.chance(nature_.faults.lost_answer)) {
    auto done = store(round);
    nature_.end(life_, "apply");
    return done;
  }
  switch (nature_.random.below(3)) {
    case 0: break;
    case 1: {
      const auto done = store(round);
      if (!done && done.error().kind == FailureKind::fatal) return done;
      break;
    }
    default: {
      // Arrives when somebody else may have moved on; the comparison then keeps it out.
      auto kept = std::make_shared<KeptRound>(round);
      nature_.send_late([&nature = nature_, kept] {
        const auto done = nature.model.apply(kept->sources);
        static_cast<void>(done);
      });
    }
  }
  nature_.note("      {}: the answer to apply is lost", life_.name);
  nature_.end(life_, "apply");
  return lost();
}

Fallible<void> FaultyReadModel::store(std::span<SourceChanges> round) {
  if (nature_.mutant == Mutant::compare_and_set_removed) {
    for (SourceChanges& one : round) one.expected = *nature_.model.checkpoint(one.source());
  }
  return nature_.model.apply(round);
}

Fallible<std::optional<Checkpoint>> FaultyReadModel::checkpoint(TopicPartition source) {
  if (nature_.begin(life_, "checkpoint")) return for_a_moment();
  auto stored = nature_.model.checkpoint(source);
  nature_.end(life_, "checkpoint");
  return stored;
}

Fallible<std::unique_ptr<ReadSnapshot>> FaultyReadModel::snapshot() {
  return nature_.model.snapshot();
}

}  // namespace pesan::simulation
