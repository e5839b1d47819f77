#include "adapters/runtime/projector_role.hpp"

#include <map>

#include <fmt/format.h>

#include "adapters/metrics/measured_read_model.hpp"
#include "adapters/runtime/clock.hpp"
#include "projections/projector.hpp"

namespace pesan::runtime {
namespace {

// Events a transaction, where so many wait: each batch rewrites many pages, and a large one
// rewrites each of them once.
constexpr std::size_t projector_batch = 8000;

std::vector<std::vector<TopicPartition>> all_sources(std::int32_t partitions,
                                                     std::int32_t threads) {
  auto sources = deal_out(Topic::events, partitions, threads);
  sources.back().push_back(customers_topic);
  return sources;
}

}  // namespace

/// What the duties of one thread share: whatever fails in one of them may have left it behind.
struct ProjectorRole::Rows {
  std::unique_ptr<ReadModel> store;
  std::map<TopicPartition, Projector> projectors;
};

class ProjectorRole::OneSource final : public Duty {
 public:
  OneSource(ProjectorRole& role, const Thread& thread, TopicPartition source,
            std::shared_ptr<Rows> rows)
      : Duty(fmt::format("projector of {}-{}", name_of(source.topic), source.partition.value),
             source),
        role_(role),
        thread_(thread),
        rows_(std::move(rows)) {}

  Fallible<Step> step(const ClaimProof& /*proof*/) override {
    thread_.beat();
    if (rows_->store == nullptr) {
      auto opened = role_.open_settled_store();
      if (!opened) return std::unexpected(opened.error());
      rows_->store = *std::move(opened);
    }
    const ReadLimit limit{.records = projector_batch, .bytes = std::size_t{8} << 20};
    auto& projector =
        rows_->projectors.try_emplace(place(), role_.log(), *rows_->store, place(), limit)
            .first->second;
    const auto done = projector.step();
    if (!done) return std::unexpected(done.error());
    if (auto* metrics = role_.surroundings().metrics) {
      metrics->applied(place().topic, projector.applied(), system_now());
    }
    if (done->records > 0) thread_.claims.reached(place(), projector.position()->next_offset);
    // Somebody else moves the checkpoint: nothing in the log says when that is over.
    const bool soon =
        done->kind == ProjectorStep::Kind::conflict || done->kind == ProjectorStep::Kind::frozen;
    return Step{.done = done->records, .soon = soon};
  }
  void end() override { rows_->projectors.erase(place()); }
  void restart() override {
    rows_->projectors.clear();
    rows_->store.reset();
  }

 private:
  ProjectorRole& role_;
  const Thread& thread_;
  std::shared_ptr<Rows> rows_;
};

ProjectorRole::ProjectorRole(const RoleSurroundings& surroundings, std::unique_ptr<Claims> claims,
                             std::int32_t threads, OpenStore open_store)
    : PartitionRole(RoleKind::projector, surroundings, std::move(claims),
                    reading_their_own(all_sources(surroundings.log.partitions(), threads))),
      open_store_(std::move(open_store)) {}

Work ProjectorRole::work_of(const Thread& thread) {
  const auto rows = std::make_shared<Rows>();
  Work work;
  for (const TopicPartition source : thread.places) {
    work.duties.push_back(std::make_unique<OneSource>(*this, thread, source, rows));
  }
  return work;
}

Fallible<std::unique_ptr<ReadModel>> ProjectorRole::open_settled_store() {
  auto store = open_store_();
  if (!store) return store;
  if (auto settled = (*store)->settle_rebuild(); !settled) {
    return std::unexpected(settled.error());
  }
  if (surroundings().metrics == nullptr) return store;
  return std::make_unique<metrics::MeasuredReadModel>(*std::move(store), *surroundings().metrics);
}

}  // namespace pesan::runtime
