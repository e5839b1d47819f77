#include "engine/engine_worker.hpp"

#include <chrono>
#include <utility>

#include "events/assert.hpp"
#include "events/event_codec.hpp"

namespace pesan {
namespace {

TopicPartition commands_of(Partition partition) { return {Topic::commands, partition}; }

/// What one partition does to a round, undone unless it stands.
class OpenStep {
 public:
  OpenStep(Transaction& round, Engine& engine)
      : round_(round),
        engine_(engine),
        records_(round.records.size()),
        consumed_(round.consumed.size()) {}
  OpenStep(const OpenStep&) = delete;
  OpenStep& operator=(const OpenStep&) = delete;
  ~OpenStep() {
    if (stands_) return;
    round_.records.resize(records_);
    round_.consumed.resize(consumed_);
    round_.places.resize(consumed_);
    engine_.rollback();
  }
  void stands() { stands_ = true; }

 private:
  Transaction& round_;
  Engine& engine_;
  const std::size_t records_;
  const std::size_t consumed_;  // and places: one each
  bool stands_ = false;
};

}  // namespace

Fallible<const Engine*> EngineWorker::enter(Partition partition, const ClaimProof& proof,
                                            const MakeOptions& options) {
  Place& place = places_[partition];
  if (place.proof != proof) {
    place.proof.reset();
    const auto committed = take(partition, proof);
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

Fallible<std::optional<Offset>> EngineWorker::take(Partition partition, const ClaimProof& proof) {
  if (writer_ == nullptr) {
    auto opened = log_.open_writer("engine");
    if (!opened) return std::unexpected(opened.error());
    writer_ = *std::move(opened);
  }
  const TopicPartition commands = commands_of(partition);
  auto taken = writer_->take({.place = commands,
                              .sources = {commands},
                              .answers = {{Topic::events, partition}, {Topic::results, partition}},
                              .proof = proof});
  if (!taken) return std::unexpected(taken.error());
  return writer_->committed(commands);
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

Fallible<std::size_t> EngineWorker::decide(Partition partition) {
  Engine& engine = *places_.at(partition).engine;
  // A bug is thrown: it too leaves nothing in the round of the others.
  OpenStep step(round_, engine);
  const auto decided = engine.decide(round_);
  if (decided && *decided > 0) {
    in_round_.push_back(&engine);
    step.stands();
  }
  return decided;
}

Fallible<void> EngineWorker::commit() {
  if (in_round_.empty()) return {};
  const auto committed = writer_->commit(round_);
  for (Engine* engine : in_round_) committed ? engine->commit() : engine->rollback();
  if (!committed && committed.error().kind != FailureKind::transient) {
    // After an answer that was lost the writer has no place any more.
    const bool all = committed.error().kind != FailureKind::conflict;
    for (const TopicPartition lost : round_.places) places_.at(lost.partition).proof.reset();
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
