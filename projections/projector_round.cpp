#include "projections/projector_round.hpp"

#include <algorithm>
#include <utility>

#include "events/assert.hpp"

namespace pesan {

Fallible<ProjectorStep> ProjectorRound::fold(Projector& projector, std::optional<Offset> until) {
  auto done = projector.fold(until);
  if (done && done->kind == ProjectorStep::Kind::progress) projectors_.push_back(&projector);
  return done;
}

Fallible<void> ProjectorRound::commit() {
  auto projectors = std::exchange(projectors_, {});
  while (!projectors.empty()) {
    std::vector<SourceChanges> round;
    for (const Projector* projector : projectors) round.push_back(projector->folded());
    const auto applied = model_.apply(round);
    if (applied) {
      for (Projector* projector : projectors) projector->commit();
      return {};
    }
    if (applied.error().kind != FailureKind::conflict) return applied;
    std::vector<Projector*> others;
    for (std::size_t i = 0; i < round.size(); ++i) {
      round[i].moved ? projectors[i]->leave() : others.push_back(projectors[i]);
    }
    PESAN_ASSERT(others.size() < projectors.size(), "a conflict names whose checkpoint was moved");
    projectors = std::move(others);
  }
  return {};
}

}  // namespace pesan
