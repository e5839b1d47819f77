#include "engine/engine_worker.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "events/assert.hpp"
#include "events/event_codec.hpp"

namespace pesan {
namespace {

TopicPartition commands_of(Partition partition) { return {Topic::commands, partition}; }

/// Of each inlet in a round: what is moved is read once more at home.
constexpr ReadLimit inlet_limit{.records = 1000, .bytes = std::size_t{4} << 20};

}  // namespace

bool EngineWorker::has(Partition partition, const ClaimProof& proof) const {
  const auto place = places_.find(partition);
  return place != places_.end() && place->second.proof == proof;
}

Fallible<const Engine*> EngineWorker::enter(Partition partition, const ClaimProof& proof,
                                            const MakeOptions& options) {
  Place& place = places_[partition];
  if (place.proof != proof) {
    place.proof.reset();
    const auto committed = take(place, partition, proof);
    if (!committed) return std::unexpected(committed.error());
    const auto still = stands(place, *committed);
    if (!still) return std::unexpected(still.error());
    place.proof = proof;
    if (!*still) {
      place.engine.reset();
      place.stop.request_stop();
      place.recovering = {};
      place.stop = std::stop_source();
      recover(place, options(partition, place.stop.get_token()), *committed);
    }
  }
  if (place.engine) return place.engine.get();
  return recovered(place, partition);
}

Fallible<std::optional<Offset>> EngineWorker::take(Place& place, Partition partition,
                                                   const ClaimProof& proof) {
  if (writer_ == nullptr) {
    auto opened = log_.open_writer("engine");
    if (!opened) return std::unexpected(opened.error());
    writer_ = *std::move(opened);
  }
  const TopicPartition commands = commands_of(partition);
  const auto there = log_.command_partitions();
  if (!there) return std::unexpected(there.error());
  const auto inlets = inlets_of(partition, log_.partitions(), *there);
  std::vector<TopicPartition> sources{commands};
  sources.insert(sources.end(), inlets.begin(), inlets.end());
  auto taken = writer_->take({.place = commands,
                              .sources = std::move(sources),
                              .answers = {{Topic::events, partition}, {Topic::results, partition}},
                              .proof = proof});
  if (!taken) return std::unexpected(taken.error());
  if (auto opened = open_inlets(place, inlets); !opened) return std::unexpected(opened.error());
  return writer_->committed(commands);
}

Fallible<void> EngineWorker::open_inlets(Place& place, const std::vector<TopicPartition>& sources) {
  place.inlets.clear();
  for (const TopicPartition source : sources) {
    const auto committed = writer_->committed(source);
    if (!committed) return std::unexpected(committed.error());
    const auto range = log_.range(source);
    if (!range) return std::unexpected(range.error());
    place.inlets.emplace_back(source, std::max(committed->value_or(range->begin), range->begin),
                              log_.partitions());
  }
  return {};
}

/// Whoever decided a command since has moved the offset; who wrote an event without one, as where
/// the clock is changed, has moved the sequence.
Fallible<bool> EngineWorker::stands(const Place& place, std::optional<Offset> committed) {
  if (place.engine == nullptr) return false;
  const Position& position = place.engine->processor().position();
  if (committed != position.next_command) return false;
  const auto last = last_record(log_, {Topic::events, position.partition});
  if (!last) return std::unexpected(last.error());
  if (!*last) return false;
  EventDecoder decoder;
  const auto event = decoder.decode((*last)->payload.value);
  return event && event->sequence == position.sequence;
}

void EngineWorker::recover(Place& place, EngineOptions options, std::optional<Offset> committed) {
  place.recovering =
      std::async(recoveries_, [&log = log_, options = std::move(options), committed] {
        return Engine::start(log, options, committed);
      });
}

Fallible<const Engine*> EngineWorker::recovered(Place& place, Partition partition) {
  PESAN_ASSERT(place.recovering.valid(), "a partition that is taken has an engine, or recovers");
  if (place.recovering.wait_for(std::chrono::seconds(0)) == std::future_status::timeout) {
    return nullptr;
  }
  const auto proof = std::exchange(place.proof, std::nullopt);
  auto engine = place.recovering.get();
  if (engine) {
    place.engine = *std::move(engine);
    place.proof = proof;
    return place.engine.get();
  }
  if (engine.error().kind != FailureKind::fatal) return std::unexpected(engine.error());
  // Several topics are read one after the other. Where somebody took the partition meanwhile and
  // wrote to them, they do not fit, and that is no damage.
  const auto owner =
      writer_->commit({.records = {}, .consumed = {}, .places = {commands_of(partition)}});
  return std::unexpected(owner ? engine.error() : owner.error());
}

/// What one partition does to a round, undone unless it stands: also where a bug is thrown.
class EngineWorker::OpenStep {
 public:
  OpenStep(Transaction& round, Place& place)
      : round_(round),
        place_(place),
        records_(round.records.size()),
        consumed_(round.consumed.size()),
        places_(round.places.size()) {}
  OpenStep(const OpenStep&) = delete;
  OpenStep& operator=(const OpenStep&) = delete;
  ~OpenStep() {
    if (stands_) return;
    round_.records.resize(records_);
    round_.consumed.resize(consumed_);
    round_.places.resize(places_);
    place_.rollback();
  }
  void stands() { stands_ = true; }

 private:
  Transaction& round_;
  Place& place_;
  const std::size_t records_;
  const std::size_t consumed_;
  const std::size_t places_;
  bool stands_ = false;
};

Fallible<std::size_t> EngineWorker::decide(Partition partition) {
  Place& place = places_.at(partition);
  OpenStep step(round_, place);
  const auto decided = place.engine->decide(round_);
  if (!decided) return decided;
  const auto moved = move_inlets(place);
  if (!moved) return moved;
  if (*decided + *moved == 0) return 0;
  round_.places.push_back(commands_of(partition));
  in_round_.push_back(&place);
  step.stands();
  return *decided + *moved;
}

Fallible<std::size_t> EngineWorker::move_inlets(Place& place) {
  std::size_t moved = 0;
  for (Inlet& inlet : place.inlets) {
    const auto some = inlet.move(log_, inlet_limit, round_);
    if (!some) return some;
    moved += *some;
  }
  return moved;
}

void EngineWorker::Place::commit() {
  engine->commit();
  for (Inlet& inlet : inlets) inlet.commit();
}

void EngineWorker::Place::rollback() {
  engine->rollback();
  for (Inlet& inlet : inlets) inlet.rollback();
}

Fallible<void> EngineWorker::commit() {
  if (in_round_.empty()) return {};
  const auto committed = writer_->commit(round_);
  for (Place* place : in_round_) committed ? place->commit() : place->rollback();
  if (!committed && committed.error().kind != FailureKind::transient) {
    // After an answer that was lost the writer has no place any more.
    const bool all = committed.error().kind != FailureKind::conflict;
    for (Place* place : in_round_) place->proof.reset();
    for (auto& [partition, place] : places_) {
      if (all) place.proof.reset();
    }
  }
  in_round_.clear();
  round_.clear();
  return committed;
}

void EngineWorker::leave(Partition partition) {
  const auto place = places_.find(partition);
  if (place == places_.end()) return;
  PESAN_ASSERT(in_round_.empty(), "no partition is left in the middle of a round");
  places_.erase(place);
}

void EngineWorker::idle() {
  if (writer_ != nullptr) writer_->idle();
}

const Engine* EngineWorker::engine(Partition partition) const {
  const auto place = places_.find(partition);
  return place == places_.end() ? nullptr : place->second.engine.get();
}

}  // namespace pesan
