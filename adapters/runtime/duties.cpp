#include "adapters/runtime/duties.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include "adapters/runtime/thrown.hpp"

namespace pesan::runtime {
namespace {

using namespace std::chrono_literals;

constexpr auto first_pause = 10ms;
constexpr auto longest_pause = 1000ms;
constexpr auto soon = 10ms;
constexpr auto standing_by = 100ms;
// By then this process has heard of the new owner of the name, and does not fence it in return.
constexpr std::chrono::milliseconds after_conflict = 500ms;
/// A duty that fails for longer makes this process not ready.
constexpr auto fails_in_passing = 10s;
constexpr std::size_t most_names = 3;  // in one sentence
/// One that fails slowly, as where its topic has no leader, leaves the others of its thread, that
/// go on, most of the time: it pauses for so many times what its step took.
constexpr int times_as_long = 4;
constexpr std::chrono::milliseconds longest_of_those = 30s;

/// What is thrown is a failure that stops one duty; the others go on.
template <class Call>
auto guarded(Call call) -> decltype(call()) {
  try {
    return call();
  } catch (const std::exception& error) {
    return fail(FailureKind::fatal, sentence_of(error));
  }
}

/// For what must be gone on from: at the end of a duty nobody is left to stop.
template <class Call>
void regardless(const std::string& name, const Call& call) noexcept {
  try {
    call();
  } catch (const std::exception& error) {
    spdlog::error("{}: {}", name, error.what());
  }
}

}  // namespace

Duties::Duties(Options options, Claims& claims, Work work)
    : options_(std::move(options)), claims_(claims), commit_(std::move(work.commit)) {
  for (auto& duty : work.duties) {
    auto& running = all_.emplace_back();
    running.duty = std::move(duty);
    running.pause = first_pause;
  }
}

Duties::~Duties() {
  for (Running& running : all_) {
    if (running.mine) lost(running);
  }
}

Duties::Round Duties::round() {
  Round round;
  stops_.clear();
  step_all(round);
  say_who_stands_by();
  name_stops();
  for (const Running& running : all_) {
    if (running.stopped || running.due == Time{}) continue;
    round.again = std::min(round.again.value_or(running.due), running.due);
  }
  return round;
}

void Duties::step_all(Round& round) {
  // Taking over may last, and so may what failed: nobody's open step is to wait for it.
  std::vector<Running*> together;
  for (Running& running : all_) {
    if (running.begun && !running.alone) {
      together.push_back(&running);
    } else {
      step(running, round);
      commit(round);
    }
  }
  for (Running* running : together) step(*running, round);
  commit(round);
}

void Duties::step(Running& running, Round& round) {
  if (running.stopped || running.due > options_.now()) return;
  running.step_began = options_.now();
  const auto claim = guarded([&] { return claims_.begin(running.duty->place()); });
  if (!claim) return failed(running, claim.error());
  running.others = *claim == Claim::others;
  if (*claim == Claim::settling) {
    running.due = options_.now() + soon;
    return;
  }
  if (running.others) {
    if (running.mine) lost(running);
    running.due = options_.now() + standing_by;
    return;
  }
  running.mine = true;
  const auto step = work(running, claim->proof);
  if (!step) return failed(running, step.error());
  running.step = *step;
  running.open = step->open;
  if (!running.open) succeeded(running, round);
}

Fallible<Duty::Step> Duties::work(Running& running, const ClaimProof& proof) {
  auto step = guarded([&] {
    if (!running.begun && on_taking_) on_taking_();
    return running.duty->step(proof);
  });
  if (step && step->open) return step;
  if (const auto done = claim_done(running); step && !done) return std::unexpected(done.error());
  return step;
}

Fallible<void> Duties::claim_done(const Running& running) {
  return guarded([&]() -> Fallible<void> {
    claims_.done(running.duty->place());
    return {};
  });
}

void Duties::succeeded(Running& running, Round& round) {
  running.begun = !running.step.begins;
  running.alone = false;
  running.pause = first_pause;
  running.failing_since.reset();
  running.due = running.step.soon ? options_.now() + soon : Time{};
  round.done += running.step.done;
  if (running.step.done > 0) {
    round.worked =
        std::max<std::chrono::nanoseconds>(round.worked, options_.now() - running.step_began);
  }
}

void Duties::commit(Round& round) {
  std::vector<Running*> together;
  for (Running& running : all_) {
    if (std::exchange(running.open, false)) together.push_back(&running);
  }
  if (together.empty()) return;
  const auto committed = guarded([&] { return commit_(); });
  for (Running* running : together) {
    regardless(running->duty->name(), [&] { running->duty->settled(committed.has_value()); });
    const auto done = claim_done(*running);
    if (committed && !done) failed(*running, done.error());
    if (committed && done) succeeded(*running, round);
  }
  if (!committed) committed_nothing(together, committed.error());
}

void Duties::committed_nothing(const std::vector<Running*>& together, const Failure& failure) {
  if (together.size() == 1) return failed(*together.front(), failure);
  const auto pause = failure.kind == FailureKind::conflict ? after_conflict : first_pause;
  spdlog::warn("{}: {} ({}); {} partitions go again, each alone", options_.role, failure.what,
               name_of(failure.kind), together.size());
  for (Running* running : together) {
    running->alone = true;
    running->due = options_.now() + pause;
  }
}

/// Nothing of it is left for the next time that it is this process's.
void Duties::lost(Running& running) {
  regardless(running.duty->name(), [&] { running.duty->end(); });
  running.mine = false;
  running.begun = false;
  running.alone = false;
  running.failing_since.reset();
  running.pause = first_pause;
  regardless(running.duty->name(), [&] { claims_.release(running.duty->place()); });
}

void Duties::failed(Running& running, const Failure& failure) {
  const auto now = options_.now();
  running.alone = true;
  if (!running.failing_since) running.failing_since = now;
  const auto lasted =
      std::chrono::duration_cast<std::chrono::seconds>(now - *running.failing_since);
  if (failure.kind == FailureKind::fatal || failure.kind == FailureKind::poison ||
      failure.kind == FailureKind::usage) {
    return stop(running, failure.kind, failure.what);
  }
  if (options_.patience && lasted >= *options_.patience) {
    return stop(running, failure.kind,
                fmt::format("{} (given up after {} s)", failure.what, lasted.count()));
  }
  const auto pause = failure.kind == FailureKind::conflict ? after_conflict : running.pause;
  spdlog::warn("{}: {} ({}); again in {} ms", running.duty->name(), failure.what,
               name_of(failure.kind), pause.count());
  if (failure.kind != FailureKind::transient) {
    const auto restarted = guarded([&]() -> Fallible<void> {
      running.duty->restart();
      return {};
    });
    if (!restarted) return stop(running, FailureKind::fatal, restarted.error().what);
  }
  running.due = now + pause;
  const bool delays_others =
      std::ranges::any_of(all_, [](const Running& r) { return r.begun && !r.alone; });
  if (delays_others) {
    const auto as_it_took = std::min<std::chrono::milliseconds>(
        std::chrono::ceil<std::chrono::milliseconds>(now - running.step_began) * times_as_long,
        longest_of_those);
    running.due = std::max(running.due, now + as_it_took);
  }
  running.pause = std::min<std::chrono::milliseconds>(running.pause * 2, longest_pause);
}

void Duties::stop(Running& running, FailureKind kind, const std::string& why) {
  running.stopped = true;
  if (running.mine) {
    lost(running);
    regardless(running.duty->name(), [&] { claims_.give_up(running.duty->place()); });
  }
  const auto same = std::find_if(stops_.begin(), stops_.end(),
                                 [&](const Stop& stop) { return stop.failure.what == why; });
  auto& stop = same != stops_.end() ? *same : stops_.emplace_back(Stop{{}, {kind, why}});
  stop.places.push_back(running.duty->place());
}

void Duties::say_who_stands_by() {
  const auto others = static_cast<std::size_t>(
      std::count_if(all_.begin(), all_.end(), [](const Running& r) { return r.others; }));
  if (others == std::exchange(said_standing_by_, others)) return;
  if (others == 0) return spdlog::info("{}: no longer standing by", options_.role);
  spdlog::info("{}: another process runs it for {} of {} partition{}; standing by", options_.role,
               others, all_.size(), all_.size() == 1 ? "" : "s");
}

void Duties::name_stops() {
  for (Stop& stop : stops_) {
    std::vector<std::string> names;
    for (const Running& running : all_) {
      const auto& places = stop.places;
      if (std::find(places.begin(), places.end(), running.duty->place()) == places.end()) continue;
      names.push_back(running.duty->name());
    }
    const std::string who = names.size() <= most_names
                                ? fmt::format("{}", fmt::join(names, ", "))
                                : fmt::format("{} of {} partitions", options_.role, names.size());
    stop.failure.what = fmt::format("{} stopped: {}", who, stop.failure.what);
  }
}

bool Duties::all_stopped() const {
  return std::all_of(all_.begin(), all_.end(), [](const Running& r) { return r.stopped; });
}

std::vector<metrics::DutyStanding> Duties::standings() const {
  using metrics::Standing;
  std::vector<metrics::DutyStanding> standings;
  for (const Running& running : all_) {
    const bool fails =
        running.failing_since && options_.now() - *running.failing_since >= fails_in_passing;
    const Standing standing = running.stopped           ? Standing::stopped
                              : running.others          ? Standing::others
                              : running.begun && !fails ? Standing::mine
                                                        : Standing::waiting;
    standings.push_back({.place = running.duty->place(), .standing = standing});
  }
  return standings;
}

bool Duties::all_begun() const {
  return std::all_of(all_.begin(), all_.end(),
                     [](const Running& r) { return r.begun || r.others || r.stopped; });
}

}  // namespace pesan::runtime
