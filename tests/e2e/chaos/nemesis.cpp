#include "tests/e2e/chaos/nemesis.hpp"

#include <algorithm>
#include <csignal>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "tests/e2e/stored.hpp"

namespace pesan::chaos {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t most_members = 12;
constexpr std::size_t least_members = 7;  // those of the start
constexpr seconds brokers_rest{6};

}  // namespace

std::map<Fault, int> usual_weights() {
  using enum Fault;
  return {{kill, 10},
          {kill_role, 3},
          {zombie, 8},
          {replaced_zombie, 3},
          {kill_at_point, 16},
          {zombie_at_point, 8},
          {kill_amid_markers, 6},
          {nap, 3},
          {terminate, 4},
          {add_member, 2},
          {remove_member, 2},
          {kill_broker, 4},
          {pause_broker, 2},
          {cut_broker, 3},
          {kill_database, 2},
          {pause_database, 2},
          {cut_before, 4},
          {cut_after_commit, 4},
          {rebuild, 2},
          {kill_rebuild, 2},
          {cut_rebuild_before, 1},
          {cut_rebuild_after, 1},
          {verify, 2}};
}

std::vector<kafka::TransactionPoint> all_points() {
  using enum kafka::TransactionPoint;
  return {begun, offsets_sent, records_sent, all_delivered, committed};
}

Nemesis::Nemesis(Options options, Members& members, Servers& servers)
    : options_(std::move(options)),
      members_(members),
      servers_(servers),
      random_(options_.seed),
      begun_(std::chrono::steady_clock::now()),
      next_(begun_ + seconds{2}) {}

void Nemesis::tell(Fault fault, const std::string& what) {
  ++tally_[fault];
  note(fmt::format("{}{}{}", name_of(fault), what.empty() ? "" : ": ", what));
}

void Nemesis::note(std::string_view what) {
  const std::chrono::duration<double> since = std::chrono::steady_clock::now() - begun_;
  story_.push_back(fmt::format("{:6.1f} s  {}", since.count(), what));
}

// --- the course of things -----------------------------------------------------------------------

void Nemesis::act(Time now) {
  members_.look(now);
  look_at_points(now);
  look_at_tools(now);
  look_at_servers(now);
  if (now < next_) return;
  // Several at a time, one after the other, and now and then nothing, so that all are at work when
  // the next one comes.
  const int pace = below(8);
  next_ = now + (pace < 2 ? between(0, 100) : pace < 7 ? between(500, 3500) : between(5000, 9000));
  strike(now);
}

void Nemesis::look_at_servers(Time now) {
  if (cuts_.left > 0 && cuts_.due <= now) {
    servers_.cut_connections_to(cuts_.broker);
    --cuts_.left;
    cuts_.due = now + milliseconds{300};
  }
  for (Repair* repair : {&broker_repair_, &database_repair_}) {
    if (repair->what && repair->due <= now) std::exchange(repair->what, nullptr)();
  }
  if (broker_away_ && !broker_repair_.what && servers_.broker_listens(*broker_away_)) {
    broker_away_.reset();
    brokers_rest_until_ = now + brokers_rest;
  }
  if (!database_repair_.what && database_away_) database_away_ = !servers_.database_listens();
}

void Nemesis::strike(Time now) {
  int sum = 0;
  for (const auto& [fault, weight] : options_.weights) sum += weight;
  int drawn = below(sum);
  for (const auto& [fault, weight] : options_.weights) {
    drawn -= weight;
    if (drawn >= 0) continue;
    // What cannot happen now leaves its turn to the next one.
    if (!strike(fault, now)) next_ = now;
    return;
  }
}

bool Nemesis::strike(Fault fault, Time now) {
  using enum Fault;
  switch (fault) {
    case kill:
    case kill_role:
    case zombie:
    case replaced_zombie:
    case nap:
    case terminate:
    case add_member:
    case remove_member: return strike_member(fault, now);
    case kill_at_point:
    case zombie_at_point:
    case kill_amid_markers: return strike_at_point(fault, now);
    case kill_broker:
    case pause_broker:
    case cut_broker:
    case kill_database:
    case pause_database: return strike_server(fault, now);
    case cut_before:
    case cut_after_commit: return strike_link(fault, now);
    case rebuild:
    case kill_rebuild:
    case cut_rebuild_before:
    case cut_rebuild_after:
    case verify: return start_tool(fault, now);
  }
  return false;
}

void Nemesis::calm() {
  for (Repair* repair : {&broker_repair_, &database_repair_}) {
    if (repair->what) std::exchange(repair->what, nullptr)();
  }
  cuts_.left = 0;
  cuts_before_ = 0;
  cuts_after_ = 0;
  swap_cut_ = 0;
  servers_.await();
  members_.calm();
  for (Tool& tool : tools_) tool.kill_at.reset();
  const auto deadline = std::chrono::steady_clock::now() + seconds{60};
  while (!tools_.empty() && std::chrono::steady_clock::now() < deadline) {
    look_at_tools(std::chrono::steady_clock::now());
    std::this_thread::sleep_for(milliseconds{50});
  }
  for (const Tool& tool : tools_) {
    findings_.push_back(
        fmt::format("{} does not end:\n{}", name_of(tool.why), tool.program->err()));
  }
  tools_.clear();
}

// --- processes ----------------------------------------------------------------------------------

/// One that runs and is not in the middle of another fault.
Member* Nemesis::some_member() {
  std::vector<Member*> able;
  for (const auto& member : members_.all()) {
    if (!options_.victims.empty() && member->role != options_.victims) continue;
    const bool free =
        member->program != nullptr && !member->paused && !member->leaving && !member->this_life;
    if (free && member->program->running()) able.push_back(member.get());
  }
  if (able.empty()) return nullptr;
  return able[static_cast<std::size_t>(below(static_cast<int>(able.size())))];
}

bool Nemesis::strike_member(Fault fault, Time now) {
  auto& all = members_.all();
  if (fault == Fault::add_member) {
    if (all.size() >= most_members) return false;
    static constexpr const char* roles[] = {"engine", "registry", "projector"};
    members_.add(roles[below(3)], below(2) == 0);
    tell(fault, all.back()->name);
    return true;
  }
  Member* member = fault == Fault::remove_member ? all.back().get() : some_member();
  if (all.size() >= most_members && fault == Fault::replaced_zombie) return false;
  if (member == nullptr || member->program == nullptr || member->paused || member->this_life) {
    return false;
  }
  const auto pause = [&](milliseconds length) {
    members_.pause(*member);
    member->due = now + length;
    tell(fault, fmt::format("{} for {} ms", member->name, length.count()));
  };
  const auto replace = [&](Member& one, milliseconds after) {
    members_.kill(one);
    one.due = now + after;
    return fmt::format("{}, back in {} ms", one.name, after.count());
  };
  switch (fault) {
    case Fault::kill: tell(fault, replace(*member, away())); return true;
    case Fault::kill_role: {
      std::string who;
      const std::string role = member->role;
      for (auto& one : all) {
        if (one->role != role || one->program == nullptr || one->leaving) continue;
        who += (who.empty() ? "" : "; ") + replace(*one, away());
      }
      tell(fault, who);
      return true;
    }
    case Fault::zombie: pause(between(6500, 10'000)); return true;
    case Fault::replaced_zombie:
      if (member->instance.empty()) return false;
      pause(between(1000, 12'000));
      members_.replace(*member);
      return true;
    case Fault::nap: pause(between(100, 3000)); return true;
    case Fault::terminate:
      members_.tell_to_end(*member);
      member->due = now + away();
      tell(fault, member->name);
      return true;
    default: break;
  }
  if (all.size() <= least_members || member->leaving) return false;
  tell(fault, member->name);
  members_.remove_last();
  return true;
}

// --- points of a transaction ---------------------------------------------------------------------

/// It ends, and comes back as pesan_canary, which stops at the point by itself.
bool Nemesis::strike_at_point(Fault fault, Time now) {
  Member* member = some_member();
  // A projector has no transactions of Kafka.
  if (member == nullptr || member->role == "projector") return false;
  const bool amid_markers = fault == Fault::kill_amid_markers;
  // Somebody is to take over and go on meanwhile.
  const auto away_too = [&](const auto& other) {
    return other->role == member->role &&
           (other->paused || other->next_life || (other->this_life && other->this_life->then));
  };
  if (std::ranges::any_of(members_.all(), away_too)) return false;
  // Only a static one has its partitions again before the markers are there.
  if (amid_markers && member->instance.empty()) return false;
  const auto drawn = below(static_cast<int>(options_.points.size()));
  const auto point = amid_markers ? kafka::TransactionPoint::all_delivered
                                  : options_.points[static_cast<std::size_t>(drawn)];
  // In its first transaction it takes a partition over.
  const int passing = below(2) == 0 ? 1 : 2 + below(5);
  member->next_life = Ambush{
      .point = point, .passing = passing, .then = what_follows(fault), .until = now + seconds{40}};
  members_.tell_to_end(*member);
  member->due = now;
  note(fmt::format("{} ends, to stop when {} for the {}. time", member->name, name_of(point),
                   passing));
  return true;
}

void Nemesis::look_at_points(Time now) {
  for (auto& member : members_.all()) {
    if (!member->this_life || member->program == nullptr || member->leaving) continue;
    Ambush& ambush = *member->this_life;
    if (ambush.then != nullptr && members_.is_stopped(*member)) {
      std::exchange(ambush.then, nullptr)(*member);
    } else if (ambush.until <= now) {
      if (ambush.then != nullptr) tell(Fault::kill, member->name + ", which came to no such point");
      members_.kill(*member);
      member->due = now;
    }
  }
}

/// The dice are thrown before it stands there, so that the seed fixes them.
std::function<void(Member&)> Nemesis::what_follows(Fault fault) {
  const auto met = [this, fault](const Member& member, const std::string& what) {
    const auto point = name_of(member.this_life->point);
    tell(fault, fmt::format("{} {}, {}", member.name, point, what));
  };
  if (fault == Fault::zombie_at_point) {
    // The next owner is to meet what it left open, which the broker ends after 10 s to 20 s.
    return [this, met, length = between(8000, 11'000)](Member& member) {
      met(member, fmt::format("for {} ms", length.count()));
      members_.pause(member);
      member.due = std::chrono::steady_clock::now() + length;
      member.this_life.reset();
    };
  }
  if (fault == Fault::kill_amid_markers) {
    return [this, met, broker = below(servers_.broker_count())](Member& member) {
      met(member, fmt::format("late in broker {}", broker + 1));
      cuts_ = {.broker = broker, .left = 8, .due = {}};
      look_at_servers(std::chrono::steady_clock::now());
      members_.wake(member);
      member.this_life->until = std::chrono::steady_clock::now() + milliseconds{100};
    };
  }
  return [this, met, after = away()](Member& member) {
    met(member, fmt::format("back in {} ms", after.count()));
    members_.kill(member);
    member.due = std::chrono::steady_clock::now() + after;
  };
}

// --- servers and connections --------------------------------------------------------------------

bool Nemesis::strike_server(Fault fault, Time now) {
  using enum Fault;
  if (fault == kill_database || fault == pause_database) {
    if (database_away_) return false;
    database_away_ = true;
    const bool kills = fault == kill_database;
    const auto length = kills ? between(0, 3000) : between(500, 9000);
    tell(fault, fmt::format("for {} ms", length.count()));
    servers_.signal_database(kills ? SIGKILL : SIGSTOP);
    database_repair_ = {now + length, [this, kills] {
                          if (kills) return servers_.restart_database();
                          servers_.signal_database(SIGCONT);
                        }};
    return true;
  }
  const int broker = below(servers_.broker_count());
  if (fault == cut_broker) {
    if (!servers_.cut_connections_to(broker)) return false;
    tell(fault, std::to_string(broker + 1));
    return true;
  }
  // One of one would be all of them, and nothing is promised for two of three.
  if (broker_away_ || now < brokers_rest_until_ || servers_.broker_count() < 3) return false;
  broker_away_ = broker;
  const bool kills = fault == kill_broker;
  // Every other pause is longer than a message waits (8 s), so that rounds are undone.
  const auto length = kills           ? between(0, 5000)
                      : below(2) == 0 ? between(1000, 8000)
                                      : between(9000, 12'000);
  tell(fault, fmt::format("{} for {} ms", broker + 1, length.count()));
  servers_.signal_broker(broker, kills ? SIGKILL : SIGSTOP);
  broker_repair_ = {now + length, [this, kills, broker] {
                      if (kills) return servers_.restart_broker(broker);
                      servers_.signal_broker(broker, SIGCONT);
                    }};
  return true;
}

bool Nemesis::strike_link(Fault fault, Time) {
  const int count = 1 + below(6);
  (fault == Fault::cut_before ? cuts_before_ : cuts_after_) = count;
  tell(fault, fmt::format("{} times", count));
  return true;
}

MysqlProxy::Verdict Nemesis::on_command(std::string_view command) {
  using enum MysqlProxy::Verdict;
  if (command.starts_with("RENAME TABLE")) {
    const int cut = swap_cut_.exchange(0);
    return cut == 0 ? pass : cut < 0 ? cut_before : cut_after;
  }
  const auto take = [](std::atomic<int>& left) {
    int count = left;
    while (count > 0 && !left.compare_exchange_weak(count, count - 1)) {
    }
    return count > 0;
  };
  if (take(cuts_before_)) return cut_before;
  if (command.starts_with("COMMIT") && take(cuts_after_)) return cut_after;
  return pass;
}

// --- the tools of operators ---------------------------------------------------------------------

bool Nemesis::start_tool(Fault fault, Time now) {
  const bool verifies = fault == Fault::verify;
  const bool busy = std::ranges::any_of(
      tools_, [&](const Tool& tool) { return (tool.why == Fault::verify) == verifies; });
  if (busy) return false;
  Arguments words{"verify"};
  if (!verifies) words = {"rebuild", below(3) == 0 ? "customers" : "events"};
  tell(fault, verifies ? "" : words.back());
  words.insert(words.end(), options_.places.begin(), options_.places.end());
  Tool tool{.why = fault,
            .program = std::make_unique<Program>(words, options_.environment, options_.program),
            .kill_at = std::nullopt};
  if (fault == Fault::kill_rebuild) tool.kill_at = now + between(30, 2500);
  if (fault == Fault::cut_rebuild_before) swap_cut_ = -1;
  if (fault == Fault::cut_rebuild_after) swap_cut_ = 1;
  tools_.push_back(std::move(tool));
  return true;
}

void Nemesis::look_at_tools(Time now) {
  for (Tool& tool : tools_) {
    if (tool.kill_at && *tool.kill_at <= now) tool.program->signal(SIGKILL);
    if (tool.program->running()) continue;
    const Outcome outcome = tool.program->wait();
    tool.program.reset();
    e2e::write_file(fmt::format("{}/tool-{}.err", options_.folder, ++tools_ended_),
                    fmt::format("{}: exit code {}\n{}{}", name_of(tool.why), outcome.exit_code,
                                outcome.out, outcome.err));
    if (outcome.exit_code == 0) ++(tool.why == Fault::verify ? verifies_done_ : rebuilds_done_);
    // What is outside may fail them; tables that drifted may not.
    const bool drifted = outcome.exit_code == 1 || outcome.out.contains("repaired") ||
                         outcome.err.contains("repaired");
    if (!drifted) continue;
    findings_.push_back(fmt::format("{}: exit code {}\n{}{}", name_of(tool.why), outcome.exit_code,
                                    outcome.out.substr(0, 4000), outcome.err));
  }
  std::erase_if(tools_, [](const Tool& tool) { return tool.program == nullptr; });
}

}  // namespace pesan::chaos
