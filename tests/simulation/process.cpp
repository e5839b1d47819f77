#include "tests/simulation/process.hpp"

#include <utility>

namespace pesan::simulation {
namespace {

constexpr std::int64_t second_ms = 1000;

/// What a loop may stop at because the world lied to it; each is then found out, not passed over.
bool is_explained(const Failure& failure, const Life& life) {
  if (life.wrong_clock && failure.what.find("ahead of this machine's clock") != std::string::npos) {
    return true;
  }
  return life.lied_to;
}

}  // namespace

std::string to_string(const Duty& duty) {
  switch (duty.role) {
    case Role::engine: return fmt::format("engine {}", duty.source.partition.value);
    case Role::registry: return "registry";
    case Role::projector:
      return fmt::format("projector {}-{}", name_of(duty.source.topic),
                         duty.source.partition.value);
  }
  return "";
}

std::vector<Duty> all_duties(std::int32_t partitions) {
  std::vector<Duty> duties{{Role::registry, {Topic::events, Partition{0}}},
                           {Role::projector, {Topic::customers, Partition{0}}}};
  for (std::int32_t p = 0; p < partitions; ++p) {
    duties.push_back({Role::engine, {Topic::commands, Partition{p}}});
    duties.push_back({Role::projector, {Topic::events, Partition{p}}});
  }
  return duties;
}

/// Nothing is left of a loop.
void Process::drop(Loop& loop) {
  if (std::exchange(loop.decides, false)) worker_->leave(loop.duty.source.partition);
  loop.registry.reset();
  loop.projector.reset();
}

Process::Process(Nature& nature, const LoopSettings& settings, std::string name,
                 const std::vector<Duty>& duties)
    : nature_(nature), settings_(settings), name_(std::move(name)) {
  for (const Duty& duty : duties) loops_.emplace_back().duty = duty;
  be_born();
}

void Process::be_born() {
  life_ = std::make_unique<Life>();
  life_->serial = ++nature_.lives;
  life_->name = name_;
  Random& random = nature_.random;
  life_->clock_skew_ms = random.between(-4 * ms_per_minute, 4 * ms_per_minute);
  if (random.chance(nature_.faults.wrong_clock)) {
    life_->wrong_clock = true;
    life_->clock_skew_ms = -random.between(10, 300) * ms_per_minute;
  }
  batch_ = static_cast<std::size_t>(random.pick({1, 2, 5, 20, 100}));
  worker_.reset();
  log_ = std::make_unique<FaultyLog>(nature_, *life_);
  worker_ = std::make_unique<EngineWorker>(*log_, std::launch::deferred);
  model_ = std::make_unique<FaultyReadModel>(nature_, *life_);
}

void Process::kill() {
  life_->dead = true;
  if (frames_ == 0) bury();
}

/// All of it is gone; the next life begins after a while.
void Process::bury() {
  nature_.note("      {}: dead; all its loops are gone", name_);
  for (Loop& loop : loops_) {
    loop.decides = false;
    drop(loop);
    loop.paused_until = {};
  }
  be_born();
  paused_until_ = {nature_.now.ms + nature_.random.between(0, 30) * second_ms};
}

void Process::calm() {
  if (life_->wrong_clock) kill();
  life_->wrong_clock = false;
  const bool lied_to = std::exchange(life_->lied_to, false);
  life_->clock_skew_ms = 0;
  paused_until_ = {};
  for (Loop& loop : loops_) {
    loop.paused_until = {};
    // One that would take its partition back is nobody's zombie.
    if (std::exchange(loop.retakes, false)) drop(loop);
    // What stands before a gap is applied, and the next step would stop at it.
    if (lied_to && loop.duty.role == Role::projector) drop(loop);
  }
  calm_ = true;
}

bool Process::owns(std::size_t number) const {
  const Loop& loop = loops_[number];
  if (!loop.alive()) return false;
  if (loop.duty.role == Role::projector) return true;
  const auto owner = nature_.owners.find(
      {loop.duty.role == Role::engine ? "engine" : "registry",
       loop.duty.role == Role::engine ? loop.duty.source.partition : Partition{0}});
  return owner != nature_.owners.end() && owner->second == life_->serial;
}

std::size_t Process::step(std::size_t number, bool patient) {
  Loop& loop = loops_[number];
  const bool decides = loop.duty.role == Role::engine;
  if (loop.on_stack || life_->dead || (decides && worker_on_stack_)) return 0;
  if (!patient && (nature_.now < paused_until_ || nature_.now < loop.paused_until)) return 0;
  std::size_t moved = 0;
  ++frames_;
  loop.on_stack = true;
  if (decides) worker_on_stack_ = true;
  try {
    moved = run(loop, patient);
  } catch (const Crash&) {
    life_->dead = true;
  } catch (const std::exception& bug) {
    throw Violation{fmt::format("{} of {} threw: {}", to_string(loop.duty), name_, bug.what())};
  }
  loop.on_stack = false;
  if (decides) worker_on_stack_ = false;
  if (--frames_ == 0 && life_->dead) bury();
  return moved;
}

void Process::step_zombie(std::size_t number) {
  if (!loops_[number].alive()) return;
  const std::size_t moved = step(number, true);
  if (moved > 0 && loops_[number].duty.role != Role::projector) {
    throw Violation{fmt::format("{} of {} was replaced, and moved {} records all the same",
                                to_string(loops_[number].duty), name_, moved)};
  }
}

std::optional<Offset> Process::needs_command(Partition partition) const {
  for (const Loop& loop : loops_) {
    if (!loop.decides || loop.duty.source.partition != partition) continue;
    if (const Engine* engine = worker_->engine(partition)) {
      return engine->processor().position().next_command;
    }
  }
  return std::nullopt;
}

std::size_t Process::run(Loop& loop, bool patient) {
  if (!loop.alive()) {
    if (const auto started = start(loop); !started) {
      drop(loop);
      fail(loop, started.error(), patient);
      return 0;
    }
    nature_.note("    {}: starts {}{}", name_, to_string(loop.duty),
                 loop.decides ? fmt::format(" at command {}",
                                            needs_command(loop.duty.source.partition)->value)
                              : "");
    return 1;
  }
  const auto moved = advance(loop);
  if (!moved) {
    fail(loop, moved.error(), patient);
    return 0;
  }
  if (*moved > 0) nature_.note("    {}: {} moves {}", name_, to_string(loop.duty), *moved);
  return *moved;
}

RecoveryOptions Process::recovery(Partition partition) const {
  return {.partition = partition,
          .remember = settings_.remember,
          .parked = settings_.parked[static_cast<std::size_t>(partition.value)],
          .snapshots = &nature_.snapshots,
          .say = [this](std::string_view said) { nature_.note("    {}: {}", name_, said); },
          .inform = [this](std::string_view said) { nature_.note("    {}: {}", name_, said); },
          .reading = {.threads = std::launch::deferred}};
}

void Process::make_snapshot(Partition partition) {
  Random& random = nature_.random;
  if (!random.chance(nature_.faults.snapshot)) return;
  const auto made =
      pesan::make_snapshot(*log_, recovery(partition), {.every = random.between(0, 30)});
  if (!made || !*made) return;
  nature_.note("    {}: snapshot {} of partition {}", name_, (*made)->serial, partition.value);
  if (!random.chance(nature_.faults.damage)) return;
  std::string& image = nature_.snapshots.images.at({partition, (*made)->serial}).image;
  image[random.below(image.size())] ^= 4;
}

Fallible<void> Process::start(Loop& loop) {
  switch (loop.duty.role) {
    case Role::engine: loop.decides = true; return enter(loop);
    case Role::registry: {
      auto registry = Registry::start(*log_, {.batch = batch_, .linked = {}});
      if (!registry) return std::unexpected(registry.error());
      loop.registry = *std::move(registry);
      return {};
    }
    case Role::projector:
      loop.projector =
          std::make_unique<Projector>(*log_, *model_, loop.duty.source,
                                      ReadLimit{.records = batch_, .bytes = std::size_t{1} << 20});
      return {};
  }
  return {};
}

Fallible<void> Process::enter(Loop& loop) {
  const auto make = [&](Partition partition, const std::stop_token&) {
    EngineOptions options;
    options.recovery = recovery(partition);
    options.batch = batch_;
    options.wall_clock = [&nature = nature_, life = life_.get()] {
      return Instant{nature.now.ms + life->clock_skew_ms};
    };
    return options;
  };
  const auto entered = worker_->enter(loop.duty.source.partition, {}, make);
  if (!entered) return std::unexpected(entered.error());
  return {};
}

Fallible<std::size_t> Process::decide(Loop& loop) {
  Fallible<std::size_t> decided = 0;
  for (Loop& one : loops_) {
    const bool mine = &one == &loop;
    if (!mine && (!one.decides || !nature_.random.chance(0.5))) continue;
    auto entered = enter(one);
    one.retakes = !entered;
    const auto done = entered ? worker_->decide(one.duty.source.partition)
                              : Fallible<std::size_t>(std::unexpected(entered.error()));
    if (mine) decided = done;
    if (done || mine) continue;
    nature_.note("    {}: {} leaves the round: {}", name_, to_string(one.duty), done.error().what);
  }
  const auto committed = worker_->commit();
  if (committed) return decided;
  if (committed.error().kind == FailureKind::transient) return std::unexpected(committed.error());
  // Whatever the worker has is taken again, as where the group dealt it to this process again, or
  // is left.
  for (Loop& one : loops_) {
    if (!one.decides || &one == &loop) continue;
    one.retakes = !calm_ && nature_.random.chance(0.5);
    if (!one.retakes) drop(one);
  }
  return std::unexpected(committed.error());
}

Fallible<std::size_t> Process::advance(Loop& loop) {
  if (loop.decides) {
    make_snapshot(loop.duty.source.partition);
    return decide(loop);
  }
  if (loop.registry) return loop.registry->step();
  return project(loop);
}

Fallible<std::size_t> Process::project(Loop& loop) {
  ProjectorRound round(*model_);
  const auto done = round.fold(*loop.projector);
  if (!done) return std::unexpected(done.error());
  // Nobody else steps what waits for the end of the round, whatever happens meanwhile.
  const auto leave = [](Loop* one) { one->on_stack = false; };
  std::vector<std::unique_ptr<Loop, decltype(leave)>> in_round;  // beside this one
  for (Loop& one : loops_) {
    if (!one.projector || one.on_stack || !nature_.random.chance(0.5)) continue;
    one.on_stack = true;
    in_round.emplace_back(&one, leave);
    if (const auto folded = round.fold(*one.projector); !folded) {
      nature_.note("    {}: {} leaves the round: {}", name_, to_string(one.duty),
                   folded.error().what);
    }
  }
  if (const auto applied = round.commit(); !applied) return std::unexpected(applied.error());
  // A conflict is progress of a kind: it goes on from where the other one is.
  const bool folded = done->kind == ProjectorStep::Kind::progress;
  return folded && loop.projector->applied().empty() ? 1 : done->records;
}

void Process::fail(Loop& loop, const Failure& failure, bool patient) {
  nature_.note("    {}: {}: {}: {}", name_, to_string(loop.duty), name_of(failure.kind),
               failure.what);
  const auto violated = [&](const char* why) {
    return Violation{fmt::format("{} of {} failed, {}: {}: {}", to_string(loop.duty), name_, why,
                                 name_of(failure.kind), failure.what)};
  };
  if (patient && failure.kind != FailureKind::conflict) throw violated("in a calm world");
  loop.paused_until = {nature_.now.ms + nature_.random.between(0, 10) * second_ms};
  switch (failure.kind) {
    case FailureKind::transient: return;
    case FailureKind::conflict:
    case FailureKind::unknown:
      if (loop.duty.role != Role::projector) drop(loop);
      return;
    case FailureKind::fatal:
      if (!is_explained(failure, *life_)) throw violated("and nothing explains it");
      life_->dead = true;  // what an operator's supervisor does
      return;
    case FailureKind::poison:
    case FailureKind::usage: throw violated("and no port says so");
  }
}

}  // namespace pesan::simulation
