#include "tests/simulation/nature.hpp"

namespace pesan::simulation {

Nature::Nature(Random dice, const MemoryLog::Options& options) : log(options), random(dice) {}

bool Nature::begin(Life& life, std::string_view call) {
  if (life.dead) throw Crash{};
  constexpr int deepest = 3;
  if (depth_ < deepest && random.chance(faults.interleave)) {
    ++depth_;
    let_others_act();
    --depth_;
    if (life.dead) throw Crash{};
  }
  if (random.chance(faults.crash)) die(life, call, "before");
  const bool hiccup = random.chance(faults.transient);
  if (hiccup) note("      {}: {} fails for a moment", life.name, call);
  return hiccup;
}

void Nature::end(Life& life, std::string_view call) {
  if (random.chance(faults.crash)) die(life, call, "after");
}

void Nature::die(Life& life, std::string_view call, std::string_view when) {
  note("      {}: dies {} {}", life.name, when, call);
  life.dead = true;
  throw Crash{};
}

Offset Nature::visible_end(TopicPartition place) {
  const Offset end = log.range(place)->end;
  const auto lagging = visible_.find(place);
  if (random.chance(faults.lag)) {
    // From now on readers see what there is now; what is committed after it comes later.
    if (lagging == visible_.end()) {
      visible_.emplace(place, end);
      return end;
    }
    return lagging->second;
  }
  if (lagging != visible_.end()) visible_.erase(lagging);
  return end;
}

void Nature::show(TopicPartition place) { visible_.erase(place); }

void Nature::deliver_one() {
  if (late_.empty()) return;
  const std::size_t chosen = random.below(late_.size());
  const auto arrive = std::move(late_[chosen]);
  late_.erase(late_.begin() + static_cast<std::ptrdiff_t>(chosen));
  arrive();
}

void Nature::deliver_all() {
  while (!late_.empty()) deliver_one();
}

}  // namespace pesan::simulation
