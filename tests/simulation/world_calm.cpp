// The second half of a run: the world grows calm, everything comes to rest, and is judged.
#include <algorithm>
#include <utility>

#include "tests/simulation/world.hpp"

namespace pesan::simulation {

using judges::parsed;
using judges::text_in;

/// Each role has one process from here on: its owner, with all that it has been through, or a new
/// one. All others are zombies, which may go on and must not change anything.
void World::calm_phase() {
  phase_ = "calm phase";
  nature_.note("calm");
  nature_.faults = no_faults();
  nature_.let_others_act = [] {};
  nature_.deliver_all();
  nature_.show_everything();
  for (const auto& process : processes_) process->calm();

  std::vector<Duty> orphans;
  for (const Duty& duty : all_duties(shape_.partitions)) {
    std::vector<Placed> owners;
    for (const auto& process : processes_) {
      for (std::size_t i = 0; i < process->loops(); ++i) {
        if (process->duty(i) != duty) continue;
        (process->owns(i) ? owners : zombies_).push_back({process.get(), i});
      }
    }
    if (!owners.empty() && random_.chance(0.7)) {
      kept_.push_back(owners.back());
      owners.pop_back();
    } else {
      orphans.push_back(duty);
    }
    zombies_.insert(zombies_.end(), owners.begin(), owners.end());
  }
  processes_.push_back(std::make_unique<Process>(nature_, settings_, "successor", orphans));
  for (std::size_t i = 0; i < orphans.size(); ++i) kept_.push_back({processes_.back().get(), i});
  come_to_rest();
}

void World::come_to_rest() {
  // The new ones take over first, so that the old ones are what they are called.
  for (const auto& [process, loop] : kept_) process->step(loop, true);
  for (int round = 0; round < 2; ++round) {
    for (const auto& [process, loop] : zombies_) process->step_zombie(loop);
  }
  zombies_.clear();
  // Engines look each second at what is due: a world at rest is one that has come through a look.
  constexpr int a_second_of_rounds = 110;
  constexpr int most_rounds = 20'000;
  for (int idle = 0, round = 0; idle < a_second_of_rounds; ++round) {
    nature_.now.ms += 10;
    if (round == most_rounds) throw Violation{"the calm world does not come to rest"};
    std::size_t moved = 0;
    for (const auto& [process, loop] : kept_) moved += process->step(loop, true);
    idle = moved == 0 ? idle + 1 : 0;
  }
}

/// Everything is started anew, and clients ask once more what they had asked.
void World::second_life() {
  phase_ = "second life";
  nature_.note("second life");
  kept_.clear();
  processes_.clear();
  const auto duties = all_duties(shape_.partitions);
  processes_.push_back(std::make_unique<Process>(nature_, settings_, "second life", duties));
  processes_.back()->calm();
  for (int i = 0; i < 4; ++i) send(true);
  send(false);
  for (std::size_t i = 0; i < duties.size(); ++i) kept_.push_back({processes_.back().get(), i});
  come_to_rest();
}

Evidence World::evidence() const {
  Evidence evidence{.log = nature_.log,
                    .model = nature_.model,
                    .partitions = shape_.partitions,
                    .command_clock = shape_.command_clock,
                    .remember = settings_.remember,
                    .commands = dropped_,
                    .parked = settings_.parked,
                    .backfill_ended_at = backfill_ended_at_};
  for (std::int32_t p = 0; p < shape_.partitions; ++p) {
    const auto& there = nature_.log.records({Topic::commands, Partition{p}});
    auto& all = evidence.commands[static_cast<std::size_t>(p)];
    all.insert(all.end(), there.begin(), there.end());
  }
  return evidence;
}

void World::judge() {
  phase_ = "judgement";
  const Evidence all = evidence();
  judge_events(all);
  const audit::Model decided = judge_results(all);
  judge_timers(decided);
  judge_rows(all, decided);
  judge_customers(all, decided);
}

/// Nothing that was due is left, but for what became due since the last look. An engine does not
/// send again what somebody sets aside.
void World::judge_timers(const audit::Model& decided) const {
  constexpr std::int64_t a_look_ms = 1'100;
  for (std::int32_t p = 0; p < shape_.partitions; ++p) {
    if (!settings_.parked[static_cast<std::size_t>(p)].empty()) continue;
    const auto due = decided.due(p, nature_.now.ms - a_look_ms);
    if (due.empty()) continue;
    judges::violated(fmt::format("partition {}", p), "what is due still", "nothing", due.front());
  }
}

void World::tally(std::map<std::string, std::int64_t>& into) const {
  for (std::int32_t p = 0; p < shape_.partitions; ++p) {
    for (const Record& record : nature_.log.records({Topic::events, Partition{p}})) {
      ++into[text_in(parsed(record), "type")];
    }
    for (const Record& record : nature_.log.records({Topic::results, Partition{p}})) {
      const boost::json::object result = parsed(record);
      const boost::json::object& data = result.at("data").get_object();
      const bool rejected = data.contains("code");
      if (data.contains("duplicate")) {
        ++into["duplicate"];
      } else if (rejected) {
        ++into[text_in(data, "code")];
      } else if (text_in(result, "type") == "CommandForwarded") {
        ++into["forwarded"];
      } else if (data.at("events").get_array().empty()) {
        ++into["nothing"];
      }
    }
  }
  for (const Record& record : nature_.log.records({Topic::customers, Partition{0}})) {
    ++into[text_in(parsed(record), "type")];
  }
}

std::size_t World::commands() const {
  std::size_t count = 0;
  for (std::int32_t p = 0; p < shape_.partitions; ++p) {
    count += nature_.log.records({Topic::results, Partition{p}}).size();
  }
  return count;
}

}  // namespace pesan::simulation
