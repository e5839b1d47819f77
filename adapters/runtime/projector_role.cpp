#include "adapters/runtime/projector_role.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "adapters/metrics/measured_read_model.hpp"
#include "adapters/runtime/clock.hpp"
#include "projections/projector_round.hpp"

namespace pesan::runtime {
namespace {

// Events a transaction, where so many wait: each batch rewrites many pages, and a large one
// rewrites each of them once.
constexpr std::size_t projector_batch = 16000;
constexpr std::size_t batch_bytes = std::size_t{16} << 20;
constexpr std::size_t change_bytes = std::size_t{32} << 20;
/// However many partitions share a transaction: one of them alone may have a backlog.
constexpr std::size_t least_batch = 500;
constexpr std::size_t least_batch_bytes = std::size_t{512} << 10;
constexpr std::size_t least_change_bytes = std::size_t{1} << 20;

std::vector<std::vector<TopicPartition>> all_sources(std::int32_t partitions,
                                                     std::int32_t threads) {
  auto sources = deal_out(Topic::events, partitions, std::max(threads - 1, 1));
  // Customers are as many records again as the events of all partitions.
  if (threads > 1) sources.emplace_back();
  sources.back().push_back(customers_topic);
  return sources;
}

}  // namespace

/// What the duties of one thread share.
struct ProjectorRole::Rows {
  std::unique_ptr<ReadModel> store;
  std::optional<ProjectorRound> round;  // in the store
  std::map<TopicPartition, Projector> projectors;
  bool left_behind = false;  // by whatever failed: the next round opens another store

  void close() {
    projectors.clear();
    round.reset();
    store.reset();
    left_behind = false;
  }
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
    if (std::exchange(pauses_, false)) return Step{.soon = true};
    if (rows_->left_behind && rows_->round->empty()) rows_->close();
    if (rows_->store == nullptr) {
      auto opened = role_.open_settled_store();
      if (!opened) return std::unexpected(opened.error());
      rows_->store = *std::move(opened);
      rows_->round.emplace(*rows_->store);
    }
    const auto done = rows_->round->fold(projector());
    if (!done) return std::unexpected(done.error());
    return Step{.done = done->records,
                .soon = done->kind == ProjectorStep::Kind::frozen,
                .open = done->kind == ProjectorStep::Kind::progress};
  }
  void settled(bool committed) override {
    if (!committed) return;
    const auto applied = projector().applied();
    // Somebody else moves the checkpoint: nothing in the log says when that is over.
    pauses_ = applied.empty();
    if (pauses_) return;
    if (auto* metrics = role_.surroundings().metrics) {
      metrics->applied(place().topic, applied, system_now());
    }
    thread_.claims.reached(place(), projector().position()->next_offset);
  }
  void end() override { rows_->projectors.erase(place()); }
  void restart() override { rows_->left_behind = rows_->store != nullptr; }

 private:
  /// All of a thread have a transaction together, and so share what one may take.
  Projector& projector() {
    const std::size_t sharing = thread_.places.size();
    const ReadLimit limit{.records = std::max(projector_batch / sharing, least_batch),
                          .bytes = std::max(batch_bytes / sharing, least_batch_bytes)};
    return rows_->projectors
        .try_emplace(place(), role_.log(), *rows_->store, place(), limit,
                     std::max(change_bytes / sharing, least_change_bytes))
        .first->second;
  }

  ProjectorRole& role_;
  const Thread& thread_;
  std::shared_ptr<Rows> rows_;
  bool pauses_ = false;  // somebody else had moved its checkpoint
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
  work.commit = [rows] { return rows->round->commit(); };
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
