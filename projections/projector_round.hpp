// A round of several projectors: what each of them folded is applied in one transaction, so the
// cost of a round does not grow with the number of partitions. One whose checkpoint somebody else
// has moved leaves the round, and the others go again without it. One thread.
#pragma once

#include <optional>
#include <vector>

#include "projections/projector.hpp"
#include "projections/read_model.hpp"

namespace pesan {

class ProjectorRound {
 public:
  /// `model`, which is that of its projectors, outlives it.
  explicit ProjectorRound(ReadModel& model) : model_(model) {}

  /// Projector::fold, with what it folds in the round. The projector stays where it is until the
  /// round is over.
  Fallible<ProjectorStep> fold(Projector& projector, std::optional<Offset> until = std::nullopt);
  /// Applies what was folded since the last call. Whoever left the round has nothing applied, and
  /// begins again from the stored checkpoint. After a failure nobody has; each offers the same
  /// again.
  Fallible<void> commit();
  bool empty() const { return projectors_.empty(); }

 private:
  ReadModel& model_;
  std::vector<Projector*> projectors_;
};

}  // namespace pesan
