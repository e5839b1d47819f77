// A read model that somebody else owns, for what wants one of its own; and it can fail. One thread.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "projections/read_model.hpp"

namespace pesan {

class LentReadModel final : public ReadModel {
 public:
  /// Both outlive it. `fails`: what every question for a checkpoint is answered, while there is
  /// one.
  explicit LentReadModel(ReadModel& lent, const std::optional<Failure>* fails = nullptr)
      : lent_(lent), fails_(fails) {}

  Fallible<void> apply(std::span<SourceChanges> round) override { return lent_.apply(round); }
  Fallible<std::optional<Checkpoint>> checkpoint(TopicPartition source) override {
    if (fails_ != nullptr && *fails_) return std::unexpected(**fails_);
    return lent_.checkpoint(source);
  }
  Fallible<std::unique_ptr<ReadSnapshot>> snapshot() override { return lent_.snapshot(); }
  Fallible<void> settle_rebuild() override { return lent_.settle_rebuild(); }

 private:
  ReadModel& lent_;
  const std::optional<Failure>* fails_;
};

}  // namespace pesan
