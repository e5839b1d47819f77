#include "tests/simulation/world.hpp"

#include <algorithm>
#include <utility>

#include "events/event_codec.hpp"
#include "events/result_codec.hpp"
#include "tests/support/taken.hpp"

namespace pesan::simulation {
namespace {

constexpr Instant first_day{1'795'132'800'000};  // 2026-11-20
constexpr std::string_view log_id = "sim";

std::string opened(std::int32_t partition, std::int32_t partitions, bool command_clock) {
  std::string out;
  append_event(out, {.log_id = log_id,
                     .sequence = {},
                     .time = first_day,
                     .what = LogOpened{.log_id = log_id,
                                       .partition = partition,
                                       .partitions = partitions,
                                       .partitioner = "murmur2",
                                       .clock = command_clock ? Clock::command : Clock::append,
                                       .format = 1}});
  return out;
}

}  // namespace

World::Shape World::shape_from(Random& random, const RunOptions& options) {
  Shape shape;
  shape.partitions = random.chance(0.5) ? 1 : 4;
  if (options.partitions) shape.partitions = *options.partitions;
  shape.command_clock = random.chance(0.25);
  shape.commit_markers = random.chance(0.5);
  shape.commands = static_cast<int>(random.between(40, 200));
  shape.steps = static_cast<int>(random.between(2, 5)) * shape.commands;
  return shape;
}

World::World(const RunOptions& options)
    : random_(options.seed),
      shape_(shape_from(random_, options)),
      nature_(random_.fork(), {.partitions = shape_.partitions,
                               .clock = [this] { return nature_.now; },
                               .commit_markers = shape_.commit_markers}),
      workload_({.seed = random_.next(), .partitions = shape_.partitions}) {
  nature_.verbose = options.verbose;
  nature_.mutant = options.mutant;
  nature_.now = first_day;
  nature_.faults = faults_from(random_);
  nature_.let_others_act = [this] { interlude(); };
  const auto partitions = static_cast<std::size_t>(shape_.partitions);
  settings_.remember = random_.chance(0.3) ? 5 + random_.below(40) : 1'000'000;
  settings_.parked.resize(partitions);
  dropped_.resize(partitions);
  backfill_ended_at_.resize(partitions);
  if (random_.chance(0.2)) {
    for (int i = 0; i < 3; ++i) {
      settings_.parked[random_.below(partitions)].insert(Offset{random_.between(0, 60)});
    }
  }
  open_log();
  settle_roles();
}

void World::open_log() {
  std::vector<OutgoingRecord> records;
  for (std::int32_t p = 0; p < shape_.partitions; ++p) {
    auto& record = records.emplace_back();
    record.to = {Topic::events, Partition{p}};
    record.payload.value = opened(p, shape_.partitions, shape_.command_clock);
  }
  if (!nature_.log.append(records)) throw Violation{"the log cannot be opened"};
}

/// One process for everything, or one for each role, or something between.
void World::settle_roles() {
  const auto duties = all_duties(shape_.partitions);
  const std::size_t count = random_.pick<std::size_t>({1, 2, duties.size()});
  std::vector<std::vector<Duty>> dealt(count);
  for (std::size_t i = 0; i < duties.size(); ++i) dealt[i % count].push_back(duties[i]);
  for (const auto& some : dealt) {
    processes_.push_back(std::make_unique<Process>(
        nature_, settings_, fmt::format("process {}", processes_.size()), some));
  }
}

std::string World::description() const {
  const Faults& f = nature_.faults;
  return fmt::format(
      "{} partition(s), {} clock, {} processes, remembers {}; crash {:.3f} transient {:.3f} lost "
      "answer {:.3f} lossy read {:.3f} lag {:.3f} interleave {:.3f} rival {:.3f} forget {:.3f}",
      shape_.partitions, shape_.command_clock ? "command" : "append", processes_.size(),
      settings_.remember, f.crash, f.transient, f.lost_answer, f.lossy_read, f.lag, f.interleave,
      f.rival, f.forget);
}

void World::run() {
  nature_.note("{}", description());
  fault_phase();
  if (random_.chance(0.3)) {
    phase_ = "judging the prefix that the tables show";
    judge_prefix(evidence());
  }
  calm_phase();
  if (random_.chance(0.3)) {
    phase_ = "judging what is due while it is calm";
    judge_timers(judge_results(evidence()));
  }
  second_life();
  judge();
}

void World::fault_phase() {
  for (; step_ < shape_.steps; ++step_) {
    nature_.now.ms += random_.between(0, 2000);
    nature_.note("  step {}, {}", step_, to_string(nature_.now));
    act();
  }
}

void World::act() {
  const Faults& faults = nature_.faults;
  if (sent_ < shape_.commands && random_.chance(0.3)) send(random_.chance(0.15));
  if (random_.chance(0.015)) move_clock();
  if (random_.chance(0.05)) nature_.deliver_one();
  if (random_.chance(faults.forget)) {
    nature_.note("    the committed offsets are forgotten");
    nature_.log.forget_committed();
  }
  if (random_.chance(faults.retention)) drop_answered_commands();
  if (shape_.command_clock && random_.chance(0.003)) end_backfill();
  Process& process = *processes_[random_.below(processes_.size())];
  if (random_.chance(faults.kill)) process.kill();
  if (random_.chance(faults.pause)) {
    process.pause({nature_.now.ms + random_.between(10, 300) * 1000});
    nature_.note("    {} stands still", process.life().name);
  }
  if (processes_.size() < 12 && random_.chance(faults.rival)) {
    std::vector<Duty> duties;
    for (const Duty& duty : all_duties(shape_.partitions)) {
      if (random_.chance(0.5)) duties.push_back(duty);
    }
    processes_.push_back(std::make_unique<Process>(
        nature_, settings_, fmt::format("rival {}", processes_.size()), duties));
  }
  const auto steps = random_.between(1, 4);
  for (std::int64_t i = 0; i < steps; ++i) step_something();
}

/// What others do while one is in the middle of a port call.
void World::interlude() {
  const auto steps = random_.between(1, 6);
  for (std::int64_t i = 0; i < steps; ++i) {
    if (sent_ < shape_.commands && random_.chance(0.1)) send(false);
    if (random_.chance(nature_.faults.kill)) {
      processes_[random_.below(processes_.size())]->kill();
    }
    step_something();
  }
}

void World::step_something() {
  Process& process = *processes_[random_.below(processes_.size())];
  if (process.loops() == 0) return;
  process.step(random_.below(process.loops()), false);
}

void World::send(bool repeat) {
  const auto burst = random_.between(1, 6);
  for (std::int64_t i = 0; i < burst; ++i) {
    ++sent_;
    SentCommand sent = repeat ? workload_.again() : workload_.next(nature_.now);
    const OutgoingRecord record{{Topic::commands, sent.partition}, std::move(sent.payload)};
    if (random_.chance(nature_.faults.lost_answer)) {
      // The client cannot know, so it sends it once more.
      nature_.send_late([this, record] { static_cast<void>(nature_.log.append({record})); });
    }
    const auto offsets = nature_.log.append({record});
    if (!offsets) throw Violation{offsets.error().what};
    nature_.note("    command {}-{}: {}", record.to.partition.value, offsets->front().value,
                 record.payload.value);
  }
}

void World::move_clock() {
  latest_ = std::max(latest_, nature_.now);
  // Never back by more than a loop's own clock may be wrong.
  const bool back = nature_.now == latest_ && random_.chance(0.2);
  const std::int64_t jump =
      back ? -random_.between(1, 5) * ms_per_minute : random_.between(1, 36) * 60 * ms_per_minute;
  nature_.now.ms += jump;
  nature_.note("    the clock jumps by {} minutes", jump / ms_per_minute);
}

/// Retention, as far as no living engine would still read them (30 days are longer than any pause).
void World::drop_answered_commands() {
  const auto p =
      static_cast<std::int32_t>(random_.below(static_cast<std::size_t>(shape_.partitions)));
  const TopicPartition commands{Topic::commands, Partition{p}};
  const auto results = nature_.log.records({Topic::results, Partition{p}}).size();
  const auto& there = nature_.log.records(commands);
  auto& dropped = dropped_[static_cast<std::size_t>(p)];
  if (results <= dropped.size() || there.empty()) return;
  std::size_t count = std::min(results - dropped.size(), there.size());
  for (const auto& process : processes_) {
    const auto needed = process->needs_command(Partition{p});
    while (needed && count > 0 && there[count - 1].offset >= *needed) --count;
  }
  if (count == 0) return;
  const Offset begin = there[count - 1].offset.next();
  dropped.insert(dropped.end(), there.begin(), there.begin() + static_cast<std::ptrdiff_t>(count));
  nature_.log.drop_before(commands, begin);
  nature_.note("    commands {} before {} are dropped", p, begin.value);
}

/// What `topics end-backfill` does: takes every engine's name, and logs that the clock is another.
void World::end_backfill() {
  for (std::int32_t p = 0; p < shape_.partitions; ++p) {
    auto& ended = backfill_ended_at_[static_cast<std::size_t>(p)];
    if (ended) continue;
    const auto writer = open_taken(nature_.log, "engine", Partition{p});
    nature_.owners.erase({"engine", Partition{p}});
    const std::size_t answered = nature_.log.records({Topic::results, Partition{p}}).size();
    const auto& dropped = dropped_[static_cast<std::size_t>(p)];
    const auto& commands = nature_.log.records({Topic::commands, Partition{p}});
    ended = answered - dropped.size() < commands.size()
                ? commands[answered - dropped.size()].offset
                : nature_.log.range({Topic::commands, Partition{p}})->end;
    EventDecoder decoder;
    const auto last =
        decoder.decode(nature_.log.records({Topic::events, Partition{p}}).back().payload.value);
    // The partition's clock stands where the last command was decided.
    ResultDecoder results;
    Instant now;
    if (answered > 0) {
      const auto& there = nature_.log.records({Topic::results, Partition{p}});
      now = results.decode(there.back().payload.value)->now;
    }
    Transaction transaction;
    transaction.places = {{Topic::commands, Partition{p}}};
    auto& record = transaction.records.emplace_back();
    record.to = {Topic::events, Partition{p}};
    append_event(record.payload.value,
                 {.log_id = log_id,
                  .sequence = last->sequence.next(),
                  .time = now,
                  .what = ClockSwitched{.partition = p, .clock = Clock::append}});
    if (!writer->commit(transaction)) throw Violation{"the backfill cannot be ended"};
    nature_.note("    the backfill of partition {} ends before command {}", p, ended->value);
  }
}

}  // namespace pesan::simulation
