// The ReadModel port as it is, with its transactions counted and timed. One thread, as the model.
#pragma once

#include <memory>
#include <span>
#include <utility>

#include "adapters/metrics/measured_log.hpp"
#include "projections/read_model.hpp"

namespace pesan::metrics {

class MeasuredReadModel final : public ReadModel {
 public:
  MeasuredReadModel(std::unique_ptr<ReadModel> model, Metrics& metrics)
      : model_(std::move(model)), transactions_(metrics.transactions("projector")) {}

  Fallible<void> apply(std::span<SourceChanges> round) override {
    return measured(transactions_, [&] { return model_->apply(round); });
  }
  Fallible<std::optional<Checkpoint>> checkpoint(TopicPartition source) override {
    return model_->checkpoint(source);
  }
  Fallible<std::unique_ptr<ReadSnapshot>> snapshot() override { return model_->snapshot(); }
  Fallible<void> settle_rebuild() override { return model_->settle_rebuild(); }

 private:
  std::unique_ptr<ReadModel> model_;
  Metrics::Transactions transactions_;
};

}  // namespace pesan::metrics
