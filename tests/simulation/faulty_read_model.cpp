#include "tests/simulation/faulty_read_model.hpp"

namespace pesan::simulation {
namespace {

std::unexpected<Failure> for_a_moment() {
  return fail(FailureKind::transient, "the simulated store is away for a moment");
}
std::unexpected<Failure> lost() {
  return fail(FailureKind::unknown, "the simulated store's answer was lost");
}

}  // namespace

Fallible<void> FaultyReadModel::apply(const RowChanges& changes,
                                      const std::optional<Checkpoint>& expected,
                                      const Checkpoint& next) {
  if (nature_.begin(life_, "apply")) return for_a_moment();
  if (!nature_.random.chance(nature_.faults.lost_answer)) {
    auto done = store(changes, expected, next);
    nature_.end(life_, "apply");
    return done;
  }
  switch (nature_.random.below(3)) {
    case 0: break;
    case 1: {
      const auto done = store(changes, expected, next);
      if (!done && done.error().kind == FailureKind::fatal) return done;
      break;
    }
    default: {
      // Arrives when somebody else may have moved on; the comparison then keeps it out.
      auto kept = std::make_shared<RowChanges>();
      kept->merge(changes);
      nature_.send_late([&nature = nature_, kept, expected, next] {
        const auto done = nature.model.apply(*kept, expected, next);
        static_cast<void>(done);
      });
    }
  }
  nature_.note("      {}: the answer to apply is lost", life_.name);
  nature_.end(life_, "apply");
  return lost();
}

Fallible<void> FaultyReadModel::store(const RowChanges& changes,
                                      const std::optional<Checkpoint>& expected,
                                      const Checkpoint& next) {
  if (nature_.mutant != Mutant::compare_and_set_removed) {
    return nature_.model.apply(changes, expected, next);
  }
  const auto stored = nature_.model.checkpoint({next.topic, next.partition});
  return nature_.model.apply(changes, *stored, next);
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
