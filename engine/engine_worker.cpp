#include "engine/engine_worker.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "events/assert.hpp"
#include "events/event_codec.hpp"

namespace pesan {
namespace {

TopicPartition commands_of(Partition partition) { return {Topic::commands, partition}; }

/// At a time: each has threads of its own and holds an image of its state.
constexpr std::size_t most_recoveries = 2;

}  // namespace

bool EngineWorker::has(Partition partition, const ClaimProof& proof) const {
  const auto place = places_.find(partition);
  return place != places_.end() && place->second.proof == proof;
}

Fallible<const Engine*> EngineWorker::enter(Partition partition, const ClaimProof& proof,
                                            const MakeOptions& options) {
  std::erase_if(abandoned_, [](const Recovery& one) { return is_over(one); });
  Place& place = places_[partition];
  if (place.proof == proof && place.engine) return place.engine.get();
  if (place.proof != proof) {
    place.proof.reset();
    place.committed.reset();
    const auto committed = take(place, partition, proof, options);
    if (!committed) return std::unexpected(committed.error());
    place.proof = proof;
    place.committed = *committed;
    abandon(place);  // it reads what may have moved on
    if (place.engine && !stands(place)) place.engine.reset();
  }
  if (!place.engine && !place.recovering.valid()) {
    if (recoveries() >= most_recoveries) return nullptr;
    recover(place, partition, options);
  }
  if (!place.engine) {
    const auto engine = recovered(place, partition);
    if (!engine || *engine == nullptr) return engine;
  }
  auto begun = begin(place, partition);
  if (!begun) place.proof.reset();
  return begun;
}

/// The log says from here on whose the partition is, and where it goes on.
Fallible<const Engine*> EngineWorker::begin(Place& place, Partition partition) {
  const TopicPartition commands = commands_of(partition);
  const Offset next = place.engine->processor().position().next_command;
  const auto begun = writer_->begin_at(
      {.records = {}, .consumed = {{.source = commands, .next = next}}, .places = {commands}});
  if (!begun) return std::unexpected(begun.error());
  return place.engine.get();
}

Fallible<std::optional<Offset>> EngineWorker::take(Place& place, Partition partition,
                                                   const ClaimProof& proof,
                                                   const MakeOptions& options) {
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
  place.inlets.clear();
  for (const TopicPartition source : inlets) {
    place.inlets.emplace_back(source, log_.partitions(), options(partition, {}).recovery.say);
  }
  return writer_->committed(commands);
}

/// Whether the engine that a place had before is where the log is. Whoever decided a command since
/// has moved the offset; who wrote an event without one, as where the clock is changed, has moved
/// the sequence. Where that cannot be seen it is recovered.
bool EngineWorker::stands(const Place& place) {
  const Position& position = place.engine->processor().position();
  if (place.committed != position.next_command) return false;
  const auto last = last_record(log_, {Topic::events, position.partition});
  if (!last || !*last) return false;
  EventDecoder decoder;
  const auto event = decoder.decode((*last)->payload.value);
  return event && event->sequence == position.sequence;
}

/// Nobody waits for a recovery that nobody needs.
void EngineWorker::abandon(Place& place) {
  place.stop.request_stop();
  if (place.recovering.valid()) abandoned_.push_back(std::move(place.recovering));
}

void EngineWorker::recover(Place& place, Partition partition, const MakeOptions& options) {
  place.stop = std::stop_source();
  place.recovering =
      std::async(recoveries_,
                 [&log = log_, options = options(partition, place.stop.get_token()),
                  committed = place.committed] { return Engine::start(log, options, committed); });
}

std::size_t EngineWorker::recoveries() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      places_, [](const auto& place) { return place.second.recovering.valid(); }));
}

bool EngineWorker::is_over(const Recovery& recovery) {
  return recovery.wait_for(std::chrono::seconds(0)) != std::future_status::timeout;
}

Fallible<const Engine*> EngineWorker::recovered(Place& place, Partition partition) {
  if (!is_over(place.recovering)) return nullptr;
  auto engine = place.recovering.get();
  if (engine) {
    place.engine = *std::move(engine);
    return place.engine.get();
  }
  place.proof.reset();
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
  const std::size_t moved = move_inlets(place);
  if (*decided + moved == 0) return 0;
  round_.places.push_back(commands_of(partition));
  in_round_.push_back(&place);
  step.stands();
  return *decided + moved;
}

std::size_t EngineWorker::move_inlets(Place& place) {
  std::size_t moved = 0;
  for (Inlet& inlet : place.inlets) moved += inlet.move(log_, *writer_, round_);
  return moved;
}

void EngineWorker::Place::commit() {
  engine->commit();
  for (Inlet& inlet : inlets) inlet.commit();
}

void EngineWorker::Place::rollback() {
  for (Inlet& inlet : inlets) inlet.rollback();
  try {
    if (engine->rollback()) return;
  } catch (const std::exception&) {  // a bug, or no memory: nobody looks at that state again
  }
  engine.reset();
  proof.reset();
}

/// The end of a round, which is undone unless it was committed: also where a bug is thrown.
class EngineWorker::EndedRound {
 public:
  explicit EndedRound(EngineWorker& worker) : worker_(worker) {}
  EndedRound(const EndedRound&) = delete;
  EndedRound& operator=(const EndedRound&) = delete;
  ~EndedRound() {
    for (Place* place : worker_.in_round_) committed_ ? place->commit() : place->rollback();
    worker_.in_round_.clear();
    worker_.round_.clear();
    if (committed_ || again_) return;
    // The writer may have lost all of its places. One that it has is soon taken again.
    for (auto& [partition, place] : worker_.places_) place.proof.reset();
  }
  void came_to(const Fallible<void>& answer) {
    committed_ = answer.has_value();
    again_ = !answer && answer.error().kind == FailureKind::transient;
  }

 private:
  EngineWorker& worker_;
  bool committed_ = false;
  bool again_ = false;
};

Fallible<void> EngineWorker::commit() {
  if (in_round_.empty()) return {};
  EndedRound round(*this);
  auto answer = writer_->commit(round_);
  round.came_to(answer);
  return answer;
}

void EngineWorker::leave(Partition partition) {
  const auto place = places_.find(partition);
  if (place == places_.end()) return;
  PESAN_ASSERT(std::ranges::find(in_round_, &place->second) == in_round_.end(),
               "no partition is left in the middle of its round");
  abandon(place->second);
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
