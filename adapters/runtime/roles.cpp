#include "adapters/runtime/roles.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "adapters/metrics/measured_read_model.hpp"
#include "adapters/sqlite/sqlite_log.hpp"

namespace pesan::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto idle_wait = 50ms;  // at most, before `stop` is heeded
constexpr std::chrono::milliseconds unwatched_wait = 2ms;
// Events a transaction, where so many wait: each batch rewrites many pages, and a large one
// rewrites each of them once.
constexpr std::size_t projector_batch = 8000;
/// On Kafka each transaction is work for the servers, however small. Where few records come at a
/// time they gather for as long as the last ones took: the more crowded the servers, the fewer
/// transactions they are given.
constexpr std::chrono::nanoseconds shortest_rest = 5ms;
constexpr std::chrono::nanoseconds longest_rest = 50ms;
/// No more: a backlog of large records, of which a read brings few, is not to rest.
constexpr std::size_t few_records = 200;
constexpr TopicPartition customers_topic{Topic::customers, Partition{0}};

/// `0812****789`: enough to recognise, not enough to call.
std::string masked_phone(std::string_view phone) {
  const std::size_t shown = phone.size() <= 6 ? 0 : 3;
  return std::string(phone.size() - shown, '*').append(phone.substr(phone.size() - shown));
}

}  // namespace

Roles::Roles(Log& log, OpenStore open_store, RoleOptions options)
    : log_(log),
      open_store_(std::move(open_store)),
      options_(std::move(options)),
      snapshotter_(options_.snapshots, log.partitions()),
      engines_starting_(options_.engine_threads),
      tallies_(static_cast<std::size_t>(options_.engine_threads)) {}

void Roles::start() {
  const auto start_role = [this](Role role, const char* name, std::int32_t threads, auto run) {
    auto& running = running_.emplace_back(Running{.claims = options_.claims(role), .threads = {}});
    for (std::int32_t i = 0; i < threads; ++i) {
      auto* loop =
          options_.metrics == nullptr ? nullptr : &options_.metrics->health().add_loop(name);
      running.threads.emplace_back([this, role, run, &claims = *running.claims, i, loop] {
        try {
          (this->*run)(claims, i, loop);
        } catch (const std::exception& bug) {  // or no memory; the other threads go on
          broke_off(role, i, loop, bug.what());
        }
      });
    }
  };
  if (options_.engine) {
    start_role(Role::engine, "engine", options_.engine_threads, &Roles::run_engines);
    snapshotter_.start();
  }
  if (options_.registry) start_role(Role::registry, "registry", 1, &Roles::run_registry);
  if (options_.projector) {
    start_role(Role::projector, "projector", options_.projector_threads, &Roles::run_projectors);
  }
}

void Roles::stop() {
  stopping_ = true;
  recoveries_.request_stop();
  snapshotter_.request_stop();
  // Each role leaves its group as soon as it has ended: nobody waits for the slowest.
  for (Running& running : running_) {
    for (auto& thread : running.threads) thread.join();
    running.claims.reset();
  }
  running_.clear();
  snapshotter_.stop();
}

std::optional<Failure> Roles::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

bool Roles::stopped(const Stopped& which) const {
  const std::lock_guard lock(mutex_);
  return stopped_.contains(which);
}

bool Roles::over() const {
  const std::lock_guard lock(mutex_);
  const auto all = [&](Role role, Topic topic) {
    const auto stopped = std::count_if(stopped_.begin(), stopped_.end(), [&](const Stopped& s) {
      return s.role == role && s.place.topic == topic;
    });
    return stopped == log_.partitions();
  };
  if (all(Role::engine, Topic::commands) || all(Role::projector, Topic::events)) return true;
  return options_.registry && !options_.engine && !options_.projector && !stopped_.empty();
}

Tally Roles::tally() const {
  const std::lock_guard lock(mutex_);
  Tally sum;
  for (const Tally& tally : tallies_) sum += tally;
  return sum;
}

std::vector<TopicPartition> Roles::places_of(Role role, std::int32_t first) const {
  if (role == Role::registry) return {customers_topic};
  const bool engine = role == Role::engine;
  const auto threads = engine ? options_.engine_threads : options_.projector_threads;
  std::vector<TopicPartition> places;
  for (auto p = first; p < log_.partitions(); p += threads) {
    places.push_back({engine ? Topic::commands : Topic::events, Partition{p}});
  }
  if (!engine && first + 1 == threads) places.push_back(customers_topic);
  return places;
}

void Roles::broke_off(Role role, std::int32_t first, metrics::Health::Loop* loop,
                      const char* why) try {
  Failure failure{FailureKind::fatal, fmt::format("a thread of this process broke off: {}", why)};
  spdlog::error("{}", failure.what);
  std::vector<metrics::DutyStanding> standings;
  const std::lock_guard lock(mutex_);
  for (const TopicPartition place : places_of(role, first)) {
    stopped_.insert({role, place});
    standings.push_back({.place = place, .standing = metrics::Standing::stopped});
  }
  if (!failure_) failure_ = std::move(failure);
  if (loop == nullptr) return;
  loop->report(std::move(standings), std::chrono::steady_clock::now());
  loop->end();
} catch (const std::exception& bug) {  // no memory for that either
  spdlog::error("{}", bug.what());
}

Duties::Options Roles::duty_options(const char* role) const {
  return {.role = role, .patience = options_.patience};
}

void Roles::drive(const Driven& driven, const std::function<void()>& after) {
  Duties& duties = driven.duties;
  const auto show = [&] {
    if (driven.loop == nullptr) return;
    driven.loop->report(duties.standings(), std::chrono::steady_clock::now());
  };
  duties.on_taking(show);
  while (!stopping_ && !duties.all_stopped()) {
    // Before looking: whatever is committed after it ends the wait below.
    const auto seen = options_.watched != nullptr ? options_.watched->changes() : 0;
    const auto round = duties.round();
    record(driven.role, duties);
    log_.idle();
    show();
    after();
    const bool few = round.done < std::min(few_records, options_.batch);
    if (round.done == 0) {
      wait(driven, seen, round);
    } else if (few && options_.watched == nullptr) {
      std::this_thread::sleep_for(std::clamp(round.worked, shortest_rest, longest_rest));
    }
  }
  if (driven.loop != nullptr) driven.loop->end();
}

/// One look at the log wakes all partitions: none is read while nothing changed.
void Roles::wait(const Driven& driven, std::uint64_t seen, const Duties::Round& round) {
  while (!stopping_) {
    if (driven.loop != nullptr) driven.loop->beat(std::chrono::steady_clock::now());
    auto slice = std::chrono::milliseconds{idle_wait};
    if (round.again) {
      const auto left = *round.again - std::chrono::steady_clock::now();
      if (left <= 0ms) return;
      slice = std::min(slice, std::chrono::ceil<std::chrono::milliseconds>(left));
    }
    if (options_.watched == nullptr) {
      return std::this_thread::sleep_for(round.stepped ? std::min(slice, unwatched_wait) : slice);
    }
    const auto changed = options_.watched->wait_for_change(seen, slice);
    if (!changed) return std::this_thread::sleep_for(idle_wait);  // the next round says why
    if (*changed) return;
  }
}

void Roles::record(Role role, const Duties& duties) {
  for (const auto& [places, failure] : duties.stops()) {
    spdlog::error("{}", failure.what);
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = failure;
    for (const TopicPartition place : places) stopped_.insert({role, place});
  }
}

EngineOptions Roles::engine_options(Partition partition) const {
  EngineOptions options;
  options.recovery.partition = partition;
  options.recovery.remember = options_.remember;
  options.recovery.reading.stop = recoveries_.get_token();
  options.recovery.snapshots = options_.snapshots.store.get();
  options.recovery.say = [](std::string_view note) { spdlog::warn("{}", note); };
  options.recovery.inform = [](std::string_view note) { spdlog::info("{}", note); };
  for (const auto& [where, offset] : options_.parked) {
    if (where == partition) options.recovery.parked.insert(offset);
  }
  options.batch = options_.batch;
  options.wall_clock = system_now;
  options.stopwatch = [] { return std::chrono::steady_clock::now().time_since_epoch(); };
  return options;
}

Fallible<std::unique_ptr<Engine>> Roles::start_engine(Partition partition) {
  EngineOptions options = engine_options(partition);
  metrics::Metrics::Recovery recovery{.partition = partition};
  options.recovery.replayed = [&recovery](std::int64_t events) { recovery.events = events; };
  const auto begun = std::chrono::steady_clock::now();
  auto engine = Engine::start(log_, std::move(options));
  if (!engine) return engine;
  recovery.took = std::chrono::steady_clock::now() - begun;
  if (options_.metrics != nullptr) options_.metrics->recovered(recovery);
  return engine;
}

/// Says once that a backfill was sent to a log that follows its append time.
void Roles::say_old_times(const AnsweredBatch& batch) {
  if (old_times_said_ || !options_.says_old_times) return;
  const auto is_old = [](const Answered& a) { return a.time == TimeNote::not_followed; };
  if (!std::ranges::any_of(batch.commands, is_old)) return;
  if (old_times_said_.exchange(true)) return;
  spdlog::warn(
      "commands bring a `time` of long ago, and this log follows its append time: they "
      "are decided as of now. A backfill needs a log of its own, made with --clock "
      "command");
}

void Roles::run_engines(Claims& claims, std::int32_t first, metrics::Health::Loop* loop) {
  const auto places = places_of(Role::engine, first);
  // A partition with a thread of its own may wait in the log; several are woken together.
  const auto engine_wait = options_.watched == nullptr && places.size() == 1 ? idle_wait : 0ms;
  std::vector<std::unique_ptr<Engine>> engines(places.size());
  Tally ended;  // of engines that are no more
  std::vector<Duty> list;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const TopicPartition place = places[i];
    auto& engine = engines[i];
    const auto end = [this, &engine, &ended, place] {
      snapshotter_.deciding(place.partition, false);
      if (engine != nullptr) ended += engine->processor().tally();
      engine.reset();
    };
    const auto step = [this, &engine, place, engine_wait, loop]() -> Fallible<Duty::Step> {
      if (engine == nullptr) {
        if (loop != nullptr) loop->recovers(std::chrono::steady_clock::now());
        auto started = start_engine(place.partition);
        if (!started) return std::unexpected(started.error());
        engine = *std::move(started);
        snapshotter_.deciding(place.partition, true);
      }
      const auto decided = engine->step(engine_wait);
      if (!decided) return std::unexpected(decided.error());
      if (options_.metrics != nullptr) {
        options_.metrics->answered(engine->answered(), system_now());
        options_.metrics->clock_stands(place.partition, engine->processor().position().now,
                                       system_now());
      }
      say_old_times(engine->answered());
      return Duty::Step{.done = *decided, .waited = engine->answered().waiting};
    };
    list.push_back({.name = fmt::format("engine of partition {}", place.partition.value),
                    .place = place,
                    .step = step,
                    .end = end,
                    .restart = end});
  }
  Duties duties(duty_options("engine"), claims, std::move(list));
  bool begun = false;
  drive({.role = Role::engine, .duties = duties, .loop = loop}, [&] {
    if (!begun && duties.all_begun()) {
      begun = true;
      --engines_starting_;
    }
    Tally tally = ended;
    for (const auto& engine : engines) {
      if (engine != nullptr) tally += engine->processor().tally();
    }
    const std::lock_guard lock(mutex_);
    tallies_[static_cast<std::size_t>(first)] = tally;
  });
}

void Roles::run_registry(Claims& claims, std::int32_t /*first*/, metrics::Health::Loop* loop) {
  std::unique_ptr<Registry> registry;
  RegistryOptions options;
  options.linked = [this](bool is_new, std::string_view name, std::string_view phone) {
    spdlog::info("{}: {} ({})",
                 is_new ? "New customer auto-created from booking"
                        : "Existing customer booking date updated",
                 name, options_.clear_phone ? std::string(phone) : masked_phone(phone));
  };
  if (!spdlog::should_log(spdlog::level::info)) options.linked = nullptr;
  const auto step = [&]() -> Fallible<Duty::Step> {
    if (registry == nullptr) {
      if (loop != nullptr) loop->recovers(std::chrono::steady_clock::now());
      auto started = Registry::start(log_, options);
      if (!started) return std::unexpected(started.error());
      registry = *std::move(started);
    }
    // All partitions have their turn before few events are given a rest to gather in.
    std::size_t done = 0;
    for (std::int32_t turn = 0; turn < log_.partitions() && done < few_records; ++turn) {
      const auto read = registry->step(0ms);
      if (!read) return std::unexpected(read.error());
      if (*read == 0 || stopping_) break;
      done += *read;
    }
    return Duty::Step{.done = done};
  };
  const auto end = [&registry] { registry.reset(); };
  Duties duties(
      duty_options("registry"), claims,
      {{.name = "registry", .place = customers_topic, .step = step, .end = end, .restart = end}});
  drive({.role = Role::registry, .duties = duties, .loop = loop});
}

Fallible<std::unique_ptr<ReadModel>> Roles::open_settled_store() {
  auto store = open_store_();
  if (!store) return store;
  if (auto settled = (*store)->settle_rebuild(); !settled) {
    return std::unexpected(settled.error());
  }
  if (options_.metrics == nullptr) return store;
  return std::make_unique<metrics::MeasuredReadModel>(*std::move(store), *options_.metrics);
}

void Roles::run_projectors(Claims& claims, std::int32_t first, metrics::Health::Loop* loop) {
  std::unique_ptr<ReadModel> store;
  std::map<TopicPartition, Projector> projectors;
  const auto restart = [&] {
    projectors.clear();
    store.reset();
  };
  const auto step = [&](TopicPartition source) -> Fallible<Duty::Step> {
    if (loop != nullptr) loop->beat(std::chrono::steady_clock::now());
    if (store == nullptr) {
      auto opened = open_settled_store();
      if (!opened) return std::unexpected(opened.error());
      store = *std::move(opened);
    }
    const ReadLimit limit{.records = projector_batch, .bytes = std::size_t{8} << 20, .wait = {}};
    auto& projector = projectors.try_emplace(source, log_, *store, source, limit).first->second;
    const auto done = projector.step();
    if (!done) return std::unexpected(done.error());
    if (options_.metrics != nullptr) {
      options_.metrics->applied(source.topic, projector.applied(), system_now());
    }
    if (done->records > 0) claims.reached(source, projector.position()->next_offset);
    // Somebody else moves the checkpoint: nothing in the log says when that is over.
    const bool soon =
        done->kind == ProjectorStep::Kind::conflict || done->kind == ProjectorStep::Kind::frozen;
    return Duty::Step{.done = done->records, .soon = soon};
  };
  std::vector<Duty> list;
  for (const TopicPartition source : places_of(Role::projector, first)) {
    list.push_back(
        {.name = fmt::format("projector of {}-{}", name_of(source.topic), source.partition.value),
         .place = source,
         .step = [&step, source] { return step(source); },
         .end = [&projectors, source] { projectors.erase(source); },
         .restart = restart});
  }
  Duties duties(duty_options("projector"), claims, std::move(list));
  drive({.role = Role::projector, .duties = duties, .loop = loop});
}

}  // namespace pesan::cli
